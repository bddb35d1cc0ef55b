import { expect, test } from 'vitest';
import type { EventBus } from '../../src/bus/index.js';
import { CfBusError, type Clock, Ids, ScaledClock, seededRandom, VirtualClock } from '../../src/kernel/index.js';
import type { Service } from '../../src/scenario/index.js';
import { createSimulatedBus, createSimulation, runVirtual, type Simulation } from '../../src/simulator/index.js';
import { scenarioOf, story } from './support.js';

function simulate(yaml: string, clock: Clock): { readonly simulation: Simulation; readonly bus: EventBus } {
  const ids = new Ids('test');
  const random = seededRandom(1);
  const bus = createSimulatedBus({ clock, ids, random });
  return { bus, simulation: createSimulation({ scenario: scenarioOf(yaml), bus, clock, ids, random }) };
}

const services = (delay: string, type = 'done') => `
services: { a: { handlers: { work: { subscribe: go, delay: ${delay}, publish: { type: ${type} } } } } }`;
const TRAFFIC = `
requests: [{ name: one, trace_id: "t-{{ sequence }}", flow: [{ publish: { type: go } }, { think: 1s }, { publish: { type: go } }] }]`;

test('a scenario does the same on the real clock as in virtual time', async () => {
  const yaml = `
services:
  a: { handlers: { work: { subscribe: go, delay: 300ms, publish: [{ type: next, payload: { n: "{{ sequence }}" } }, { type: late, after: 200ms }] } } }
  b: { handlers: { rest: { subscribe: next, concurrency: 1, delay: 100ms, faults: [{ type: error, probability: 50% }], on_error: { type: failed } } } }
requests: [{ name: one, trace_id: t, flow: [{ loop: { count: 6, flow: [{ publish: { type: go } }, { think: 1s }] } }] }]
expect: [{ event: late, after: go }, { event: failed, count: { min: 1 } }]`;
  const virtual: string[] = [];
  await story(yaml, { observers: [{ published: ({ type }) => virtual.push(type) }] });
  const { simulation, bus } = simulate(yaml, new ScaledClock(50));
  const real: string[] = [];
  bus.probe.attach({ published: ({ type }) => real.push(type) });
  await simulation.start();
  expect(await simulation.finished).toMatchObject({ started: 1, completed: 1, failure: undefined });
  expect(await simulation.close()).toMatchObject({ abandoned: [], cancelled: 0 });
  // On a busy machine neighbours may swap places; what is drawn, done and published is the same.
  expect(real.toSorted()).toEqual(virtual.toSorted());
  expect(simulation.expectations().map(({ verdict }) => verdict)).toEqual(['passed', 'passed']);
});

test('expectations are judged so far while it runs: what is still under way is no failure', async () => {
  const clock = new VirtualClock();
  const { simulation } = simulate(`${services('5s')}${TRAFFIC}\nexpect: [{ event: done, after: go }]`, clock);
  await simulation.start();
  await clock.drive({ until: () => clock.now() > 0 });
  expect(simulation.expectations()).toMatchObject([{ verdict: 'inconclusive' }]);
  await clock.drive();
  expect(simulation.expectations()).toMatchObject([{ verdict: 'passed' }]);
});

test('close gives up what does not end within the drain, and judges it', async () => {
  const clock = new VirtualClock();
  const { simulation } = simulate(`${services('1h')}${TRAFFIC}\nexpect: [{ event: done, after: go }]`, clock);
  await simulation.start();
  let closedAt = 0;
  const closed = simulation.finished.then(async () => {
    const report = await simulation.close({ drain: 10_000 });
    closedAt = clock.now();
    return report;
  });
  await clock.drive();
  expect((await closed).abandoned).toHaveLength(2);
  expect(closedAt).toBe(11_000);
  expect(simulation.expectations()).toMatchObject([{ verdict: 'failed', traces: { ids: ['t-1'], count: 1 } }]);
});

