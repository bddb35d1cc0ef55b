import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RetryOptions } from '../../src/bus/index.js';
import { settle, virtualBus } from './support.js';

/** When the attempts of a handler that always fails start, in milliseconds. */
async function startsOf(retry: RetryOptions, random: () => number = () => 0.5): Promise<readonly number[]> {
  const { bus, clock } = virtualBus({ random });
  const starts: number[] = [];
  bus.subscribe(
    'a',
    () => {
      starts.push(clock.now());
      throw new Error('no');
    },
    { retry },
  );
  await settle(clock, bus.publish({ type: 'a' }));
  return starts;
}

describe('retries', () => {
  test('`attempts` is the total: a handler that fails twice succeeds at its third', async () => {
    const { bus, clock } = virtualBus();
    const attempts: number[] = [];
    bus.subscribe(
      'a',
      (_event, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error(`attempt ${attempt}`);
      },
      { retry: { attempts: 3, delay: 10 }, name: 'flaky' },
    );
    const report = await settle(clock, bus.publish({ type: 'a' }));
    expect(attempts).toEqual([1, 2, 3]);
    expect(report.deliveries[0]).toMatchObject({ state: 'done', attempts: 3 });
    expect(bus.getStats().subscriptions[0]).toMatchObject({ delivered: 1, errors: 2, retries: 2, failed: 0, dead: 0 });
    expect(bus.getStats().errorCounts).toEqual({ a: 2 });
  });

  test('used up end the delivery as `dead`, with the last error', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe(
      'a',
      (_event, { attempt }) => {
        throw new Error(`attempt ${attempt}`);
      },
      { retry: { attempts: 3 } },
    );
    const report = await settle(clock, bus.publish({ type: 'a' }));
    expect(report.deliveries[0]).toMatchObject({ state: 'dead', attempts: 3, error: { message: 'attempt 3' } });
    expect(bus.getStats().subscriptions[0]).toMatchObject({ dead: 1, failed: 0, errors: 3, retries: 2, delivered: 0 });
  });

  test('of one attempt are none: the delivery is `failed`', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', () => Promise.reject(new Error('no')), { retry: { attempts: 1 } });
    const report = await settle(clock, bus.publish({ type: 'a' }));
    expect(report.deliveries[0]).toMatchObject({ state: 'failed', attempts: 1 });
  });

  test.each<[RetryOptions, readonly number[]]>([
    [{ attempts: 4 }, [0, 0, 0, 0]],
    [{ attempts: 4, delay: 10 }, [0, 10, 20, 30]],
    [{ attempts: 4, delay: 10, backoff: 'fixed' }, [0, 10, 20, 30]],
    [{ attempts: 4, delay: 10, backoff: 'linear' }, [0, 10, 30, 60]],
    [{ attempts: 5, delay: 10, backoff: 'exponential' }, [0, 10, 30, 70, 150]],
    [{ attempts: 5, delay: 10, backoff: 'exponential', maxDelay: 25 }, [0, 10, 30, 55, 80]],
    [{ attempts: 3, delay: 40_000, backoff: 'exponential' }, [0, 40_000, 80_000]],
    [{ attempts: 3, delay: 10, jitter: 0.2 }, [0, 10, 20]],
  ])('%j start at %j', async (retry, expected) => {
    expect(await startsOf(retry)).toEqual(expected);
  });

  test('a delay grows to 30 seconds at most unless told otherwise', async () => {
    const starts = await startsOf({ attempts: 20, delay: 1_000, backoff: 'exponential' });
    const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
    expect(Math.max(...gaps)).toBe(30_000);
    expect(gaps.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  test('jitter varies a delay by its share, up or down, and no further', async () => {
    expect(await startsOf({ attempts: 2, delay: 100, jitter: 0.2 }, () => 0)).toEqual([0, 80]);
    const [, most = 0] = await startsOf({ attempts: 2, delay: 100, jitter: 0.2 }, () => 1 - Number.EPSILON);
    expect(most).toBeCloseTo(120, 6);
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 1_000 }),
        async (drawn, jitter, delay) => {
          const [, second = -1] = await startsOf({ attempts: 2, delay, jitter }, () => drawn);
          expect(second).toBeGreaterThanOrEqual(delay * (1 - jitter) - 1e-9);
          expect(second).toBeLessThanOrEqual(delay * (1 + jitter) + 1e-9);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('wait without a slot: other events run meanwhile', async () => {
    const { bus, clock } = virtualBus();
    const log: string[] = [];
    bus.subscribe(
      'a',
      (event, { attempt }) => {
        log.push(`${event.payload.n}.${attempt}@${clock.now()}`);
        if (event.payload.n === 1 && attempt === 1) throw new Error('no');
      },
      { concurrency: 1, retry: { attempts: 2, delay: 10 } },
    );
    void bus.publish({ type: 'a', payload: { n: 1 } });
    await settle(clock, bus.publish({ type: 'a', payload: { n: 2 } }));
    expect(log).toEqual(['1.1@0', '2.1@0', '1.2@10']);
  });

  test('go before what was published later, when a slot comes free', async () => {
    const { bus, clock } = virtualBus();
    const log: string[] = [];
    bus.subscribe(
      'a',
      async (event, context) => {
        log.push(`${event.payload.n}.${context.attempt}`);
        await context.clock.sleep(20);
        if (event.payload.n === 1 && context.attempt === 1) throw new Error('no');
      },
      { concurrency: 1, retry: { attempts: 2, delay: 5 } },
    );
    await settle(clock, Promise.all([1, 2, 3].map((n) => bus.publish({ type: 'a', payload: { n } }))));
    expect(log).toEqual(['1.1', '2.1', '1.2', '3.1']);
  });

  test('report the time in handlers over all attempts, and the wait before the first', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe(
      'a',
      async (_event, context) => {
        await context.clock.sleep(7);
        if (context.attempt < 3) throw new Error('no');
      },
      { concurrency: 1, retry: { attempts: 3, delay: 100 } },
    );
    bus.pause();
    const published = bus.publish({ type: 'a' });
    clock.setTimer(50, () => bus.resume());
    const report = await settle(clock, published);
    expect(report.deliveries[0]).toMatchObject({ attempts: 3, durationMs: 21, queuedMs: 50 });
    expect(clock.now()).toBe(50 + 7 + 100 + 7 + 100 + 7);
  });

  test('an attempt that times out is retried, with a fresh signal', async () => {
    const { bus, clock } = virtualBus();
    const signals: AbortSignal[] = [];
    bus.subscribe(
      'a',
      async (_event, context) => {
        signals.push(context.signal);
        await context.clock.sleep(context.attempt === 1 ? 1_000 : 1);
      },
      { timeout: 10, retry: { attempts: 2, delay: 5 } },
    );
    const report = await settle(clock, bus.publish({ type: 'a' }));
    expect(report.deliveries[0]).toMatchObject({ state: 'done', attempts: 2 });
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false]);
  });
});
