import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadScenarioFile } from '../../src/scenario/index.js';
import { hashOf, logOf } from './golden-run.js';
import { story } from './support.js';

/**
 * The hash of a log that every machine and Node version must give. It changes with the log's schema and with what a run
 * does; then take the new one from the failing test, and see that all of this file agrees on it.
 */
const GOLDEN = '92082d3e51f6198d41a45f369eedafbf0f189a58d3816cbd544a4d319157d7d9';
const SCENARIO = join(import.meta.dirname, '..', 'fixtures', 'simulator', 'everything.yaml');

let folder = '';
let program = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cf-bus-golden-'));
  program = join(folder, 'golden-run.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'golden-run.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    outfile: program,
    logLevel: 'error',
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the same scenario and seed give the log that they always gave, byte for byte', async () => {
  const log = await logOf(loadScenarioFile(SCENARIO), 7, join(folder, 'here.log'));
  for (const word of ['_dead', '_dropped', '"fault":"slow"', '"fault":"down"', 'index.failed', 'health.check']) {
    expect(log).toContain(word);
  }
  expect(hashOf(log)).toBe(GOLDEN);
});

test.each([
  { TZ: 'Asia/Kolkata', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
  { TZ: 'America/St_Johns', LANG: 'C', LC_ALL: 'C' },
])('the log is the same in another process, with $TZ and $LANG', (env) => {
  const log = join(folder, `${env.LANG}.log`);
  const hash = execFileSync(process.execPath, [program, SCENARIO, log], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  expect(hash).toBe(GOLDEN);
});

test('another seed gives another run', async () => {
  const log = await logOf(loadScenarioFile(SCENARIO), 8, join(folder, 'other.log'));
  expect(hashOf(log)).not.toBe(GOLDEN);
});

const service = (name: string, faults = '') => `
  ${name}:
    handlers:
      work:
        subscribe: go
        delay: { type: exponential, mean: 50ms }
        retry: { attempts: 3, delay: 10ms }
        faults: [{ type: error, probability: 30% }${faults}]`;

const TRAFFIC = `
requests: [{ name: go, trace_id: "t-{{ sequence }}", flow: [{ publish: { type: go } }] }]
phases: [{ duration: 20s, arrival_rate: 5, arrivals: poisson }]`;

/** What a service did and when, in a run of these services. */
async function doingsOf(name: string, services: string): Promise<readonly string[]> {
  const { lines } = await story(`services:${services}\n${TRAFFIC}`);
  return lines.filter((line) => line.includes(` ${name}.work#`));
}

test('a service more changes nothing that the others do', async () => {
  const alone = await doingsOf('a', service('a'));
  expect(alone.length).toBeGreaterThan(200);
  expect(await doingsOf('a', `${service('before')}${service('a')}${service('z')}`)).toEqual(alone);
});

test('a handler more in a service changes nothing that the others do', async () => {
  const more = `${service('a')}\n      other: { subscribe: go, delay: { type: exponential, mean: 1ms } }`;
  expect(await doingsOf('a', more)).toEqual(await doingsOf('a', service('a')));
});

test('a fault more changes neither the delays nor what the other faults do', async () => {
  const never = ', { type: drop, probability: 0 }, { type: hang, probability: 0 }';
  expect(await doingsOf('a', service('a', never))).toEqual(await doingsOf('a', service('a')));
});

test('two handlers of the same kind draw different numbers', async () => {
  const both = `${service('a')}${service('b')}`;
  const [a, b] = [await doingsOf('a', both), await doingsOf('b', both)];
  expect(a.map((line) => line.replace(' a.', ' b.'))).not.toEqual(b);
});

test('what is sampled does not depend on the order in which services stand in the file', async () => {
  const [forward, backward] = [`${service('a')}${service('b')}`, `${service('b')}${service('a')}`];
  expect(await doingsOf('b', backward)).toEqual(await doingsOf('b', forward));
});
