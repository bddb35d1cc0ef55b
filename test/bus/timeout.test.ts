import { describe, expect, test } from 'vitest';
import type { HandlerContext } from '../../src/bus/index.js';
import { isCfBusError } from '../../src/kernel/index.js';
import { Deferred, driveTo, hang, settle, taking, turn, virtualBus, watch } from './support.js';

describe('a timeout', () => {
  test('ends an attempt that hangs: the publish resolves, the delivery failed, the error is coded', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', hang, { timeout: 500, name: 'stuck', service: 'svc' });
    const report = await settle(clock, bus.publish({ type: 'a' }));
    expect(clock.now()).toBe(500);
    expect(report.deliveries[0]).toMatchObject({
      state: 'failed',
      durationMs: 500,
      error: { code: 'HANDLER_TIMEOUT', name: 'TimeoutError', message: 'svc.stuck timed out after 500 ms' },
    });
    expect(bus.getStats().errorCounts).toEqual({ a: 1 });
  });

  test('aborts the signal of its attempt with the same error', async () => {
    const { bus, clock } = virtualBus();
    const reasons: unknown[] = [];
    bus.subscribe(
      'a',
      (_event, { signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return hang();
      },
      { timeout: 10 },
    );
    const report = await settle(clock, bus.publish({ type: 'a' }));
    const [delivery] = report.deliveries;
    expect(reasons).toEqual([delivery?.state === 'failed' ? delivery.error : 'not failed']);
    expect(isCfBusError(reasons[0])).toBe(true);
  });

  test('aborts a signal that is asked for only afterwards, and the bus’s sleep', async () => {
    const { bus, clock } = virtualBus();
    const late = new Deferred<HandlerContext>();
    const slept = new Deferred<unknown>();
    bus.subscribe(
      'a',
      async (_event, context) => {
        late.resolve(context);
        await context.clock.sleep(1_000).catch(slept.resolve);
      },
      { timeout: 10 },
    );
    await settle(clock, bus.publish({ type: 'a' }));
    const context = await late.promise;
    expect(context.signal.aborted).toBe(true);
    expect(await slept.promise).toBe(context.signal.reason);
    expect(clock.now()).toBe(10);
  });

  test('leaves the signal alone when the handler ends in time, and leaves no timer', async () => {
    const { bus, clock } = virtualBus();
    const contexts: HandlerContext[] = [];
    bus.subscribe(
      'a',
      async (_event, context) => {
        contexts.push(context);
        await context.clock.sleep(9);
      },
      { timeout: 10 },
    );
    const published = bus.publish({ type: 'a' });
    await driveTo(clock, 9);
    expect((await published).deliveries[0]?.state).toBe('done');
    expect(clock.pending).toBe(0);
    expect(contexts[0]?.signal.aborted).toBe(false);
  });

  test('frees the slot: the next event starts', async () => {
    const { bus, clock } = virtualBus();
    const started: number[] = [];
    bus.subscribe(
      'a',
      () => {
        started.push(clock.now());
        return hang();
      },
      { timeout: 10, concurrency: 1 },
    );
    for (let n = 0; n < 3; n++) void bus.publish({ type: 'a' });
    await settle(clock, bus.idle());
    expect(started).toEqual([0, 10, 20]);
  });

  test.each<[string, (late: Deferred) => void]>([
    ['result', (late) => late.resolve()],
    ['error', (late) => late.reject(new Error('too late'))],
  ])('ignores a late %s', async (_what, end) => {
    const { bus, clock } = virtualBus();
    const late = new Deferred();
    bus.subscribe('a', () => late.promise, { timeout: 10, name: 'late' });
    const report = await settle(clock, bus.publish({ type: 'a' }));
    const before = JSON.stringify(bus.getStats());
    end(late);
    await turn();
    expect(report.deliveries[0]).toMatchObject({ state: 'failed', attempts: 1, error: { code: 'HANDLER_TIMEOUT' } });
    expect(JSON.stringify(bus.getStats())).toBe(before);
  });

  test('a late result of an attempt does not end the attempt that runs after it', async () => {
    const { bus, clock } = virtualBus();
    const first = new Deferred();
    bus.subscribe(
      'a',
      async (_event, context) => {
        if (context.attempt === 1) return first.promise;
        await context.clock.sleep(5);
        throw new Error('second failed');
      },
      { timeout: 10, retry: { attempts: 2 } },
    );
    const published = watch(bus.publish({ type: 'a' }));
    await driveTo(clock, 12);
    first.resolve();
    await turn();
    expect(published.now().state).toBe('pending');
    await driveTo(clock, 15);
    expect(published.now()).toMatchObject({ value: { deliveries: [{ state: 'dead', attempts: 2 }] } });
  });

  test('an abort listener that settles the handler comes too late to make it a success', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe(
      'a',
      (_event, { signal }) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
      { timeout: 10 },
    );
    const report = await settle(clock, bus.publish({ type: 'a' }));
    expect(report.deliveries[0]?.state).toBe('failed');
  });

  test('counts from the start of the attempt, not from the publish', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(8), { timeout: 10, concurrency: 1 });
    const reports = await settle(clock, Promise.all([1, 2, 3].map(() => bus.publish({ type: 'a' }))));
    expect(reports.map((report) => report.deliveries[0])).toMatchObject([
      { state: 'done', queuedMs: 0 },
      { state: 'done', queuedMs: 8 },
      { state: 'done', queuedMs: 16 },
    ]);
  });

  test('of zero gives a handler until the next moment', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', async () => {}, { timeout: 0, name: 'quick' });
    bus.subscribe('a', hang, { timeout: 0, name: 'stuck' });
    const report = await settle(clock, bus.publish({ type: 'a' }));
    expect(report.deliveries.map((delivery) => delivery.state)).toEqual(['done', 'failed']);
  });
});
