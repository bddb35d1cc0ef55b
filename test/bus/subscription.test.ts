import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Subscription } from '../../src/bus/index.js';
import { settle, taking, virtualBus } from './support.js';

/** The ways to end a subscription; all mean the same. */
const endings: readonly [string, (subscription: Subscription, controller: AbortController) => void][] = [
  ['unsubscribe', (subscription) => subscription.unsubscribe()],
  ['dispose', (subscription) => subscription[Symbol.dispose]()],
  ['abort', (_subscription, controller) => controller.abort()],
];

describe.each(endings)('ending a subscription by %s', (_name, end) => {
  test('takes later events from it, and only from it', async () => {
    const { bus } = virtualBus();
    const controller = new AbortController();
    const seen: string[] = [];
    const subscription = bus.subscribe('a', () => seen.push('ended'), { signal: controller.signal });
    bus.subscribe('a', () => seen.push('other'));
    await bus.publish({ type: 'a' });
    expect(subscription.active).toBe(true);
    end(subscription, controller);
    expect(subscription.active).toBe(false);
    expect((await bus.publish({ type: 'a' })).deliveries).toHaveLength(1);
    expect(seen).toEqual(['ended', 'other', 'other']);
    expect(bus.getStats()).toMatchObject({ totalSubscribers: 1, totalEventTypes: 1 });
  });

  test('twice does nothing more, also when the same handler has subscribed again', async () => {
    const { bus } = virtualBus();
    const controller = new AbortController();
    let calls = 0;
    const handler = () => {
      calls++;
    };
    const subscription = bus.subscribe('a', handler, { signal: controller.signal });
    end(subscription, controller);
    const again = bus.subscribe('a', handler);
    end(subscription, controller);
    await bus.publish({ type: 'a' });
    expect([calls, again.active]).toEqual([1, true]);
  });

  test('lets what is queued, running or waiting for a retry come to its end', async () => {
    const { bus, clock } = virtualBus();
    const controller = new AbortController();
    const subscription = bus.subscribe(
      'a',
      async (event, context) => {
        await context.clock.sleep(10);
        if (event.payload.n === 1 && context.attempt === 1) throw new Error('once');
      },
      { concurrency: 1, retry: { attempts: 2, delay: 100 }, signal: controller.signal },
    );
    const published = [1, 2, 3].map((n) => bus.publish({ type: 'a', payload: { n } }));
    clock.setTimer(15, () => {
      expect(bus.getStats().deliveries).toMatchObject({ running: 1, queued: 1, waiting: 1 });
      end(subscription, controller);
    });
    const reports = await settle(clock, Promise.all(published));
    expect(reports.map((report) => report.deliveries[0])).toMatchObject([
      { state: 'done', attempts: 2 },
      { state: 'done', attempts: 1 },
      { state: 'done', attempts: 1 },
    ]);
    expect(bus.getStats().deliveries).toMatchObject({ done: 3, running: 0, queued: 0, waiting: 0 });
  });

  test('takes the listener off the signal', () => {
    const { bus } = virtualBus();
    const controller = new AbortController();
    const subscription = bus.subscribe('a', () => {}, { signal: controller.signal });
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    end(subscription, controller);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});

describe('a subscription', () => {
  test('ends by itself at the end of a `using` block', async () => {
    const { bus } = virtualBus();
    let calls = 0;
    {
      using subscription = bus.subscribe('a', () => {
        calls++;
      });
      await bus.publish({ type: 'a' });
      expect(subscription.active).toBe(true);
    }
    await bus.publish({ type: 'a' });
    expect(calls).toBe(1);
  });

  test('to a signal that has aborted already never begins', async () => {
    const { bus } = virtualBus();
    const subscription = bus.subscribe('a', () => {}, { signal: AbortSignal.abort() });
    expect(subscription.active).toBe(false);
    expect((await bus.publish({ type: 'a' })).deliveries).toEqual([]);
    expect(bus.getStats()).toMatchObject({ totalSubscribers: 0, subscriptions: [] });
  });

  test('of many to one signal end together, behind one listener', async () => {
    const { bus } = virtualBus();
    const controller = new AbortController();
    const subscriptions = Array.from({ length: 50 }, () => bus.subscribe('a', () => {}, { signal: controller.signal }));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    subscriptions[0]?.unsubscribe();
    expect(bus.getStats().totalSubscribers).toBe(49);
    controller.abort();
    expect(subscriptions.some((subscription) => subscription.active)).toBe(false);
    expect(bus.getStats().totalSubscribers).toBe(0);
  });

  test('of the same handler twice gets each event twice; unsubscribing the handler ends both', async () => {
    const { bus } = virtualBus();
    let calls = 0;
    const handler = () => {
      calls++;
    };
    bus.subscribe('a', handler);
    bus.subscribe('a', handler);
    await bus.publish({ type: 'a' });
    expect(calls).toBe(2);
    expect(bus.unsubscribe('a', handler)).toBe(true);
    await bus.publish({ type: 'a' });
    expect(calls).toBe(2);
  });

  test('unsubscribing what was never subscribed says so and changes nothing', async () => {
    const { bus } = virtualBus();
    const handler = () => {};
    bus.subscribe('index.*', handler);
    expect(bus.unsubscribe('index.updated', handler)).toBe(false);
    expect(bus.unsubscribe('index.*', () => {})).toBe(false);
    expect(bus.getStats().totalSubscribers).toBe(1);
    expect(bus.unsubscribe('index.*', handler)).toBe(true);
  });

  test('has an id of its own', () => {
    const { bus } = virtualBus();
    const ids = [1, 2, 3].map(() => bus.subscribe('a', () => {}).id);
    expect(new Set(ids).size).toBe(3);
  });

  test('is named for its function, or as told, or `anonymous`', () => {
    const { bus } = virtualBus();
    bus.subscribe('a', function onIndexUpdated() {});
    bus.subscribe('a', () => {}, { name: 'told', service: 'svc' });
    bus.subscribe('a', () => {});
    const names = bus.getStats().subscriptions.map(({ service, handler }) => `${service}/${handler}`);
    expect(names).toEqual(['/onIndexUpdated', 'svc/told', '/anonymous']);
  });
});

describe('once', () => {
  test('gets the first event and no other', async () => {
    const { bus } = virtualBus();
    const seen: unknown[] = [];
    const subscription = bus.subscribe('a', (event) => seen.push(event.payload.n), { once: true });
    for (const n of [1, 2, 3]) await bus.publish({ type: 'a', payload: { n } });
    expect(seen).toEqual([1]);
    expect(subscription.active).toBe(false);
    expect(bus.getStats().totalSubscribers).toBe(0);
  });

  test('counts an event, not an attempt: it is retried until it succeeds', async () => {
    const { bus, clock } = virtualBus();
    const attempts: number[] = [];
    bus.subscribe(
      'a',
      (_event, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error('no');
      },
      { once: true, retry: { attempts: 3, delay: 10 } },
    );
    await settle(clock, bus.publish({ type: 'a' }));
    await settle(clock, bus.publish({ type: 'a' }));
    expect(attempts).toEqual([1, 2, 3]);
  });

  test('of several patterns is over after the first event of any', async () => {
    const { bus } = virtualBus();
    let calls = 0;
    bus.subscribe(
      ['a', 'b.*'],
      () => {
        calls++;
      },
      { once: true },
    );
    for (const type of ['b.x', 'a', 'b.y']) await bus.publish({ type });
    expect(calls).toBe(1);
  });

  test('a handler that publishes its own type does not get it again', async () => {
    const { bus } = virtualBus();
    let calls = 0;
    bus.subscribe(
      'a',
      async (_event, context) => {
        calls++;
        await context.publish({ type: 'a' });
      },
      { once: true },
    );
    await bus.publish({ type: 'a' });
    expect(calls).toBe(1);
  });

  test('takes the listener off its signal', async () => {
    const { bus } = virtualBus();
    const { signal } = new AbortController();
    bus.subscribe('a', () => {}, { once: true, signal });
    await bus.publish({ type: 'a' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('published while the bus is paused runs at resume', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(5), { once: true });
    bus.pause();
    const published = bus.publish({ type: 'a' });
    bus.resume();
    expect((await settle(clock, published)).deliveries[0]?.state).toBe('done');
  });
});
