/** The scenario file's schema: the one source of validation, of the JSON Schema and of the reference. */
import * as z from 'zod/mini';
import { expectation } from './schema-expect.js';
import { doc, MAX_TEXT, name, variableName, wholeNumber } from './schema-parts.js';
import { service } from './schema-services.js';
import { phase, request } from './schema-traffic.js';

const versionMessage = (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? undefined : `must be 1, not ${JSON.stringify(issue.input)}; this cf-bus reads no other`;

export const scenarioSchema = z.strictObject({
  version: doc(z.literal(1, { error: versionMessage }), 'The format’s version.'),
  name: doc(
    z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_TEXT))),
    'What the scenario is called.',
    'Index a repository',
  ),
  seed: doc(
    z.optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
    'Same seed, same run; left out: chosen, shown and logged.',
    42,
  ),
  variables: doc(
    z.optional(z.record(variableName(), z.unknown())),
    'Values for templates; --set name=value changes them.',
    {
      repo: '/srv/repos/web',
    },
  ),
  services: doc(z.record(name(), service), 'The simulated services by name.'),
  requests: doc(z.optional(z.array(request)), 'Traffic from outside.'),
  phases: doc(z.optional(z.array(phase)), 'How requests arrive; left out: each once, at the start.'),
  expect: doc(z.optional(z.array(expectation)), 'What `cf-bus check` judges, and `cf-bus run` at its end.'),
});

/** A scenario as validated, before it becomes a plan. */
export type WrittenScenario = z.output<typeof scenarioSchema>;
