import { describe, expect, test } from 'vitest';
import type { Event, HandlerContext } from '../../src/bus/index.js';
import { VIRTUAL_EPOCH_MS } from '../../src/kernel/index.js';
import { codeOf, hang, settle, turn, virtualBus } from './support.js';

describe('context.publish', () => {
  test('stays in the trace and names its cause: the handled event, and the very delivery', async () => {
    const { bus, clock } = virtualBus();
    const events: Event[] = [];
    const deliveries: string[] = [];
    bus.subscribe('a', async (event, context) => {
      events.push(event);
      deliveries.push(context.deliveryId);
      await context.publish({ type: 'b' });
    });
    bus.subscribe('b', (event) => void events.push(event));
    const report = await settle(clock, bus.publish({ type: 'a', traceId: 'req-1' }));
    expect(events[1]).toMatchObject({
      traceId: 'req-1',
      causationId: report.event.id,
      causationDeliveryId: report.deliveries[0]?.deliveryId,
    });
    expect(deliveries).toEqual([report.deliveries[0]?.deliveryId]);
  });

  test('comes from the handler’s service, or from whom it says; its own trace id wins', async () => {
    const { bus } = virtualBus();
    const seen: Event[] = [];
    bus.subscribe('b', (event) => void seen.push(event));
    bus.subscribe('a', (_event, context) => void context.publish({ type: 'b' }), { service: 'svc' });
    bus.subscribe('a', (_event, { publish }) => void publish({ type: 'b', source: 'me', traceId: 'other' }));
    bus.subscribe('a', (_event, { publish }) => void publish({ type: 'b' }));
    const { event } = await bus.publish({ type: 'a' });
    expect(seen).toMatchObject([
      { source: 'svc', traceId: event.traceId },
      { source: 'me', traceId: 'other', causationId: event.id },
      { source: 'unknown', traceId: event.traceId },
    ]);
  });

  test('works after its handler has ended, with the same cause', async () => {
    const { bus, clock } = virtualBus();
    const contexts: HandlerContext[] = [];
    bus.subscribe('a', (_event, context) => void contexts.push(context));
    const { event } = await bus.publish({ type: 'a' });
    const [later] = await settle(clock, Promise.all(contexts.map((context) => context.publish({ type: 'b' }))));
    expect(later).toMatchObject({ event: { causationId: event.id, traceId: event.traceId }, settled: true });
  });

  test('rejects like publish, which is the handler’s to handle', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', (_event, context) => context.publish({ type: 'not a type' }));
    const report = await settle(clock, bus.publish({ type: 'a' }));
    expect(report.deliveries[0]).toMatchObject({ state: 'failed', error: { code: 'INVALID_EVENT' } });
  });
});

describe('publish on the bus inside a handler', () => {
  test('begins a trace of its own unless the bus is made with `ambientTrace`', async () => {
    const { bus } = virtualBus();
    const seen: Event[] = [];
    bus.subscribe('a', () => void bus.publish({ type: 'b' }));
    bus.subscribe('b', (event) => void seen.push(event));
    const { event } = await bus.publish({ type: 'a' });
    expect(seen[0]?.traceId).not.toBe(event.traceId);
    expect(seen[0]?.causationId).toBeUndefined();
  });

  test('with `ambientTrace` inherits trace and cause, over awaits and timers too', async () => {
    const { bus, clock } = virtualBus({ ambientTrace: true });
    const seen: Event[] = [];
    bus.subscribe('a', async (_event, context) => {
      await turn();
      await context.clock.sleep(10);
      await bus.publish({ type: 'b' });
    });
    bus.subscribe('b', async () => {
      await Promise.resolve();
      await bus.publish({ type: 'c' });
    });
    bus.subscribe('**', (event) => void seen.push(event));
    const published = bus.publish({ type: 'a', traceId: 'req-7' });
    await turn();
    await settle(clock, published);
    const [a, b, c] = seen;
    expect(seen.map((event) => event.type)).toEqual(['a', 'b', 'c']);
    expect([b?.causationId, c?.causationId]).toEqual([a?.id, b?.id]);
    expect(seen.every((event) => event.traceId === 'req-7')).toBe(true);
  });

  test('with `ambientTrace` handlers of different events never mix, and outside of handlers nothing is inherited', async () => {
    const { bus, clock } = virtualBus({ ambientTrace: true });
    const causes: (string | undefined)[] = [];
    bus.subscribe('a', async (event, context) => {
      await context.clock.sleep(Number(event.payload.ms));
      await bus.publish({ type: 'b' });
    });
    bus.subscribe('b', (event) => void causes.push(event.causationId));
    const slow = bus.publish({ type: 'a', payload: { ms: 20 } });
    const fast = bus.publish({ type: 'a', payload: { ms: 10 } });
    const [first, second] = await settle(clock, Promise.all([slow, fast]));
    expect(causes).toEqual([second.event.id, first.event.id]);
    expect((await bus.publish({ type: 'b' })).event.causationId).toBeUndefined();
  });

  test('of another bus is none of the ambient bus’s business', async () => {
    const { bus } = virtualBus({ ambientTrace: true });
    const other = virtualBus({ ambientTrace: true }).bus;
    const seen: Event[] = [];
    other.subscribe('b', (event) => void seen.push(event));
    bus.subscribe('a', () => void other.publish({ type: 'b' }));
    await bus.publish({ type: 'a' });
    expect(seen[0]).toMatchObject({ causationId: undefined, causationDeliveryId: undefined });
  });
});

