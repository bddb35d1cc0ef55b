import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Overflow, SubscribeOptions } from '../../src/bus/index.js';
import { driveTo, settle, taking, virtualBus, watch } from './support.js';

/** Publishes 1, 2, … `count` at once to a handler that takes 10 ms. */
function flooded(options: SubscribeOptions, count: number) {
  const { bus, clock } = virtualBus();
  const started: unknown[] = [];
  bus.subscribe(
    'a',
    async (event, context) => {
      started.push(event.payload.n);
      await context.clock.sleep(10);
    },
    { concurrency: 1, ...options },
  );
  const published = Array.from({ length: count }, (_, index) => bus.publish({ type: 'a', payload: { n: index + 1 } }));
  return { bus, clock, started, published };
}

async function outcomes(options: SubscribeOptions, count: number) {
  const { clock, started, published, bus } = flooded(options, count);
  const reports = await settle(clock, Promise.all(published));
  const states = reports.map(({ deliveries: [delivery] }) =>
    delivery?.state === 'dropped' ? delivery.reason : delivery?.state,
  );
  return { states, started, stats: bus.getStats() };
}

describe('concurrency', () => {
  test('is without limit unless one is set', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(10));
    await settle(clock, Promise.all(Array.from({ length: 100 }, () => bus.publish({ type: 'a' }))));
    expect(clock.now()).toBe(10);
  });

  test('bounds how many run at a time, and uses every slot', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 20 }),
        async (concurrency, lengths) => {
          const { bus, clock } = virtualBus();
          let running = 0;
          let most = 0;
          bus.subscribe(
            'a',
            async (event, context) => {
              most = Math.max(most, ++running);
              await context.clock.sleep(Number(event.payload.ms));
              running--;
            },
            { concurrency },
          );
          await settle(clock, Promise.all(lengths.map((ms) => bus.publish({ type: 'a', payload: { ms } }))));
          expect(most).toBe(Math.min(concurrency, lengths.length));
        },
      ),
      { numRuns: 100 },
    );
  });

  test('of one subscription does not hold another', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(100), { concurrency: 1 });
    const ends: number[] = [];
    bus.subscribe('a', async (_event, context) => {
      await context.clock.sleep(1);
      ends.push(clock.now());
    });
    void bus.publish({ type: 'a' });
    void bus.publish({ type: 'a' });
    await driveTo(clock, 50);
    expect(ends).toEqual([1, 1]);
  });
});

describe('a full queue', () => {
  test('without a bound takes everything', async () => {
    const { states } = await outcomes({}, 50);
    expect(new Set(states)).toEqual(new Set(['done']));
  });

  test('with `block` makes the publisher wait: nothing is lost, and the order stays', async () => {
    const { states, started, stats } = await outcomes({ queue: { size: 1 } }, 5);
    expect(states).toEqual(['done', 'done', 'done', 'done', 'done']);
    expect(started).toEqual([1, 2, 3, 4, 5]);
    expect(stats.subscriptions[0]).toMatchObject({ dropped: 0, overBound: 0 });
  });

  test('with `drop_newest` drops what comes', async () => {
    const { states, started, stats } = await outcomes({ queue: { size: 2, overflow: 'drop_newest' } }, 5);
    expect(states).toEqual(['done', 'done', 'done', 'queue_full', 'queue_full']);
    expect(started).toEqual([1, 2, 3]);
    expect(stats.subscriptions[0]).toMatchObject({ dropped: 2, delivered: 3 });
    expect(stats.errorCounts).toEqual({});
  });

  test('with `drop_oldest` drops what has waited longest', async () => {
    const { states, started } = await outcomes({ queue: { size: 2, overflow: 'drop_oldest' } }, 5);
    expect(states).toEqual(['done', 'displaced', 'displaced', 'done', 'done']);
    expect(started).toEqual([1, 4, 5]);
  });

  test.each<Overflow>(['drop_newest', 'drop_oldest'])(
    'of size 0 with `%s` drops what finds no slot',
    async (overflow) => {
      const { states, started } = await outcomes({ queue: { size: 0, overflow } }, 3);
      expect(states).toEqual(['done', 'queue_full', 'queue_full']);
      expect(started).toEqual([1]);
    },
  );

  test('tells the publisher of a dropped delivery at once', async () => {
    const { published, clock } = flooded({ queue: { size: 0, overflow: 'drop_newest' } }, 2);
    const [running, dropped] = published.map(watch);
    await driveTo(clock, 5);
    expect(running?.now().state).toBe('pending');
    expect(dropped?.now()).toMatchObject({
      state: 'fulfilled',
      value: { settled: true, deliveries: [{ state: 'dropped', attempts: 0, durationMs: 0, reason: 'queue_full' }] },
    });
  });

  test.each<Overflow>(['drop_newest', 'drop_oldest'])(
    'keeps its bound with `%s` whatever is thrown at it',
    async (overflow) => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 0, max: 4 }),
          fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 40 }),
          fc.boolean(),
          async (concurrency, size, gaps, paused) => {
            const { bus, clock } = virtualBus();
            bus.subscribe('a', taking(10), { concurrency, queue: { size, overflow } });
            if (paused) bus.pause();
            let at = 0;
            for (const gap of gaps) {
              at += gap;
              clock.setTimer(at, () => {
                void bus.publish({ type: 'a' });
                const { running, queued } = bus.getStats().deliveries;
                expect(running).toBeLessThanOrEqual(concurrency);
                expect(queued).toBeLessThanOrEqual(paused ? size + concurrency : size);
              });
            }
            if (paused) clock.setTimer(at + 1, () => bus.resume());
            await clock.drive();
            const { done, dropped, queued, running } = bus.getStats().deliveries;
            expect([done + dropped, queued, running]).toEqual([gaps.length, 0, 0]);
          },
        ),
        { numRuns: 100 },
      );
    },
  );

  test('waits for a retry do not count as queued, and a retry is never refused for want of room', async () => {
    const { bus, clock } = virtualBus();
    const reports = [];
    bus.subscribe(
      'a',
      async (event, context) => {
        await context.clock.sleep(10);
        if (event.payload.n === 1 && context.attempt === 1) throw new Error('once');
      },
      { concurrency: 1, queue: { size: 1, overflow: 'drop_newest' }, retry: { attempts: 2, delay: 5 } },
    );
    reports.push(bus.publish({ type: 'a', payload: { n: 1 } }));
    reports.push(bus.publish({ type: 'a', payload: { n: 2 } }));
    await driveTo(clock, 12);
    expect(bus.getStats().subscriptions[0]).toMatchObject({ inFlight: 1, queued: 0, waiting: 1 });
    reports.push(bus.publish({ type: 'a', payload: { n: 3 } }));
    const settled = await settle(clock, Promise.all(reports));
    expect(settled.map((report) => report.deliveries[0]?.state)).toEqual(['done', 'done', 'done']);
  });
});
