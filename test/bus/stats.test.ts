import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from '../../src/bus/histogram.js';
import type { BusStats } from '../../src/bus/index.js';
import { driveTo, hang, settle, taking, virtualBus } from './support.js';

function made({ deliveries }: BusStats): number {
  return Object.values(deliveries).reduce((sum, count) => sum + count, 0);
}

describe('getStats', () => {
  test('of a new bus is all zeros', () => {
    const { bus } = virtualBus();
    expect(bus.getStats()).toEqual({
      totalEventTypes: 0,
      totalSubscribers: 0,
      eventCounts: {},
      errorCounts: {},
      deliveries: { queued: 0, running: 0, waiting: 0, done: 0, failed: 0, dead: 0, dropped: 0, abandoned: 0 },
      subscriptions: [],
    });
  });

  test('counts types and patterns that have a subscriber, and one subscriber for each type subscribed', () => {
    const { bus } = virtualBus();
    const handler = () => {};
    bus.subscribe('index.failed', handler);
    bus.subscribe('agent.failed', handler);
    bus.subscribe('index.failed', () => {});
    bus.subscribe(['index.failed', 'llm.*', '**'], () => {});
    expect(bus.getStats()).toMatchObject({ totalEventTypes: 4, totalSubscribers: 6 });
    bus.unsubscribe('index.failed', handler);
    bus.unsubscribe('agent.failed', handler);
    expect(bus.getStats()).toMatchObject({ totalEventTypes: 3, totalSubscribers: 4 });
  });

  test('a type named twice in one subscription counts once', () => {
    const { bus } = virtualBus();
    bus.subscribe(['a', 'a'], () => {});
    expect(bus.getStats()).toMatchObject({ totalEventTypes: 1, totalSubscribers: 1 });
  });

  test('counts events by type, with or without subscribers, and failed attempts by the type that was handled', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('*', () => Promise.reject(new Error('no')), { retry: { attempts: 3 } });
    bus.subscribe('a', () => Promise.reject(new Error('no')));
    for (const type of ['a', 'a', 'b', 'nobody.here']) await settle(clock, bus.publish({ type }));
    expect(bus.getStats().eventCounts).toEqual({ a: 2, b: 1, 'nobody.here': 1 });
    expect(bus.getStats().errorCounts).toEqual({ a: 8, b: 3 });
  });

  test('counts types with names that objects have already', async () => {
    const { bus } = virtualBus();
    for (const type of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      bus.subscribe(type, () => {
        throw new Error('no');
      });
      await bus.publish({ type });
    }
    const { eventCounts, errorCounts } = bus.getStats();
    expect(Object.entries(eventCounts)).toEqual(Object.entries(errorCounts));
    expect(JSON.stringify(eventCounts)).toBe('{"__proto__":1,"constructor":1,"toString":1,"hasOwnProperty":1}');
  });

  test('tells the figures of each subscription', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe(
      'a',
      async (event, context) => {
        await context.clock.sleep(Number(event.payload.ms));
        if (event.payload.ms === 3) throw new Error('no');
      },
      { name: 'work', service: 'svc', concurrency: 2, queue: { size: 2, overflow: 'drop_newest' } },
    );
    for (const ms of [1, 2, 3, 4, 5]) void bus.publish({ type: 'a', payload: { ms } });
    const [early] = bus.getStats().subscriptions;
    expect(early).toMatchObject({ inFlight: 2, queued: 2, dropped: 1, p50: undefined, patterns: ['a'] });
    await clock.drive();
    expect(bus.getStats().subscriptions).toMatchObject([
      {
        service: 'svc',
        handler: 'work',
        delivered: 3,
        errors: 1,
        failed: 1,
        retries: 0,
        dead: 0,
        dropped: 1,
        abandoned: 0,
        overBound: 0,
        inFlight: 0,
        queued: 0,
        peakQueued: 2,
        waiting: 0,
      },
    ]);
  });

  test('knows the median, p95 and p99 of attempts to within two percent', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', (event, context) => context.clock.sleep(Number(event.payload.ms)));
    for (let ms = 1; ms <= 1_000; ms++) void bus.publish({ type: 'a', payload: { ms } });
    await clock.drive();
    const [stats] = bus.getStats().subscriptions;
    for (const [found, exact] of [
      [stats?.p50, 500],
      [stats?.p95, 950],
      [stats?.p99, 990],
    ] as const) {
      expect(Math.abs((found ?? 0) - exact) / exact).toBeLessThan(0.02);
    }
  });

  test('is a snapshot: what happens later does not change it', async () => {
    const { bus } = virtualBus();
    bus.subscribe('a', () => {});
    const before = bus.getStats();
    const text = JSON.stringify(before);
    await bus.publish({ type: 'a' });
    expect(JSON.stringify(before)).toBe(text);
  });
});

