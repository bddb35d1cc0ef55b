import { describe, expect, test } from 'vitest';
import type { DeliveryReport, EventBus, HandlerContext, PublishReport } from '../../src/bus/index.js';
import { driveTo, settle, virtualBus, watch } from './support.js';

/** Subscribes to `from` a handler that awaits a publish of `to`, as long as the chain is shorter than `length`. */
function relay(bus: EventBus, from: string, to: string, length: number, concurrency = 1): PublishReport[] {
  const reports: PublishReport[] = [];
  bus.subscribe(
    from,
    async (event, context) => {
      await context.clock.sleep(1);
      const step = Number(event.payload.step ?? 1);
      if (step < length) reports.push(await context.publish({ type: to, payload: { step: step + 1 } }));
    },
    { concurrency, name: from },
  );
  return reports;
}

function states(report: PublishReport | undefined): readonly DeliveryReport['state'][] {
  return report?.deliveries.map((delivery) => delivery.state) ?? [];
}

async function expectAllDone(bus: EventBus, clock: Parameters<typeof settle>[0], count: number): Promise<void> {
  await settle(clock, bus.idle());
  expect(bus.getStats().deliveries).toMatchObject({ done: count, queued: 0, running: 0, waiting: 0 });
}

describe('a handler that awaits a publish which can only be delivered after it ends does not hang', () => {
  test('to itself under concurrency 1: the delivery is queued and left out of the wait, and the report says so', async () => {
    const { bus, clock } = virtualBus();
    const reports = relay(bus, 'a', 'a', 3);
    const report = await settle(clock, bus.publish({ type: 'a' }));
    expect(report).toMatchObject({ settled: true, deliveries: [{ state: 'done' }] });
    expect(reports).toHaveLength(2);
    for (const inner of reports) expect([inner.settled, ...states(inner)]).toEqual([false, 'queued']);
    await expectAllDone(bus, clock, 3);
  });

  test('to itself with `ambientTrace` and the bus’s own publish', async () => {
    const { bus, clock } = virtualBus({ ambientTrace: true });
    const reports: PublishReport[] = [];
    bus.subscribe(
      'a',
      async (event) => {
        await Promise.resolve();
        if (event.causationId === undefined) reports.push(await bus.publish({ type: 'a' }));
      },
      { concurrency: 1 },
    );
    await settle(clock, bus.publish({ type: 'a' }));
    expect(reports[0]?.settled).toBe(false);
    await expectAllDone(bus, clock, 2);
  });

  test('over two handlers: A → B → A', async () => {
    const { bus, clock } = virtualBus();
    const fromA = relay(bus, 'a', 'b', 3);
    const fromB = relay(bus, 'b', 'a', 3);
    await settle(clock, bus.publish({ type: 'a' }));
    expect(fromB.map((report) => report.settled)).toEqual([false]);
    expect(fromA.map((report) => report.settled)).toEqual([true]);
    await expectAllDone(bus, clock, 3);
  });

  test('over three handlers: A → B → C → A', async () => {
    const { bus, clock } = virtualBus();
    const reports = [relay(bus, 'a', 'b', 4), relay(bus, 'b', 'c', 4), relay(bus, 'c', 'a', 4)];
    await settle(clock, bus.publish({ type: 'a' }));
    expect(reports.map(([first]) => first?.settled)).toEqual([true, true, false]);
    await expectAllDone(bus, clock, 4);
  });

  test('of two traces that cross: A waits for B while B waits for A', async () => {
    const { bus, clock } = virtualBus();
    const reports = [relay(bus, 'a', 'b', 2), relay(bus, 'b', 'a', 2)];
    const roots = Promise.all([bus.publish({ type: 'a' }), bus.publish({ type: 'b' })]);
    const settled = await settle(clock, roots);
    expect(settled.map((report) => states(report))).toEqual([['done'], ['done']]);
    // The first to ask is promised a wait; only the one that closes the cycle is let go.
    expect(reports.map(([first]) => first?.settled)).toEqual([true, false]);
    await expectAllDone(bus, clock, 4);
  });

  test('with concurrency 2 while both slots are stuck', async () => {
    const { bus, clock } = virtualBus();
    const reports = relay(bus, 'a', 'a', 2, 2);
    await settle(clock, Promise.all([bus.publish({ type: 'a' }), bus.publish({ type: 'a' })]));
    // The first waits for the second handler's slot, which is promised to come free; the second would close the cycle.
    expect(reports.map((report) => report.settled).toSorted()).toEqual([false, true]);
    await expectAllDone(bus, clock, 4);
  });

  test('while a delivery of the cycle waits for its retry', async () => {
    const { bus, clock } = virtualBus();
    const log: string[] = [];
    bus.subscribe(
      'a',
      async (event, context) => {
        log.push(`a${event.payload.n}`);
        if (event.payload.n === 1) {
          const report = await context.publish({ type: 'b', payload: { n: 1 } });
          log.push(`b1 ${states(report)}`);
        }
      },
      { concurrency: 1 },
    );
    bus.subscribe(
      'b',
      async (event, context) => {
        log.push(`b${event.payload.n}.${context.attempt}`);
        if (event.payload.n === 1 && context.attempt === 1) throw new Error('once');
        // Takes the slot that b1 needs for its retry, and asks for the one that a1 holds while it waits for b1.
        if (event.payload.n === 2) {
          await context.clock.sleep(20);
          const report = await context.publish({ type: 'a', payload: { n: 2 } });
          log.push(`a2 ${report.settled ? 'settled' : 'left out'}`);
        }
      },
      { concurrency: 1, retry: { attempts: 2, delay: 10 } },
    );
    const first = bus.publish({ type: 'a', payload: { n: 1 } });
    const second = bus.publish({ type: 'b', payload: { n: 2 } });
    await settle(clock, Promise.all([first, second]));
    expect(log).toEqual(['a1', 'b1.1', 'b2.1', 'a2 left out', 'b1.2', 'b1 done', 'a2']);
    await expectAllDone(bus, clock, 4);
  });

  test('with `block`: what would close the cycle enters beyond the bound, and is counted', async () => {
    const { bus, clock } = virtualBus();
    const inner: PublishReport[] = [];
    bus.subscribe(
      'a',
      async (event, context) => {
        if (event.payload.n !== 0) return;
        for (const n of [1, 2, 3]) inner.push(await context.publish({ type: 'a', payload: { n } }));
      },
      { concurrency: 1, queue: { size: 1, overflow: 'block' } },
    );
    await settle(clock, bus.publish({ type: 'a', payload: { n: 0 } }));
    expect(inner.map((report) => report.settled)).toEqual([false, false, false]);
    expect(bus.getStats().subscriptions[0]).toMatchObject({ overBound: 2, dropped: 0 });
    await expectAllDone(bus, clock, 4);
  });

  test('with `drop_newest` the bound holds: what finds no room is dropped, as from anyone', async () => {
    const { bus, clock } = virtualBus();
    const inner: PublishReport[] = [];
    bus.subscribe(
      'a',
      async (event, context) => {
        if (event.payload.n !== 0) return;
        for (const n of [1, 2]) inner.push(await context.publish({ type: 'a', payload: { n } }));
      },
      { concurrency: 1, queue: { size: 1, overflow: 'drop_newest' } },
    );
    await settle(clock, bus.publish({ type: 'a', payload: { n: 0 } }));
    expect(inner.map((report) => states(report))).toEqual([['queued'], ['dropped']]);
    expect(bus.getStats().subscriptions[0]).toMatchObject({ overBound: 0, dropped: 1 });
  });

  test('in later attempts as in the first', async () => {
    const { bus, clock } = virtualBus();
    const settledFlags: boolean[] = [];
    bus.subscribe(
      'a',
      async (event, context) => {
        if (event.causationId !== undefined) return;
        settledFlags.push((await context.publish({ type: 'a' })).settled);
        if (context.attempt < 3) throw new Error('again');
      },
      { concurrency: 1, retry: { attempts: 3 } },
    );
    await settle(clock, bus.publish({ type: 'a' }));
    expect(settledFlags).toEqual([false, false, false]);
    await expectAllDone(bus, clock, 4);
  });
});

