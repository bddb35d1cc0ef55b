import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HandlerContext } from '../../src/bus/index.js';
import { driveTo, settle, virtualBus } from './support.js';

describe('order', () => {
  test('every subscription gets events in publish order, also while handlers publish synchronously', async () => {
    const { bus } = virtualBus();
    const seen = { first: [] as string[], second: [] as string[], third: [] as string[] };
    bus.subscribe('**', (event) => seen.first.push(event.type));
    bus.subscribe('a', (_event, context) => {
      void context.publish({ type: 'b' });
      void context.publish({ type: 'c' });
    });
    bus.subscribe('**', (event) => seen.second.push(event.type));
    bus.subscribe('b', (_event, context) => void context.publish({ type: 'd' }));
    bus.subscribe('**', (event) => seen.third.push(event.type));
    await bus.publish({ type: 'a' });
    const published = ['a', 'b', 'c', 'd'];
    expect(seen).toEqual({ first: published, second: published, third: published });
  });

  test('holds for publishes on the bus itself inside handlers, too', () => {
    const { bus } = virtualBus();
    const order: string[] = [];
    const seen: string[] = [];
    bus.probe.attach({ published: (event) => void order.push(event.id) });
    bus.subscribe('a', (event) => {
      if (event.payload.depth === 3) return;
      for (const _ of [1, 2]) void bus.publish({ type: 'a', payload: { depth: Number(event.payload.depth) + 1 } });
    });
    bus.subscribe('a', (event) => void seen.push(event.id));
    void bus.publish({ type: 'a', payload: { depth: 0 } });
    expect(order).toHaveLength(15);
    expect(seen).toEqual(order);
  });

  test('holds where an event displaces an older one while an earlier subscriber is about to publish', () => {
    const { bus } = virtualBus();
    const dropped: string[] = [];
    bus.probe.attach({ dropped: ({ event }) => void dropped.push(event.type) });
    bus.subscribe('b', (_event, context) => context.send({ type: 'c' }));
    bus.subscribe(['a', 'b', 'c'], () => new Promise(() => {}), {
      concurrency: 1,
      queue: { size: 2, overflow: 'drop_oldest' },
    });
    for (const type of ['a', 'a', 'a', 'b']) void bus.publish({ type });
    expect(dropped).toEqual(['a', 'a']);
    expect(bus.getStats().deliveries.queued).toBe(2);
  });

  test('starts stay in publish order whatever the concurrency, the durations and the nesting', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(
          fc.record({
            at: fc.integer({ min: 0, max: 30 }),
            takes: fc.integer({ min: 0, max: 20 }),
            nested: fc.integer({ min: 0, max: 2 }),
          }),
          { minLength: 1, maxLength: 20 },
        ),
        async (concurrency, events) => {
          const { bus, clock } = virtualBus();
          const order: string[] = [];
          const started: string[] = [];
          bus.probe.attach({ published: (event) => void order.push(event.id) });
          const handle = async (
            event: { readonly payload: Readonly<Record<string, unknown>> },
            context: HandlerContext,
          ) => {
            for (let n = 0; n < Number(event.payload.nested); n++) {
              void context.publish({ type: 'a', payload: { takes: 3, nested: 0 } });
            }
            await context.clock.sleep(Number(event.payload.takes));
          };
          bus.subscribe('a', handle, { concurrency });
          bus.subscribe('a', (event) => void started.push(event.id), { concurrency });
          const slow: string[] = [];
          bus.subscribe(
            'a',
            (event, context) => {
              slow.push(event.id);
              return context.clock.sleep(7);
            },
            { concurrency },
          );
          for (const { at, takes, nested } of events) {
            clock.setTimer(at, () => void bus.publish({ type: 'a', payload: { takes, nested } }));
          }
          await clock.drive();
          expect(started).toEqual(order);
          expect(slow).toEqual(order);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a chain of a hundred thousand events, each published by the last one’s handler, overflows no stack', async () => {
    const { bus, clock } = virtualBus({ history: 0 });
    bus.subscribe('a', (event, context) => {
      const n = Number(event.payload.n);
      if (n > 0) void context.publish({ type: 'a', payload: { n: n - 1 } });
    });
    await settle(clock, bus.publish({ type: 'a', payload: { n: 100_000 } }, { wait: 'cascade' }));
    expect(bus.getStats().deliveries.done).toBe(100_001);
  });

  test('what is queued starts in publish order after a pause', async () => {
    const { bus, clock } = virtualBus();
    const seen: unknown[] = [];
    bus.subscribe('a', (event) => void seen.push(event.payload.n));
    bus.pause();
    const published = [1, 2, 3].map((n) => bus.publish({ type: 'a', payload: { n } }));
    bus.resume();
    published.push(bus.publish({ type: 'a', payload: { n: 4 } }));
    await settle(clock, Promise.all(published));
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test('an event published while a slot comes free does not overtake what waits for it', async () => {
    const { bus, clock } = virtualBus();
    const seen: unknown[] = [];
    bus.probe.attach({
      completed: () => {
        if (seen.length === 1) void bus.publish({ type: 'a', payload: { n: 3 } });
      },
    });
    bus.subscribe(
      'a',
      (event, context) => {
        seen.push(event.payload.n);
        return context.clock.sleep(5);
      },
      { concurrency: 1 },
    );
    void bus.publish({ type: 'a', payload: { n: 1 } });
    void bus.publish({ type: 'a', payload: { n: 2 } });
    await driveTo(clock, 20);
    expect(seen).toEqual([1, 2, 3]);
  });
});
