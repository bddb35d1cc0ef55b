/** Variables of a scenario: overridden from the command line, and laid out for templates. */
import { CfBusError, type JsonValue, safe, suggest } from '../kernel/index.js';
import type { Scenario, TemplateScope, Variables } from './types.js';

/**
 * The scenario with variables set anew, as `--set name=value` does: JSON where the text is JSON, else the text itself.
 * @throws CfBusError `USAGE` for a name that the scenario does not have.
 */
export function withVariables(
  scenario: Scenario,
  overrides: Iterable<readonly [name: string, text: string]>,
): Scenario {
  const variables = new Map(scenario.variables);
  for (const [name, text] of overrides) {
    if (!variables.has(name)) throw unknownVariable(name, scenario);
    variables.set(name, parseValue(text));
  }
  return { ...scenario, variables };
}

/** `variables` of a template's scope: made once a run. */
export function variableScope(variables: Variables): TemplateScope['variables'] {
  return Object.freeze(Object.fromEntries(variables));
}

function parseValue(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function unknownVariable(name: string, scenario: Scenario): CfBusError {
  const names = [...scenario.variables.keys()];
  const near = suggest(name, names);
  const hint =
    names.length === 0
      ? 'it has no `variables`'
      : near === undefined
        ? `it has ${names.join(', ')}`
        : `did you mean \`${near}\`?`;
  return new CfBusError('USAGE', `${safe(scenario.file)} has no variable \`${safe(name)}\``, { hint: safe(hint) });
}