describe('what is in no cycle is waited for', () => {
  test('a handler that publishes to another', async () => {
    const { bus, clock } = virtualBus();
    const reports = relay(bus, 'a', 'b', 2);
    relay(bus, 'b', 'a', 2);
    await settle(clock, bus.publish({ type: 'a' }));
    expect(reports).toMatchObject([{ settled: true, deliveries: [{ state: 'done' }] }]);
  });

  test('a handler that publishes to itself while a slot is free', async () => {
    const { bus, clock } = virtualBus();
    const reports = relay(bus, 'a', 'a', 2, 2);
    await settle(clock, bus.publish({ type: 'a' }));
    expect(reports).toMatchObject([{ settled: true, deliveries: [{ state: 'done' }] }]);
  });

  test('a busy subscriber whose handlers wait for nothing of ours, however long its queue', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('b', (_event, context) => context.clock.sleep(10), { concurrency: 1 });
    const reports = relay(bus, 'a', 'b', 2);
    for (let n = 0; n < 5; n++) void bus.publish({ type: 'b' });
    await settle(clock, bus.publish({ type: 'a' }));
    expect(reports).toMatchObject([{ settled: true, deliveries: [{ state: 'done', queuedMs: 49 }] }]);
  });

  test('the other deliveries of a publish of which one is left out', async () => {
    const { bus, clock } = virtualBus();
    const reports: PublishReport[] = [];
    bus.subscribe(
      'a',
      async (event, context) => {
        if (event.causationId === undefined) reports.push(await context.publish({ type: 'a' }));
      },
      { concurrency: 1, name: 'self' },
    );
    bus.subscribe('a', (_event, context) => context.clock.sleep(30), { name: 'other' });
    const published = watch(bus.publish({ type: 'a' }));
    await driveTo(clock, 29);
    expect(reports).toEqual([]);
    await driveTo(clock, 30);
    expect(reports).toMatchObject([{ settled: false, deliveries: [{ state: 'queued' }, { state: 'done' }] }]);
    expect(published.now().state).toBe('fulfilled');
  });

  test('a publish inside a handler whose own attempt is over', async () => {
    const { bus, clock } = virtualBus();
    const late: HandlerContext[] = [];
    bus.subscribe('a', (_event, context) => void late.push(context), { concurrency: 1 });
    for (const _ of [1, 2]) await bus.publish({ type: 'a' });
    const reports = late.map((context) => context.publish({ type: 'a' }));
    expect(reports).toHaveLength(2);
    for (const report of await settle(clock, Promise.all(reports))) {
      expect(report).toMatchObject({ settled: true, deliveries: [{ state: 'done' }] });
    }
  });

  test('a handler whose earlier publish has resolved holds nobody up', async () => {
    const { bus, clock } = virtualBus();
    const reports: PublishReport[] = [];
    bus.subscribe(
      'a',
      async (_event, context) => {
        await context.publish({ type: 'b' });
        await context.clock.sleep(10);
      },
      { concurrency: 1 },
    );
    bus.subscribe('b', () => {}, { concurrency: 1 });
    bus.subscribe(
      'c',
      async (_event, context) => {
        reports.push(await context.publish({ type: 'a' }));
      },
      { concurrency: 1 },
    );
    void bus.publish({ type: 'a' });
    await driveTo(clock, 5);
    await settle(clock, bus.publish({ type: 'c' }));
    expect(reports).toMatchObject([{ settled: true, deliveries: [{ state: 'done', queuedMs: 5 }] }]);
  });
});