test('fail ends the run: nothing is done any more, and finished tells the error', async () => {
  const clock = new VirtualClock();
  const { simulation, bus } = simulate(`${services('2s')}${TRAFFIC}`, clock);
  await simulation.start();
  await clock.drive({ until: () => simulation.progress().started > 0 });
  const failure = new CfBusError('LOG_UNAVAILABLE', 'the disk is full');
  simulation.fail(failure);
  expect(await simulation.finished).toMatchObject({ failure, cancelled: 1 });
  const closed = simulation.close({ drain: 60_000 });
  await clock.drive();
  expect((await closed).abandoned).toHaveLength(1);
  expect(bus.getStats().eventCounts).toEqual({ go: 1 });
});

test('a reload swaps services and expectations: running deliveries finish on the old handlers, later events meet the new', async () => {
  const clock = new VirtualClock();
  const { simulation, bus } = simulate(
    `${services('800ms', 'done.old')}${TRAFFIC}\nexpect: [{ never: done.old }]`,
    clock,
  );
  const seen: string[] = [];
  bus.probe.attach({ published: ({ type }) => seen.push(`${clock.now()} ${type}`) });
  await simulation.start();
  simulation.switches.on('a.work', { type: 'slow', probability: 1, by: { type: 'constant', value: 50 } });
  await clock.drive({ until: () => seen.length > 0 });
  const reloaded = await simulation.reload(
    scenarioOf(`${services('100ms', 'done.new')}${TRAFFIC}\nexpect: [{ event: done.new, count: 1 }]`),
  );
  expect(reloaded).toEqual({ handlers: 1, restartNeeded: [] });
  await clock.drive();
  // What a person switched on stays on: 50 ms more.
  expect(seen).toEqual(['0 go', '850 done.old', '1000 go', '1150 done.new']);
  expect(simulation.expectations()).toMatchObject([{ verdict: 'passed', sentence: 'done.new was published once' }]);
});

test('a reload tells which other keys changed', async () => {
  const { simulation } = simulate(`${services('1s')}${TRAFFIC}`, new VirtualClock());
  await simulation.start();
  const changed = scenarioOf(`seed: 7
variables: { x: 1 }
${services('1s')}${TRAFFIC.replace('think: 1s', 'think: 2s')}
phases: [{ arrival_count: 1, duration: 1s }]`);
  expect((await simulation.reload(changed)).restartNeeded).toEqual(['seed', 'variables', 'requests', 'phases']);
});

test('a reload that cannot load its modules leaves everything as it was', async () => {
  const clock = new VirtualClock();
  const { simulation, bus } = simulate(`${services('10ms')}${TRAFFIC}`, clock);
  await simulation.start();
  const broken = scenarioOf(`services: { a: { handlers: { work: { subscribe: go, module: ./x.js } } } }${TRAFFIC}`);
  await expect(simulation.reload(broken)).rejects.toMatchObject({ code: 'INVALID_SCENARIO' });
  await clock.drive();
  expect(bus.getStats().eventCounts).toEqual({ go: 2, done: 2 });
});

test('ten thousand services start and run', async () => {
  const scenario = scenarioOf(`
services: { s: { handlers: { work: { subscribe: go.7, delay: { type: exponential, mean: 5ms } } } } }
requests: [{ name: one, flow: [{ publish: { type: go.7 } }] }]`);
  const services = new Map<string, Service>();
  for (const [, one] of scenario.services) {
    for (let number = 0; number < 10_000; number++) {
      const name = `s${number}`;
      const subscribe = [`go.${number % 100}`];
      const handlers = new Map([...one.handlers].map(([key, each]) => [key, { ...each, service: name, subscribe }]));
      services.set(name, { ...one, name, handlers });
    }
  }
  const result = await runVirtual({ scenario: { ...scenario, services }, seed: 1 });
  expect(result).toMatchObject({ passed: true, deliveries: 100 });
});
