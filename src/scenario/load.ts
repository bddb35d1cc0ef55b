/** File text → `Scenario`, or every problem with its place. */
import { basename, extname } from 'node:path';
import { isObject, type JsonObject, type JsonValue } from '../kernel/index.js';
import { buildExpectations } from './build-expect.js';
import { buildServices } from './build-services.js';
import { buildPhases, buildRequests } from './build-traffic.js';
import type { Build } from './builder.js';
import { reportIssues, wordIssue } from './issues.js';
import type { Place } from './place.js';
import { Problems } from './problems.js';
import { checkBytes, readScenarioFile } from './read-file.js';
import { scenarioSchema, type WrittenScenario } from './schema.js';
import { SourceText } from './source-text.js';
import type { Scenario } from './types.js';
import { readYaml } from './yaml.js';

/** What no YAML may hold: control characters other than tab and line breaks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/**
 * Loads a scenario file: a regular file, or a link to one, of at most 1 MiB of UTF-8.
 * @throws CfBusError `FILE_UNREADABLE`; ScenarioError (`INVALID_SCENARIO`) with every problem.
 */
export function loadScenarioFile(path: string): Scenario {
  return parseScenario(readScenarioFile(path), path);
}

/**
 * Reads a scenario from its text. Synchronous and pure.
 * @param file the name for messages; `module` paths are resolved against its folder.
 * @throws ScenarioError (`INVALID_SCENARIO`) with every problem; CfBusError `INVALID_SCENARIO` for a text over 1 MiB.
 */
export function parseScenario(text: string, file: string): Scenario {
  checkBytes(Buffer.byteLength(text), file);
  const source = new SourceText(file, text.startsWith('\ufeff') ? text.slice(1) : text);
  const problems = new Problems(source);
  const control = CONTROL.exec(source.text);
  if (control !== null) {
    problems.add({ start: control.index, end: control.index + 1 }, 'a control character, which YAML does not allow');
    throw problems.error();
  }
  const yaml = readYaml(source.text, problems);
  problems.throwIfAny();
  if (yaml === undefined) throw problems.error();
  const result = scenarioSchema.safeParse(yaml.value, { error: wordIssue, reportInput: true });
  if (!result.success) {
    reportIssues(result.error.issues, yaml.place, problems);
    throw problems.error();
  }
  const scenario = build({ problems, variables: variablesOf(yaml.value) }, result.data, yaml.place);
  problems.throwIfAny();
  return scenario;
}

function build(shared: Build, written: WrittenScenario, place: Place): Scenario {
  const { file } = shared.problems.source;
  const services = buildServices(shared, written.services, place.child('services'));
  const requests = buildRequests(shared, written.requests ?? [], place.child('requests'));
  const phases = buildPhases(shared, written.phases ?? [], place.child('phases'));
  if (phases.length > 0 && requests.length === 0) {
    shared.problems.add(place.child('phases').key, '`phases` need `requests`: there is nothing to send');
  }
  return {
    version: 1,
    file,
    name: written.name ?? basename(file, extname(file)),
    seed: written.seed,
    variables: new Map(Object.entries(shared.variables)),
    services,
    requests,
    phases,
    expect: buildExpectations(shared, written.expect ?? [], { services, requests }, place.child('expect')),
  };
}

function variablesOf(value: JsonValue): JsonObject {
  const variables = isObject(value) ? value.variables : undefined;
  return isObject(variables) ? variables : {};
}
