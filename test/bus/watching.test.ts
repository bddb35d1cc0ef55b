/** The bus takes a shorter way where nobody watches and nothing limits a subscriber. Nobody may see a difference. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DeliveryReport, EventBus } from '../../src/bus/index.js';
import { matcher } from '../../src/bus/pattern.js';
import { type Program, programs } from './program.js';
import { ProgramRun } from './program-run.js';

/** The same with nothing that limits a subscriber but its retries, so that the short way is the usual one. */
const unlimited = programs.map(
  ({ steps, close }): Program => ({
    close,
    steps: steps.map(({ after, command }) => {
      if (command.kind !== 'subscribe' || command.plan.behaviour.kind === 'hang') return { after, command };
      const { retry } = command.plan.options;
      return { after, command: { kind: 'subscribe', plan: { ...command.plan, options: { retry } } } };
    }),
  }),
);

/** Ids of deliveries are given in the order in which somebody asks for them. */
function withoutIds(reports: readonly DeliveryReport[]): readonly object[] {
  return reports.map(({ deliveryId: _, ...report }) => report);
}

async function outcome(program: Program, watched: boolean): Promise<object> {
  const run = new ProgramRun((pattern, type) => matcher(pattern)(type), { watched });
  await run.run(program);
  return {
    calls: run.calls,
    reports: run.reports.map(({ event: { causationDeliveryId: _, ...event }, settled, deliveries }) => ({
      event,
      settled,
      deliveries: withoutIds(deliveries),
    })),
    refused: run.refused.map(String),
    abandoned: withoutIds(run.abandoned),
    stats: run.stats,
  };
}

for (const [name, arbitrary] of Object.entries({ 'any program': programs, 'a program without limits': unlimited })) {
  test(`watching ${name} changes no call, no report, no figure, and the order of none`, () =>
    fc.assert(
      fc.asyncProperty(arbitrary, async (program) => {
        expect(await outcome(program, false)).toEqual(await outcome(program, true));
      }),
      { numRuns: 300 },
    ));
}

test('an observer that a handler attaches is told of the end of that very delivery', async () => {
  const bus = new EventBus();
  const told: string[] = [];
  bus.subscribe(
    'a',
    () => {
      bus.probe.attach({ completed: ({ subscriber }) => void told.push(subscriber.handler) });
    },
    { name: 'first' },
  );
  bus.subscribe('a', () => {}, { name: 'second' });
  await bus.publish({ type: 'a' });
  expect(told).toEqual(['first', 'second']);
});

test('a handler that unsubscribes itself and others leaves nothing behind', async () => {
  const bus = new EventBus();
  const subscriptions = Array.from({ length: 3 }, (_, index) =>
    bus.subscribe('a', () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
      if (index === 1) return Promise.resolve();
      if (index === 2) throw new Error('too late');
      return undefined;
    }),
  );
  const { deliveries } = await bus.publish({ type: 'a' });
  expect(deliveries.map(({ state }) => state)).toEqual(['done', 'done', 'failed']);
  expect(bus.getStats()).toMatchObject({
    totalSubscribers: 0,
    subscriptions: [],
    deliveries: { done: 2, failed: 1, queued: 0, running: 0 },
  });
  const { abandoned } = await bus.close();
  expect(abandoned).toEqual([]);
});