describe('the eight states', () => {
  test('are all reached, and always add up to the deliveries made', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', () => {}, { name: 'done' });
    bus.subscribe('a', () => Promise.reject(new Error('no')), { name: 'failed' });
    bus.subscribe('a', () => Promise.reject(new Error('no')), { name: 'dead', retry: { attempts: 2, delay: 1 } });
    bus.subscribe('a', () => Promise.reject(new Error('no')), { name: 'waiting', retry: { attempts: 2, delay: 500 } });
    bus.subscribe('a', hang, { name: 'running and queued', concurrency: 1 });
    bus.subscribe('a', taking(100), { name: 'dropped', concurrency: 1, queue: { size: 0, overflow: 'drop_newest' } });
    for (const _ of [1, 2]) void bus.publish({ type: 'a' });
    await driveTo(clock, 200);
    expect(bus.getStats().deliveries).toEqual({
      queued: 1,
      running: 1,
      waiting: 2,
      done: 3,
      failed: 2,
      dead: 2,
      dropped: 1,
      abandoned: 0,
    });
    await settle(clock, bus.close({ timeout: 10 }));
    expect(bus.getStats().deliveries).toMatchObject({ queued: 0, running: 0, waiting: 0, abandoned: 4 });
    expect(made(bus.getStats())).toBe(12);
  });

  test('add up at every moment an observer or a handler can look', async () => {
    const { bus, clock } = virtualBus();
    let expected = 0;
    let looks = 0;
    const look = () => {
      looks++;
      expect.soft(made(bus.getStats())).toBe(expected);
    };
    bus.probe.attach({
      started: look,
      completed: look,
      failed: look,
      dead: look,
      dropped: look,
      abandoned: look,
    });
    bus.probe.attach({
      published: (_event, subscriberCount) => {
        look();
        expected += subscriberCount;
      },
    });
    bus.subscribe('a', look);
    bus.subscribe('a', () => Promise.reject(new Error('no')), { retry: { attempts: 3, delay: 10 } });
    bus.subscribe('a', () => Promise.reject(new Error('no')));
    bus.subscribe('a', (_event, context) => context.publish({ type: 'b' }), { once: true });
    bus.subscribe('b', taking(100), { concurrency: 1, timeout: 30 });
    for (const _ of [1, 2, 3]) {
      await driveTo(clock, clock.now() + 15);
      void bus.publish({ type: 'a' });
      look();
    }
    bus.subscribe('c', hang);
    void bus.publish({ type: 'c' });
    await settle(clock, bus.close({ timeout: 1_000 }));
    look();
    expect(looks).toBeGreaterThan(40);
    expect(expected).toBe(12);
    expect(bus.probe.observerErrors).toBe(0);
  });
});

describe('percentiles', () => {
  test('are within two percent of the exact ones, whatever the durations', () => {
    const duration = fc.double({ min: 0, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(duration, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0, 0.5, 0.95, 0.99, 1),
        (durations, q) => {
          const histogram = new Histogram();
          for (const ms of durations) histogram.add(ms);
          const sorted = durations.toSorted((a, b) => a - b);
          const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
          expect(Math.abs((histogram.percentile(q) ?? -1) - exact)).toBeLessThanOrEqual(exact * 0.02 + 0.0011);
          expect(histogram.count).toBe(durations.length);
        },
      ),
    );
  });

  test('of nothing are undefined', () => {
    expect(new Histogram().percentile(0.5)).toBeUndefined();
  });
});
