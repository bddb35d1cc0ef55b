import { expect, test } from 'vitest';
import { EventBus } from '../../src/bus/index.js';
import { Ids, seededRandom, VirtualClock } from '../../src/kernel/index.js';
import type { Fault } from '../../src/scenario/index.js';
import { createSimulation, type Simulation } from '../../src/simulator/index.js';
import { GO, scenarioOf, story } from './support.js';

const handlerWith = (faults: string, rest = '') => `
services:
  a: { handlers: { work: { subscribe: go, delay: 10ms, faults: ${faults}, publish: { type: next }${rest} } } }`;

/** What the handler did after \`go\` was published. */
async function acts(faults: string, rest = ''): Promise<readonly string[]> {
  const { lines } = await story(`${handlerWith(faults, rest)}\n${GO}`);
  return lines.slice(2);
}

test('error: the attempt takes its time, then fails with the message', async () => {
  expect(await acts('[{ type: error, message: disk full }]')).toEqual(['10 fail a.work#1 (error): disk full']);
});

test('hang: the attempt never ends by itself; a timeout ends it', async () => {
  expect(await acts('[{ type: hang }]', ', timeout: 2s')).toEqual([
    '2000 fail a.work#1 (hang): a.work timed out after 2000 ms',
  ]);
});

test('hang without a timeout: it is given up when the drain ends, listed, and the run has not passed', async () => {
  const { lines, result } = await story(`${handlerWith('[{ type: hang }]')}\n${GO}`, { drain: 5_000 });
  expect(lines.at(-1)).toBe('5000 abandon a.work#1');
  expect(result).toMatchObject({
    passed: false,
    left: { abandoned: [{ state: 'abandoned', subscriber: { service: 'a', handler: 'work' } }] },
  });
});

test('drop: the delivery is lost at once', async () => {
  expect(await acts('[{ type: drop }]')).toEqual(['0 drop a.work#1 (drop): fault']);
});

test('duplicate: the work is done twice, one after the other', async () => {
  expect(await acts('[{ type: duplicate }]')).toEqual([
    '10 published next by a in t',
    '20 published next by a in t',
    '20 done a.work#1 (duplicate)',
  ]);
});

test('slow: the attempt takes so much longer', async () => {
  expect(await acts('[{ type: slow, by: 1s }]')).toEqual([
    '1010 published next by a in t',
    '1010 done a.work#1 (slow)',
  ]);
});

test('down: attempts that start in the window fail at once, others do not', async () => {
  const { lines } = await story(`
${handlerWith('[{ type: down, from: 1s, until: 2s }]')}
requests:
  - name: go
    flow: [{ loop: { count: 4, flow: [{ publish: { type: go } }, { think: 500ms }] } }]`);
  expect(lines.filter((line) => / (done|fail) /.test(line))).toEqual([
    '10 done a.work#1',
    '510 done a.work#1',
    '1000 fail a.work#1 (down): a.work is down',
    '1500 fail a.work#1 (down): a.work is down',
  ]);
});

test('of several faults the first that decides the ending is the last that acts', async () => {
  expect(
    await acts('[{ type: slow, by: 5ms }, { type: error, message: first }, { type: drop }, { type: slow, by: 1s }]'),
  ).toEqual(['15 fail a.work#1 (error): first']);
});

test('a probability is per attempt', async () => {
  const attempts = 20_000;
  const { result } = await story(`
${handlerWith('[{ type: error, probability: 5% }]')}
requests: [{ name: go, flow: [{ loop: { count: ${attempts}, flow: [{ publish: { type: go } }] } }] }]`);
  const { errors } = result.left.stats.subscriptions[0] ?? { errors: 0 };
  // Five standard deviations of a binomial draw.
  expect(Math.abs(errors / attempts - 0.05)).toBeLessThan(5 * Math.sqrt((0.05 * 0.95) / attempts));
});

interface Bench {
  readonly clock: VirtualClock;
  readonly bus: EventBus;
  readonly simulation: Simulation;
  /** Publishes \`go\`, lets everything end, and gives the time it took and the states of its deliveries. */
  go(): Promise<string>;
}

async function bench(yaml: string): Promise<Bench> {
  const clock = new VirtualClock();
  const ids = new Ids('test');
  const bus = new EventBus({ clock, ids });
  const simulation = createSimulation({ scenario: scenarioOf(yaml), bus, clock, ids, random: seededRandom(1) });
  await simulation.start();
  const go = async () => {
    const start = clock.now();
    const report = bus.publish({ type: 'go' });
    await clock.drive();
    const { deliveries } = await report;
    return `${clock.now() - start} ${deliveries.map(({ state }) => state).join(' ')}`;
  };
  return { clock, bus, simulation, go };
}

const TWO = `
services:
  a: { handlers: { work: { subscribe: go, delay: 10ms }, rest: { subscribe: go, delay: 5ms, faults: [{ type: error }] } } }
  b: { handlers: { work: { subscribe: go, delay: 20ms } } }`;
const DOWN: Fault = { type: 'down', probability: 1, from: 0, until: Number.POSITIVE_INFINITY };
const SLOW: Fault = { type: 'slow', probability: 1, by: { type: 'constant', value: 100 } };

test('a live switch acts on the next attempt of a service, a handler or all handlers of a name, and tells which', async () => {
  const { simulation, go } = await bench(TWO);
  expect(await go()).toBe('20 done failed done');
  expect(simulation.switches.on('a.work', SLOW)).toEqual(['a.work']);
  expect(await go()).toBe('110 done failed done');
  expect(simulation.switches.on('work', DOWN)).toEqual(['a.work', 'b.work']);
  expect(await go()).toBe('5 failed failed failed');
  expect(simulation.switches.off('a', 'all')).toEqual(['a.work', 'a.rest']);
  expect(await go()).toBe('10 done done failed');
  expect(simulation.switches.off('b.work', 'down')).toEqual(['b.work']);
  expect(await go()).toBe('20 done done done');
});

test('a switched fault takes the place of the one of its type, and the list tells what acts now', async () => {
  const { simulation } = await bench(TWO);
  const error: Fault = { type: 'error', probability: 0.5, message: 'by hand' };
  simulation.switches.on('rest', error);
  simulation.switches.on('rest', SLOW);
  simulation.switches.on('rest', { ...error, probability: 1 });
  expect(simulation.switches.list()).toEqual([
    { service: 'a', handler: 'work', faults: [] },
    {
      service: 'a',
      handler: 'rest',
      faults: [
        { fault: SLOW, live: true },
        { fault: { ...error, probability: 1 }, live: true },
      ],
    },
    { service: 'b', handler: 'work', faults: [] },
  ]);
});

test('an unknown target is refused with the nearest name', async () => {
  const { simulation } = await bench(TWO);
  expect(() => simulation.switches.on('a.wrok', SLOW)).toThrow(
    expect.objectContaining({ code: 'NOT_FOUND', hint: 'did you mean a.work?' }),
  );
});
