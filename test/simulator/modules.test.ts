import { expect, test } from 'vitest';
import type { Handler } from '../../src/bus/index.js';
import { parseScenario } from '../../src/scenario/index.js';
import { runVirtual } from '../../src/simulator/index.js';
import { story } from './support.js';

const YAML = `
services:
  custom:
    handlers:
      real_code: { subscribe: go, module: ./handlers/real-code.js, delay: 5ms, timeout: 20s, publish: { type: next } }
requests: [{ name: go, trace_id: t, flow: [{ publish: { type: go } }] }]`;

function run(main: unknown) {
  return story(YAML, { allowModules: true, loadModule: async () => ({ default: main }) });
}

test('a module runs after the delay, in virtual time, and its publishes belong to the trace; publish follows it', async () => {
  const main: Handler = async (event, { clock, publish }) => {
    await clock.sleep(1_000);
    await publish({ type: 'from.module', payload: { at: clock.now(), of: event.type } });
    await clock.sleep(500);
  };
  const { lines } = await run(main);
  expect(lines.slice(2)).toEqual([
    '1005 published from.module by custom in t {"at":1005,"of":"go"}',
    '1505 published next by custom in t',
    '1505 done custom.real_code#1',
  ]);
});

test('a module that throws fails its attempt like any handler', async () => {
  const { lines } = await run(() => {
    throw new TypeError('no such field');
  });
  expect(lines.at(-1)).toBe('5 fail custom.real_code#1: no such field');
});

test('a module that waits for something outside the virtual clock holds it: no time passes', async () => {
  const { lines } = await run(() => new Promise((resolve) => setImmediate(resolve)));
  expect(lines.at(-1)).toBe('5 done custom.real_code#1');
});

test('a module that never comes back stalls the clock, which ends the run with an error that names the handler', async () => {
  // The limit is five seconds of real time.
  const { result } = await run(() => new Promise(() => {}));
  expect(result).toMatchObject({
    passed: false,
    failure: { code: 'CLOCK_STALLED', message: expect.stringContaining('custom.real_code') },
    left: { abandoned: [{ subscriber: { handler: 'real_code' } }] },
  });
});

test('module handlers need to be allowed, and nothing is subscribed before', async () => {
  await expect(story(YAML)).rejects.toMatchObject({
    code: 'INVALID_SCENARIO',
    message: expect.stringContaining('test.yaml:7:'),
    hint: expect.stringContaining('--allow-modules'),
  });
});

test('a module without a function as its default export is refused at its place', async () => {
  await expect(run({ handler: () => {} })).rejects.toMatchObject({
    code: 'INVALID_SCENARIO',
    message: expect.stringMatching(/^test\.yaml:7:\d+: module \.\/handlers\/real-code\.js has no function/),
  });
});

test('modules are found relative to the scenario file', async () => {
  const asked: string[] = [];
  const scenario = parseScenario(`version: 1\nname: test${YAML}`, '/srv/scenarios/a.yaml');
  await runVirtual({
    scenario,
    seed: 1,
    allowModules: true,
    loadModule: async (path) => {
      asked.push(path);
      return { default: () => {} };
    },
  });
  expect(asked).toEqual(['/srv/scenarios/handlers/real-code.js']);
});

test('a module file that cannot be loaded is refused with the reason', async () => {
  await expect(story(YAML, { allowModules: true })).rejects.toMatchObject({
    code: 'INVALID_SCENARIO',
    message: expect.stringContaining('cannot be loaded'),
  });
});