describe('publishAfter', () => {
  test('publishes so long after its handler has ended, in the trace, stamped with that time', async () => {
    const { bus, clock } = virtualBus();
    const seen: { at: number; event: Event }[] = [];
    bus.subscribe('b', (event) => void seen.push({ at: clock.now(), event }));
    bus.subscribe('a', async (_event, context) => {
      context.publishAfter(20, { type: 'b' });
      await context.clock.sleep(100);
    });
    const { event } = await settle(clock, bus.publish({ type: 'a' }));
    expect(seen).toMatchObject([
      {
        at: 120,
        event: { timestamp: VIRTUAL_EPOCH_MS + 120, causationId: event.id, traceId: event.traceId },
      },
    ]);
  });

  test('holds no slot while it waits, and is not waited for by the publish', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', (_event, context) => context.publishAfter(1_000, { type: 'b' }), { concurrency: 1 });
    for (const _ of [1, 2]) await bus.publish({ type: 'a' });
    expect(clock.now()).toBe(0);
    expect(clock.pending).toBe(2);
    await settle(clock, bus.idle());
    expect(bus.getStats().eventCounts).toEqual({ a: 2, b: 2 });
  });

  test('refuses an invalid event at once', async () => {
    const { bus } = virtualBus();
    const codes: string[] = [];
    bus.subscribe('a', (_event, context) => void codes.push(codeOf(() => context.publishAfter(1, { type: 'b..' }))));
    await bus.publish({ type: 'a' });
    expect(codes).toEqual(['INVALID_EVENT']);
    await bus.idle();
  });

  test('of a handler that fails happens all the same, once for each attempt that asked for it', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe(
      'a',
      (_event, context) => {
        context.publishAfter(5, { type: 'b' });
        throw new Error('no');
      },
      { retry: { attempts: 2, delay: 50 } },
    );
    void bus.publish({ type: 'a' });
    await settle(clock, bus.idle());
    expect(bus.getStats().eventCounts).toEqual({ a: 1, b: 2 });
  });

  test('of an attempt that hangs comes after its timeout', async () => {
    const { bus, clock } = virtualBus();
    const at: number[] = [];
    bus.subscribe(
      'a',
      (_event, context) => {
        context.publishAfter(5, { type: 'b' });
        return hang();
      },
      { timeout: 100 },
    );
    bus.subscribe('b', () => void at.push(clock.now()));
    void bus.publish({ type: 'a' });
    await settle(clock, bus.idle());
    expect(at).toEqual([105]);
  });
});

describe('context.send', () => {
  test('publishes like context.publish: same trace, same cause, part of the cascade', async () => {
    const { bus, clock } = virtualBus();
    const seen: Event[] = [];
    bus.subscribe('b', (event, context) => {
      seen.push(event);
      return context.clock.sleep(10);
    });
    bus.subscribe('a', (_event, context) => context.send({ type: 'b', payload: { n: 1 } }));
    const { event, events } = await settle(clock, bus.publish({ type: 'a', traceId: 'req-1' }, { wait: 'cascade' }));
    expect(events).toBe(2);
    expect(clock.now()).toBe(10);
    expect(seen).toMatchObject([{ traceId: 'req-1', causationId: event.id, payload: { n: 1 } }]);
  });

  test('may go to the sender itself under concurrency 1: it is delivered once the handler has ended', async () => {
    const { bus, clock } = virtualBus();
    const order: string[] = [];
    const echo = async (event: Event, context: HandlerContext) => {
      order.push(`${event.type} begins`);
      if (event.type === 'a.first') context.send({ type: 'a.second' });
      await context.clock.sleep(5);
      order.push(`${event.type} ends`);
    };
    bus.subscribe('a.*', echo, { concurrency: 1 });
    await settle(clock, bus.publish({ type: 'a.first' }, { wait: 'cascade' }));
    expect(order).toEqual(['a.first begins', 'a.first ends', 'a.second begins', 'a.second ends']);
  });

  test('throws at once for an invalid event, with the code of publish', async () => {
    const { bus } = virtualBus();
    let thrown: unknown;
    bus.subscribe('a', (_event, { send }) => {
      try {
        send({ type: 'no type!' });
      } catch (error) {
        thrown = error;
      }
    });
    await bus.publish({ type: 'a' });
    expect(thrown).toMatchObject({ code: 'INVALID_EVENT' });
  });
});
