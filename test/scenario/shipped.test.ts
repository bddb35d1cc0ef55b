import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { EventType } from '../../src/bus/event-type.js';
import { loadScenarioFile, parseScenario, type Scenario, starterScenario } from '../../src/scenario/index.js';
import { runVirtual } from '../../src/simulator/index.js';

const FOLDER = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

describe.each(FILES)('the shipped scenario %s', (file) => {
  const text = readFileSync(`${FOLDER}${file}`, 'utf8');
  const scenario = loadScenarioFile(`${FOLDER}${file}`);

  test('loads, has a name of its own and judges itself', () => {
    expect(scenario.expect.length).toBeGreaterThan(0);
    expect(scenario.name).not.toBe(file.replace('.yaml', ''));
  });

  test('begins with three lines of comment that say what to look at', () => {
    const comments = text.split('\n').findIndex((line) => !line.startsWith('# '));
    expect(comments).toBe(3);
    expect(text).toContain('# Look at: ');
  });

  test('with its own seed, what it expects holds', async () => {
    expect(await outcome(scenario, scenario.seed ?? 1)).toEqual([]);
  });

  test('its traffic is over in about ten seconds', () => {
    const total = scenario.phases.reduce((sum, phase) => sum + phase.duration, 0);
    expect(total).toBeLessThanOrEqual(10_000);
  });
});

/** What did not hold, in words. */
async function outcome(scenario: Scenario, seed: number): Promise<readonly string[]> {
  const result = await runVirtual({ scenario, seed });
  const failed = result.expectations.filter(({ verdict }) => verdict === 'failed').map(({ sentence }) => sentence);
  return result.passed ? failed : [...failed, 'the run failed'];
}

test('the race shows in about one seed of a hundred', async () => {
  const scenario = loadScenarioFile(`${FOLDER}race.yaml`);
  let failed = 0;
  for (let seed = 1; seed <= 500; seed++) failed += (await outcome(scenario, seed)).length > 0 ? 1 : 0;
  expect(failed).toBeGreaterThanOrEqual(2);
  expect(failed).toBeLessThanOrEqual(10);
});

test('all of them are there', () => {
  expect(FILES.sort()).toEqual([
    'backpressure.yaml',
    'contextforge.yaml',
    'failures.yaml',
    'hello.yaml',
    'index-pipeline.yaml',
    'load.yaml',
    'race.yaml',
    'rag-query.yaml',
  ]);
});

test('hello is about ten lines', () => {
  const lines = readFileSync(`${FOLDER}hello.yaml`, 'utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  expect(lines.length).toBeLessThanOrEqual(10);
});

test('ContextForge handles each of the guide’s 16 event types, and has no traffic of its own', () => {
  const scenario = loadScenarioFile(`${FOLDER}contextforge.yaml`);
  const handled = [...scenario.services.values()].flatMap((service) =>
    [...service.handlers.values()].flatMap((handler) => handler.subscribe),
  );
  expect([...new Set(handled)].sort()).toEqual(Object.values(EventType).sort());
  expect(scenario.requests).toEqual([]);
  expect([...scenario.services.values()].flatMap((service) => service.every)).toEqual([]);
});

test('ContextForge’s templates take an empty payload, as `cf-bus publish` sends without --payload', () => {
  const scope = {
    variables: {},
    event: { id: 'e', type: 'x.y', source: 's', trace_id: 't', timestamp: 0, payload: {} },
    sequence: 1,
  };
  for (const service of loadScenarioFile(`${FOLDER}contextforge.yaml`).services.values()) {
    for (const handler of service.handlers.values()) {
      if (handler.when?.(scope) === false) continue;
      for (const publication of handler.publish) expect(publication.payload(scope)).toBeTypeOf('object');
    }
  }
});

test('the guide’s trace id is the first of the index pipeline', () => {
  const [request] = loadScenarioFile(`${FOLDER}index-pipeline.yaml`).requests;
  expect(request?.traceId?.({ variables: {}, sequence: 1, request: { name: 'index' } })).toBe('req-12345');
});

test('the starter of cf-bus init runs, and shows requests, phases, faults and expectations', async () => {
  const scenario = parseScenario(starterScenario(), 'scenario.yaml');
  expect(scenario.requests.length).toBeGreaterThan(0);
  expect(scenario.phases.length).toBeGreaterThan(0);
  expect(scenario.expect.length).toBeGreaterThan(0);
  expect(scenario.services.get('payments')?.handlers.get('charge')?.faults).toHaveLength(1);
  expect(await outcome(scenario, scenario.seed ?? 1)).toEqual([]);
  expect(starterScenario().endsWith('\n')).toBe(true);
});
