import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { EventBus, Subscription } from '../../src/bus/index.js';
import { settle, taking, turn, virtualBus } from './support.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** True when nothing keeps what `ref` points to. */
async function isCollected(ref: WeakRef<object>): Promise<boolean> {
  for (let round = 0; round < 10; round++) {
    // A WeakRef keeps its target alive until the turn in which it was made or read is over.
    await turn();
    collectGarbage();
    if (ref.deref() === undefined) return true;
  }
  return false;
}

// Two functions: closures made in one scope keep each other's variables alive.
function heavyHandler(): { handler: () => void; ref: WeakRef<object> } {
  const ballast = new Array<number>(1_000).fill(1);
  return { handler: () => void ballast.length, ref: new WeakRef(ballast) };
}

/** Subscribes a handler that holds much; gives a weak reference to it, and a way to end it that keeps nothing itself. */
function subscribeWeakly(bus: EventBus, pattern: string | string[]): { ref: WeakRef<object>; end: () => void } {
  const { handler, ref } = heavyHandler();
  const box: Subscription[] = [bus.subscribe(pattern, handler, { name: 'heavy' })];
  return { ref, end: () => box.pop()?.unsubscribe() };
}

/** A report keeps what it reports on; a function of its own, so that no register of the test does. */
async function publishAndForget(bus: EventBus, type: string): Promise<void> {
  await bus.publish({ type });
}

describe('unsubscribing everything leaves nothing behind', () => {
  test('no timer', async () => {
    const { bus, clock } = virtualBus();
    const subscriptions = [
      bus.subscribe('a', taking(5), { timeout: 1_000 }),
      bus.subscribe('a', () => {}, { timeout: 1_000 }),
      bus.subscribe('a', () => Promise.reject(new Error('no')), { timeout: 1_000, retry: { attempts: 3, delay: 5 } }),
    ];
    const published = bus.publish({ type: 'a' });
    for (const subscription of subscriptions) subscription.unsubscribe();
    await settle(clock, published);
    expect(clock.pending).toBe(0);
    expect(clock.now()).toBe(10);
  });

  test('no listener on a signal that outlives it', async () => {
    const { bus, clock } = virtualBus();
    const { signal } = new AbortController();
    const options = { signal };
    bus.subscribe('a', () => {}, { ...options, once: true });
    const subscription = bus.subscribe('*', () => {}, options);
    const handler = () => {};
    bus.subscribe('a', handler, options);
    void bus.waitFor('a', options);
    await settle(clock, bus.publish({ type: 'a' }));
    subscription.unsubscribe();
    bus.unsubscribe('a', handler);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('no subscription, also of one that was unsubscribed while it ran', async () => {
    const { bus, clock } = virtualBus();
    const subscription = bus.subscribe('a', taking(10));
    const published = bus.publish({ type: 'a' });
    subscription.unsubscribe();
    await settle(clock, published);
    expect(bus.getStats()).toMatchObject({ subscriptions: [], totalSubscribers: 0, deliveries: { done: 1 } });
  });

  test.each([
    ['a type', 'index.updated'],
    ['a pattern', 'index.*'],
    ['everything', '**'],
    ['several', ['index.*', 'index.updated', '**.updated']],
  ])('no memory of a handler of %s, though events were published to it', async (_what, pattern) => {
    const { bus } = virtualBus();
    const { ref, end } = subscribeWeakly(bus, pattern);
    await publishAndForget(bus, 'index.updated');
    expect(await isCollected(ref)).toBe(false);
    end();
    expect(await isCollected(ref)).toBe(true);
    expect(bus.getStats().eventCounts).toEqual({ 'index.updated': 1 });
  });

  test('no memory of one that left while others stay, once another event of its type was published', async () => {
    const { bus } = virtualBus();
    bus.subscribe('a', () => {});
    bus.subscribe('**', () => {});
    const { ref, end } = subscribeWeakly(bus, 'a');
    await bus.publish({ type: 'a' });
    end();
    await bus.publish({ type: 'a' });
    expect(await isCollected(ref)).toBe(true);
  });

  test('no memory of a signal or of who waited for it', async () => {
    const { bus } = virtualBus();
    const subscribe = () => {
      const controller = new AbortController();
      bus.subscribe('a', () => {}, { signal: controller.signal });
      const waiting = bus.waitFor('b', { signal: controller.signal });
      waiting.catch(() => {});
      controller.abort();
      return new WeakRef(controller.signal);
    };
    expect(await isCollected(subscribe())).toBe(true);
  });

  test('no memory of events beyond the history', async () => {
    const { bus } = virtualBus({ history: 2 });
    const publish = async () => {
      const payload = { ballast: new Array<number>(1_000).fill(1) };
      await bus.publish({ type: 'a', payload });
      return new WeakRef(payload);
    };
    const ref = await publish();
    await bus.publish({ type: 'b' });
    expect(await isCollected(ref)).toBe(false);
    await bus.publish({ type: 'c' });
    expect(await isCollected(ref)).toBe(true);
  });
});

test('a bus whose work is done keeps no memory of its deliveries', async () => {
  const { bus, clock } = virtualBus({ history: 0 });
  bus.subscribe('a', taking(1), { concurrency: 1, timeout: 100 });
  bus.subscribe('a', (_event, context) => context.publish({ type: 'b' }));
  const publish = async () => {
    const report = await settle(clock, bus.publish({ type: 'a' }));
    return new WeakRef(report);
  };
  const ref = await publish();
  expect(await isCollected(ref)).toBe(true);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < 200; n++) {
    for (let k = 0; k < 100; k++) void bus.publish({ type: 'a', payload: { k } });
    await settle(clock, bus.idle());
  }
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(4_000_000);
});
