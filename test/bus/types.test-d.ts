import { describe, expectTypeOf, test } from 'vitest';
import {
  type CascadeReport,
  type DeliveryReport,
  type Event,
  EventBus,
  type EventPayloads,
  EventType,
  type Handler,
  type HandlerContext,
  type PublishReport,
  type Subscription,
  type UnknownPayload,
} from '../../src/index.js';

declare module '../../src/index.js' {
  interface EventPayloads {
    'types-test.cleared': { readonly keys: number };
  }
}

const bus = new EventBus();

describe('subscribing', () => {
  test('to one of the 16 types gives a typed payload, by constant and by name', () => {
    bus.subscribe(EventType.INDEX_UPDATED, (event) => {
      expectTypeOf(event).toEqualTypeOf<Event<'index.updated'>>();
      expectTypeOf(event.payload.files_indexed).toEqualTypeOf<number>();
    });
    bus.subscribe('llm.response', (event) => {
      expectTypeOf(event.payload).toEqualTypeOf<EventPayloads['llm.response']>();
      expectTypeOf(event.payload.total_tokens).toEqualTypeOf<number | undefined>();
    });
  });

  test('to a type of one’s own gives what EventPayloads was augmented with, or an object of anything', () => {
    bus.subscribe('types-test.cleared', (event) => {
      expectTypeOf(event.payload.keys).toEqualTypeOf<number>();
    });
    bus.subscribe('order.placed', (event) => {
      expectTypeOf(event.payload).toEqualTypeOf<UnknownPayload>();
    });
  });

  test('to a pattern gives any event', () => {
    bus.subscribe('index.*', (event) => {
      expectTypeOf(event).toEqualTypeOf<Event>();
    });
    bus.subscribe('**', (event) => {
      expectTypeOf(event.payload).toEqualTypeOf<UnknownPayload>();
    });
  });

  test('to several types gives their union, which the type tells apart', () => {
    bus.subscribe([EventType.INDEX_FAILED, EventType.INDEX_UPDATED], (event) => {
      expectTypeOf(event).toEqualTypeOf<Event<'index.failed'> | Event<'index.updated'>>();
      if (event.type === 'index.failed') expectTypeOf(event.payload.error).toEqualTypeOf<string>();
      else expectTypeOf(event.payload.files_indexed).toEqualTypeOf<number>();
    });
  });

  test('takes handlers of any return type, and handlers of any event', () => {
    bus.subscribe('index.updated', async () => 42);
    const handler: Handler = (event, context) => {
      expectTypeOf(event).toEqualTypeOf<Event>();
      expectTypeOf(context).toEqualTypeOf<HandlerContext>();
    };
    expectTypeOf(bus.subscribe('order.placed', handler)).toEqualTypeOf<Subscription>();
    expectTypeOf<Subscription>().toExtend<Disposable>();
  });

  test('refuses a handler of another event, and unknown options', () => {
    const onQuery = (_event: Event<'query.received'>) => {};
    // @ts-expect-error: this handler takes query.received
    bus.subscribe('index.updated', onQuery);
    // @ts-expect-error: an overflow policy nobody knows
    bus.subscribe('a', () => {}, { queue: { size: 1, overflow: 'explode' } });
    // @ts-expect-error: no such option
    bus.subscribe('a', () => {}, { retries: 3 });
    // @ts-expect-error: attempts are required
    bus.subscribe('a', () => {}, { retry: { delay: 1 } });
  });
});

describe('publishing', () => {
  test('gives a report of the event’s own type', () => {
    expectTypeOf(bus.publish({ type: 'index.failed', payload: { error: 'disk full' } })).resolves.toEqualTypeOf<
      PublishReport<'index.failed'>
    >();
    expectTypeOf(bus.publish({ type: 'a' }, { wait: 'cascade' })).resolves.toEqualTypeOf<CascadeReport<'a'>>();
  });

  test('a payload may be left out only where no key of it is required', () => {
    void bus.publish({ type: 'health.check' });
    void bus.publish({ type: 'order.placed' });
    // @ts-expect-error: index.updated needs its payload
    void bus.publish({ type: 'index.updated' });
    // @ts-expect-error: and a payload of one's own, too
    void bus.publish({ type: 'types-test.cleared' });
  });

  test('a wrong payload is an error', () => {
    // @ts-expect-error: a key is missing
    void bus.publish({ type: 'index.updated', payload: { repo_path: '/srv/web' } });
    // @ts-expect-error: a key has the wrong type
    void bus.publish({ type: 'types-test.cleared', payload: { keys: 'many' } });
    // @ts-expect-error: a key nobody knows
    void bus.publish({ type: 'llm.response', payload: { tokens: 1 } });
    // @ts-expect-error: a payload is an object
    void bus.publish({ type: 'order.placed', payload: 'text' });
    // @ts-expect-error: a trace id is a text
    void bus.publish({ type: 'order.placed', traceId: 12345 });
  });

  test('inside a handler is typed alike', () => {
    bus.subscribe('a', async (_event, context) => {
      const report = await context.publish({ type: 'index.failed', payload: { error: 'no' } });
      expectTypeOf(report.event.payload.error).toEqualTypeOf<string>();
      // @ts-expect-error: index.failed needs an error
      context.publishAfter(10, { type: 'index.failed', payload: {} });
    });
  });
});

describe('what comes back', () => {
  test('waitFor gives the event of its type, and hands it to the predicate', () => {
    const waiting = bus.waitFor('index.completed', {
      predicate: (event) => {
        expectTypeOf(event).toEqualTypeOf<Event<'index.completed'>>();
        return true;
      },
    });
    expectTypeOf(waiting).resolves.toEqualTypeOf<Event<'index.completed'>>();
    expectTypeOf(bus.waitFor('index.*')).resolves.toEqualTypeOf<Event>();
  });

  test('a delivery tells by its state what it has', () => {
    const read = (delivery: DeliveryReport) => {
      if (delivery.state === 'failed' || delivery.state === 'dead') expectTypeOf(delivery.error).toBeUnknown();
      if (delivery.state === 'dropped') expectTypeOf(delivery.reason).toExtend<string>();
      if (delivery.state === 'done') expectTypeOf(delivery.attempts).toBeNumber();
      // @ts-expect-error: what was never attempted has no attempts
      if (delivery.state === 'queued') return delivery.attempts;
      // @ts-expect-error: only failures have errors
      if (delivery.state === 'done') return delivery.error;
      return undefined;
    };
    expectTypeOf(read).parameter(0).toEqualTypeOf<DeliveryReport>();
  });

  test('events are not for changing', () => {
    bus.subscribe('index.failed', (event) => {
      // @ts-expect-error: readonly
      event.source = 'me';
      // @ts-expect-error: readonly
      event.payload.error = 'another';
    });
  });

  test('EventType is both the constants and their union', () => {
    const type: EventType = EventType.AGENT_FAILED;
    expectTypeOf(type).toExtend<string>();
    expectTypeOf<'index.started'>().toExtend<EventType>();
    // @ts-expect-error: not one of the 16
    const other: EventType = 'order.placed';
    expectTypeOf(other).toExtend<string>();
  });
});
