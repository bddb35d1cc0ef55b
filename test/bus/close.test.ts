import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { driveTo, hang, rejection, settle, taking, virtualBus, watch } from './support.js';

describe('close', () => {
  test('of a quiet bus abandons nothing', async () => {
    const { bus } = virtualBus();
    bus.subscribe('a', () => {});
    await bus.publish({ type: 'a' });
    expect(await bus.close()).toMatchObject({ abandoned: [], cancelled: 0 });
    expect(bus.closed).toBe(true);
  });

  test('refuses new events and subscribers at once with BUS_CLOSED', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(10));
    void bus.publish({ type: 'a' });
    const closing = bus.close();
    expect(await rejection(bus.publish({ type: 'a' }))).toMatchObject({ code: 'BUS_CLOSED' });
    expect(() => bus.subscribe('a', () => {})).toThrow(expect.objectContaining({ code: 'BUS_CLOSED' }));
    await settle(clock, closing);
    expect(await rejection(bus.publish({ type: 'a' }))).toMatchObject({ code: 'BUS_CLOSED' });
    expect(await rejection(bus.publish({ type: 'a' }, { wait: 'cascade' }))).toMatchObject({ code: 'BUS_CLOSED' });
  });

  test('drains: what handlers still publish, retries and delayed publishes come to their end', async () => {
    const { bus, clock } = virtualBus();
    const seen: string[] = [];
    bus.subscribe('a', async (_event, context) => {
      await context.clock.sleep(10);
      await context.publish({ type: 'b' });
      context.publishAfter(20, { type: 'c' });
    });
    bus.subscribe(
      'b',
      (event, { attempt }) => {
        if (attempt === 1) throw new Error('once');
        seen.push(event.type);
      },
      { retry: { attempts: 2, delay: 5 } },
    );
    bus.subscribe('c', (event) => void seen.push(event.type));
    void bus.publish({ type: 'a' });
    expect(await settle(clock, bus.close())).toMatchObject({ abandoned: [], cancelled: 0 });
    expect(seen).toEqual(['b', 'c']);
    expect(clock.now()).toBe(35);
  });

  test('after its timeout gives up what runs, what is queued and what waits for a retry, and lists it', async () => {
    const { bus, clock } = virtualBus();
    const started: unknown[] = [];
    bus.subscribe(
      'a',
      (event) => {
        started.push(event.payload.n);
        if (event.payload.n === 0) throw new Error('once');
        return hang();
      },
      { concurrency: 1, name: 'stuck', retry: { attempts: 2, delay: 1_000 } },
    );
    const published = [0, 1, 2].map((n) => watch(bus.publish({ type: 'a', payload: { n } })));
    const report = await settle(clock, bus.close({ timeout: 100 }));
    expect(report.abandoned).toMatchObject([
      { state: 'abandoned', attempts: 1, durationMs: 100, subscriber: { handler: 'stuck' } },
      { state: 'abandoned', attempts: 0 },
      { state: 'abandoned', attempts: 1, durationMs: 0 },
    ]);
    expect(started).toEqual([0, 1]);
    expect(bus.getStats().deliveries).toMatchObject({ abandoned: 3, running: 0, queued: 0, waiting: 0 });
    for (const each of published) {
      expect(each.now()).toMatchObject({ state: 'fulfilled', value: { deliveries: [{ state: 'abandoned' }] } });
    }
    expect(clock.now()).toBe(100);
    expect(clock.pending).toBe(0);
  });

  test('lists a once-subscription that hangs, and one that was unsubscribed while it ran', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', hang, { once: true, name: 'once' });
    const left = bus.subscribe('a', hang, { name: 'left' });
    void bus.publish({ type: 'a' });
    left.unsubscribe();
    const { abandoned } = await settle(clock, bus.close({ timeout: 1 }));
    expect(abandoned.map((delivery) => delivery.subscriber.handler)).toEqual(['once', 'left']);
  });

  test('aborts the signal of what it gives up, and takes nothing it does afterwards', async () => {
    const { bus, clock } = virtualBus();
    const outcomes: unknown[] = [];
    bus.subscribe('a', async (_event, context) => {
      await context.clock.sleep(1_000).catch((reason: unknown) => outcomes.push(reason));
      outcomes.push(await rejection(context.publish({ type: 'b' })));
      try {
        context.publishAfter(10, { type: 'b' });
      } catch (error) {
        outcomes.push(error);
      }
    });
    void bus.publish({ type: 'a' });
    await settle(clock, bus.close({ timeout: 10 }));
    const closed = { code: 'BUS_CLOSED' };
    expect(outcomes).toMatchObject([{ ...closed, name: 'AbortError' }, closed, closed]);
    expect(bus.getStats()).toMatchObject({ eventCounts: { a: 1 }, deliveries: { abandoned: 1, done: 0 } });
  });

  test('cancels delayed publishes that are still to come, counts them, and leaves no timer', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', (_event, context) => {
      context.publishAfter(1_000, { type: 'b' });
      context.publishAfter(2_000, { type: 'b' });
    });
    bus.subscribe('c', (_event, context) => {
      context.publishAfter(1_000, { type: 'b' });
      return hang();
    });
    await bus.publish({ type: 'a' });
    void bus.publish({ type: 'c' });
    const report = await settle(clock, bus.close({ timeout: 10 }));
    expect(report).toMatchObject({ cancelled: 3, abandoned: [{ state: 'abandoned' }] });
    expect(clock.pending).toBe(0);
    expect(bus.getStats().eventCounts).toEqual({ a: 1, c: 1 });
  });

  test('settles whoever waits for a publish, a cascade or idle', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', hang);
    const waits = [bus.publish({ type: 'a' }), bus.publish({ type: 'a' }, { wait: 'cascade' }), bus.idle()].map(
      (each) => watch<unknown>(each),
    );
    await settle(clock, bus.close({ timeout: 10 }));
    expect(waits.map((wait) => wait.now().state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });

  test('a second call gives the same answer, while it drains and after', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(10));
    void bus.publish({ type: 'a' });
    const first = bus.close({ timeout: 100 });
    expect(bus.close({ timeout: 1 })).toBe(first);
    await settle(clock, first);
    expect(clock.now()).toBe(10);
    expect(bus.close()).toBe(first);
  });

  test('called by a handler gives the same answer, also where closing started that handler', async () => {
    const { bus, clock } = virtualBus();
    const inner: unknown[] = [];
    bus.subscribe('a', () => void inner.push(bus.close()));
    bus.pause();
    void bus.publish({ type: 'a' });
    const outer = bus.close();
    await settle(clock, outer);
    expect(inner).toHaveLength(1);
    expect(inner[0]).toBe(outer);
  });

  test('resumes a paused bus, which would never drain', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(5));
    bus.pause();
    const published = watch(bus.publish({ type: 'a' }));
    expect(await settle(clock, bus.close())).toMatchObject({ abandoned: [], cancelled: 0 });
    expect(published.now()).toMatchObject({ value: { deliveries: [{ state: 'done' }] } });
  });

  test('is not held up by a pause that comes later', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(5), { concurrency: 1 });
    for (const _ of [1, 2]) void bus.publish({ type: 'a' });
    const closing = bus.close();
    bus.pause();
    expect(await settle(clock, closing)).toMatchObject({ abandoned: [], cancelled: 0 });
  });

  test('refuses a bad timeout and stays open', async () => {
    const { bus } = virtualBus();
    for (const timeout of [-1, Number.NaN]) {
      expect(await rejection(bus.close({ timeout }))).toMatchObject({ code: 'INVALID_OPTIONS' });
    }
    expect(bus.closed).toBe(false);
    await bus.publish({ type: 'a' });
  });

  test('ends all subscriptions and takes their listeners off', async () => {
    const { bus } = virtualBus();
    const { signal } = new AbortController();
    const subscriptions = ['a', '**', 'b.*'].map((pattern) => bus.subscribe(pattern, () => {}, { signal }));
    await bus.close();
    expect(subscriptions.map((subscription) => subscription.active)).toEqual([false, false, false]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('gives the statistics as they were at its end, subscriptions included; afterwards there are none', async () => {
    const { bus } = virtualBus();
    bus.subscribe('a', () => {}, { name: 'one' });
    await bus.publish({ type: 'a' });
    const before = bus.getStats();
    expect((await bus.close()).stats).toEqual(before);
    expect(bus.getStats()).toMatchObject({
      totalEventTypes: 0,
      totalSubscribers: 0,
      subscriptions: [],
      eventCounts: { a: 1 },
      deliveries: before.deliveries,
    });
  });

  test('flushes the log, after the last delivery', async () => {
    const log: string[] = [];
    const { bus, clock } = virtualBus({
      log: {
        observer: { completed: () => void log.push('completed') },
        flush: () => void log.push('flushed'),
      },
    });
    bus.subscribe('a', taking(10));
    void bus.publish({ type: 'a' });
    await settle(clock, bus.close());
    expect(log).toEqual(['completed', 'flushed']);
  });

  test('counts the time from the call, on the bus’s clock', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', hang);
    void bus.publish({ type: 'a' });
    await driveTo(clock, 30);
    const closing = watch(bus.close({ timeout: 20 }));
    await driveTo(clock, 49);
    expect(closing.now().state).toBe('pending');
    await driveTo(clock, 50);
    expect(closing.now().state).toBe('fulfilled');
  });
});
