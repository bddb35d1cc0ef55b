import { describe, expect, test } from 'vitest';
import type { Event, HandlerContext } from '../../src/bus/index.js';
import { codeOf, driveTo, hang, rejection, settle, virtualBus, watch } from './support.js';

describe('publish that waits for its cascade', () => {
  test('resolves when everything the event caused has ended, and tells how it went', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', (_event, context) => {
      void context.publish({ type: 'b' });
      context.publishAfter(50, { type: 'c' });
    });
    bus.subscribe('b', () => Promise.reject(new Error('no')));
    bus.subscribe('c', () => Promise.reject(new Error('no')), { retry: { attempts: 2, delay: 30 } });
    const cascade = watch(bus.publish({ type: 'a' }, { wait: 'cascade' }));
    await driveTo(clock, 79);
    expect(cascade.now().state).toBe('pending');
    await driveTo(clock, 80);
    expect(cascade.now()).toMatchObject({
      value: { event: { type: 'a' }, events: 3, failed: 1, dead: 1, abandoned: 0 },
    });
  });

  test('does not wait for other cascades', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('slow', hang);
    void bus.publish({ type: 'slow' });
    expect(await settle(clock, bus.publish({ type: 'a' }, { wait: 'cascade' }))).toMatchObject({ events: 1 });
  });

  test('counts what the bus gave up when it was closed', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', (_event, context) => {
      context.publishAfter(1_000, { type: 'b' });
    });
    bus.subscribe('a', hang);
    const cascade = bus.publish({ type: 'a' }, { wait: 'cascade' });
    await settle(clock, bus.close({ timeout: 10 }));
    expect(await cascade).toMatchObject({ abandoned: 2, failed: 0, events: 1 });
  });

  test('inside a handler of that bus is refused with WOULD_DEADLOCK where the bus can know', async () => {
    const { bus, clock } = virtualBus({ ambientTrace: true });
    const errors: unknown[] = [];
    bus.subscribe('a', async () => {
      errors.push(await rejection(bus.publish({ type: 'b' }, { wait: 'cascade' })));
    });
    await settle(clock, bus.publish({ type: 'a' }, { wait: 'cascade' }));
    expect(errors).toMatchObject([{ code: 'WOULD_DEADLOCK' }]);
    expect(bus.getStats().eventCounts).toEqual({ a: 1 });
  });

  test('can be had with the event at once: publishTracked', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', (_event, context) => context.clock.sleep(10));
    const { event, settled } = bus.publishTracked({ type: 'a', traceId: 'req-1' });
    expect(event).toMatchObject({ type: 'a', traceId: 'req-1' });
    expect(await settle(clock, settled)).toMatchObject({ event, events: 1 });
    expect(codeOf(() => bus.publishTracked({ type: '' }))).toBe('INVALID_EVENT');
  });
});

describe('limits of a cascade', () => {
  test.each([
    ['depth', { depth: 10 }, 'a chain of more than 10 events'],
    ['events', { events: 10 }, 'more than 10 events from one'],
  ])('of %s stop a loop with EVENT_LOOP, naming it', async (_what, limits, message) => {
    const { bus, clock } = virtualBus({ limits });
    const errors: unknown[] = [];
    const pass = (next: string) => async (_event: Event, context: HandlerContext) => {
      await context.publish({ type: next }).catch((error: unknown) => void errors.push(error));
    };
    bus.subscribe('start', pass('ping'));
    bus.subscribe('ping', pass('pong'));
    bus.subscribe('pong', pass('ping'));
    const report = await settle(clock, bus.publish({ type: 'start' }, { wait: 'cascade' }));
    expect(report.events).toBe(10);
    expect(errors).toMatchObject([{ code: 'EVENT_LOOP' }]);
    expect(String(errors[0])).toContain(message);
    expect(String(errors[0])).toMatch(/ping → pong → ping|pong → ping → pong/);
    expect(bus.getStats().eventCounts).toEqual({ start: 1, ping: 5, pong: 4 });
  });

  test('count each root event by itself', async () => {
    const { bus } = virtualBus({ limits: { events: 2, depth: 2 } });
    bus.subscribe('a', (_event, context) => void context.publish({ type: 'b' }));
    for (let n = 0; n < 20; n++) await bus.publish({ type: 'a' });
    expect(bus.getStats().eventCounts).toEqual({ a: 20, b: 20 });
  });

  test('hold for delayed publishes, too', async () => {
    const { bus, clock } = virtualBus({ limits: { depth: 5 } });
    bus.subscribe('a', (_event, context) => context.publishAfter(1, { type: 'a' }));
    await settle(clock, bus.publish({ type: 'a' }, { wait: 'cascade' }));
    expect(bus.getStats()).toMatchObject({ eventCounts: { a: 5 }, errorCounts: { a: 1 } });
  });

  test('of many events at once are refused one by one', async () => {
    const { bus, clock } = virtualBus({ limits: { events: 100 } });
    bus.subscribe('a', (_event, context) => Promise.all([1, 2, 3].map(() => context.publish({ type: 'a' }))));
    const report = await settle(clock, bus.publish({ type: 'a' }, { wait: 'cascade' }));
    expect(report.events).toBe(100);
    expect(bus.getStats().eventCounts).toEqual({ a: 100 });
  });

  test('below one, or no numbers, are refused', () => {
    for (const limits of [{ depth: 0 }, { events: -1 }, { depth: Number.NaN }]) {
      expect(() => virtualBus({ limits })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    }
  });
});
