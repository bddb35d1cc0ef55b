/**
 * What any event bus of this face must do, however it delivers: in this process, over a broker, on any clock. An
 * implementation passes by calling `describeEventBus` with a way to make one.
 */
import { describe, expect, test } from 'vitest';
import type { EventBus, EventBusOptions, HandlerContext } from '../../src/bus/index.js';

/** The public face, without the class. */
export type EventBusFace = Pick<EventBus, keyof EventBus>;

export interface BusUnderTest {
  readonly bus: EventBusFace;
  /** Lets time pass until `promise` has settled, and gives what it gave. */
  settle<T>(promise: Promise<T>): Promise<T>;
}

export type MakeBus = (options?: Pick<EventBusOptions, 'history' | 'limits'>) => BusUnderTest;

/** Longer than any handler here takes, shorter than a test. */
const SOON = 20;

function never(): Promise<never> {
  return new Promise(() => {});
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'resolved',
    (error: unknown) => (typeof error === 'object' && error !== null && 'code' in error ? error.code : error),
  );
}

export function describeEventBus(name: string, makeBus: MakeBus): void {
  describe(`${name} keeps the contract of an event bus`, () => {
    publishing(makeBus);
    failing(makeBus);
    limits(makeBus);
    subscribing(makeBus);
    waiting(makeBus);
    closing(makeBus);
  });
}

function publishing(makeBus: MakeBus): void {
  test('an event reaches every subscriber whose type or pattern matches, once, and no other', async () => {
    const { bus, settle } = makeBus();
    const seen: string[] = [];
    for (const pattern of ['order.placed', 'order.*', '**', '*.placed', 'order.**']) {
      bus.subscribe(pattern, () => void seen.push(pattern));
    }
    for (const pattern of ['order', 'order.paid', '*', 'order.placed.*']) {
      bus.subscribe(pattern, () => void seen.push(`wrong: ${pattern}`));
    }
    bus.subscribe(['order.placed', '**'], () => void seen.push('several'));
    await settle(bus.publish({ type: 'order.placed' }));
    expect(seen).toEqual(['order.placed', 'order.*', '**', '*.placed', 'order.**', 'several']);
  });

  test('publish resolves when every delivery has settled, with a report of each', async () => {
    const { bus, settle } = makeBus();
    let ended = false;
    bus.subscribe(
      'a',
      async (_event, context) => {
        await context.clock.sleep(2);
        ended = true;
      },
      { name: 'slow', service: 'svc' },
    );
    const report = await settle(bus.publish({ type: 'a', payload: { n: 1 }, source: 'me', traceId: 'req-1' }));
    expect(ended).toBe(true);
    expect(report).toMatchObject({
      event: { type: 'a', payload: { n: 1 }, source: 'me', traceId: 'req-1' },
      deliveries: [{ subscriber: { service: 'svc', handler: 'slow' }, state: 'done', attempts: 1 }],
      settled: true,
    });
  });

  test('what handlers publish stays in the trace and names its cause', async () => {
    const { bus, settle } = makeBus();
    bus.subscribe('a', (_event, context) => context.publish({ type: 'b' }));
    const next = bus.waitFor('b');
    const { event } = await settle(bus.publish({ type: 'a', traceId: 'req-1' }));
    expect(await settle(next)).toMatchObject({ traceId: 'req-1', causationId: event.id });
  });

  test('each subscription starts events in publish order', async () => {
    const { bus, settle } = makeBus();
    const seen: unknown[] = [];
    bus.subscribe(
      'a',
      async (event, context) => {
        seen.push(event.payload.n);
        if (event.payload.n === 1) void context.publish({ type: 'a', payload: { n: 4 } });
        await context.clock.sleep(1);
      },
      { concurrency: 2 },
    );
    bus.pause();
    const published = [1, 2, 3].map((n) => bus.publish({ type: 'a', payload: { n } }));
    bus.resume();
    await settle(Promise.all(published));
    await settle(bus.idle());
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test.each([{ type: '' }, { type: 'a..b' }, { type: 'a.*' }, { type: 'x'.repeat(201) }])(
    'an invalid event is refused with INVALID_EVENT: %j',
    async (input) => {
      const { bus, settle } = makeBus();
      expect(await settle(codeOf(bus.publish(input)))).toBe('INVALID_EVENT');
      expect(bus.getStats().eventCounts).toEqual({});
    },
  );
}

function failing(makeBus: MakeBus): void {
  test('a handler that throws, rejects, throws no error or hangs past its timeout harms no other', async () => {
    const { bus, settle } = makeBus();
    const bad: readonly (() => unknown)[] = [
      () => {
        throw new Error('thrown');
      },
      () => Promise.reject(new Error('rejected')),
      () => {
        throw undefined;
      },
      never,
    ];
    let good = 0;
    for (const handler of bad) {
      bus.subscribe('a', handler, { timeout: SOON });
      bus.subscribe('a', () => void good++);
    }
    const report = await settle(bus.publish({ type: 'a' }));
    const states = report.deliveries.map((delivery) => delivery.state);
    expect(states).toEqual(['failed', 'done', 'failed', 'done', 'failed', 'done', 'failed', 'done']);
    expect(good).toBe(4);
    expect(bus.getStats().errorCounts).toEqual({ a: 4 });
  });

  test('a timeout aborts the handler’s signal and frees its slot', async () => {
    const { bus, settle } = makeBus();
    const signals: AbortSignal[] = [];
    const stuck = (_event: unknown, context: HandlerContext) => {
      signals.push(context.signal);
      return never();
    };
    bus.subscribe('a', stuck, { timeout: SOON, concurrency: 1 });
    const reports = await settle(Promise.all([bus.publish({ type: 'a' }), bus.publish({ type: 'a' })]));
    expect(reports).toMatchObject([
      { deliveries: [{ error: { code: 'HANDLER_TIMEOUT' } }] },
      { deliveries: [{ error: { code: 'HANDLER_TIMEOUT' } }] },
    ]);
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
  });

  test('retries go on until one succeeds or they are used up', async () => {
    const { bus, settle } = makeBus();
    const failUntil = (success: number) => (_event: unknown, context: HandlerContext) => {
      if (context.attempt < success) throw new Error('not yet');
    };
    bus.subscribe('a', failUntil(3), { retry: { attempts: 3, delay: 1 } });
    bus.subscribe('a', failUntil(4), { retry: { attempts: 3, delay: 1 } });
    const report = await settle(bus.publish({ type: 'a' }));
    expect(report.deliveries).toMatchObject([
      { state: 'done', attempts: 3 },
      { state: 'dead', attempts: 3, error: { message: 'not yet' } },
    ]);
  });
}

function limits(makeBus: MakeBus): void {
  test('concurrency bounds how many run at a time', async () => {
    const { bus, settle } = makeBus();
    let running = 0;
    let most = 0;
    bus.subscribe(
      'a',
      async (_event, context) => {
        most = Math.max(most, ++running);
        await context.clock.sleep(1);
        running--;
      },
      { concurrency: 2 },
    );
    await settle(Promise.all(Array.from({ length: 6 }, () => bus.publish({ type: 'a' }))));
    expect(most).toBe(2);
  });

  test.each([
    ['block', ['done', 'done', 'done', 'done']],
    ['drop_newest', ['done', 'done', 'dropped', 'dropped']],
    ['drop_oldest', ['done', 'dropped', 'dropped', 'done']],
  ] as const)('a full queue obeys its overflow policy: %s', async (overflow, expected) => {
    const { bus, settle } = makeBus();
    bus.subscribe('a', (_event, context) => context.clock.sleep(2), { concurrency: 1, queue: { size: 1, overflow } });
    const reports = await settle(Promise.all([1, 2, 3, 4].map(() => bus.publish({ type: 'a' }))));
    expect(reports.map((report) => report.deliveries[0]?.state)).toEqual(expected);
  });

  test('a handler that awaits a publish to itself under concurrency 1 does not hang', async () => {
    const { bus, settle } = makeBus();
    const flags: boolean[] = [];
    bus.subscribe(
      'a',
      async (event, context) => {
        if (event.causationId === undefined) flags.push((await context.publish({ type: 'a' })).settled);
      },
      { concurrency: 1 },
    );
    await settle(bus.publish({ type: 'a' }));
    await settle(bus.idle());
    expect(flags).toEqual([false]);
    expect(bus.getStats().deliveries).toMatchObject({ done: 2, queued: 0, running: 0 });
  });

  test('a cascade without end is stopped where a limit is set', async () => {
    const { bus, settle } = makeBus({ limits: { depth: 5 } });
    bus.subscribe('a', (_event, context) => void context.publish({ type: 'a' }).catch(() => {}));
    const report = await settle(bus.publish({ type: 'a' }, { wait: 'cascade' }));
    expect(report.events).toBe(5);
  });
}

function subscribing(makeBus: MakeBus): void {
  test('unsubscribe, dispose and abort take later events, and only those', async () => {
    const { bus, settle } = makeBus();
    const seen: string[] = [];
    const controller = new AbortController();
    const first = () => void seen.push('first');
    bus.subscribe('a', first);
    const second = bus.subscribe('a', () => void seen.push('second'));
    bus.subscribe('a', () => void seen.push('third'), { signal: controller.signal });
    bus.pause();
    const queued = bus.publish({ type: 'a' });
    expect(bus.unsubscribe('a', first)).toBe(true);
    second[Symbol.dispose]();
    controller.abort();
    bus.resume();
    await settle(queued);
    await settle(bus.publish({ type: 'a' }));
    expect(seen).toEqual(['first', 'second', 'third']);
    expect(bus.getStats()).toMatchObject({ totalSubscribers: 0, totalEventTypes: 0, subscriptions: [] });
  });

  test('once gets one event', async () => {
    const { bus, settle } = makeBus();
    const seen: unknown[] = [];
    bus.subscribe('a', (event) => void seen.push(event.payload.n), { once: true });
    await settle(Promise.all([1, 2].map((n) => bus.publish({ type: 'a', payload: { n } }))));
    expect(seen).toEqual([1]);
  });

  test('observers that throw change nothing', async () => {
    const { bus, settle } = makeBus();
    const fail = () => {
      throw new Error('observer');
    };
    bus.probe.attach({ published: fail, started: fail, completed: fail });
    bus.subscribe('a', () => {});
    const report = await settle(bus.publish({ type: 'a' }));
    expect(report.deliveries[0]?.state).toBe('done');
    expect(bus.probe.observerErrors).toBe(3);
  });
}

function waiting(makeBus: MakeBus): void {
  test('waitFor gives the next event, or with `past` one that already happened', async () => {
    const { bus, settle } = makeBus();
    const next = bus.waitFor('a.*', { predicate: (event) => event.payload.n === 2 });
    for (const n of [1, 2, 3]) await settle(bus.publish({ type: 'a.b', payload: { n } }));
    expect((await settle(next)).payload).toEqual({ n: 2 });
    expect((await settle(bus.waitFor('a.b', { past: true }))).payload).toEqual({ n: 3 });
    expect(await settle(codeOf(bus.waitFor('a.b', { timeout: 1 })))).toBe('TIMEOUT');
  });

  test('idle resolves when the whole cascade is quiet, delayed publishes included', async () => {
    const { bus, settle } = makeBus();
    const seen: string[] = [];
    bus.subscribe('a', (_event, context) => context.publishAfter(2, { type: 'b' }));
    bus.subscribe('b', async (_event, context) => {
      await context.clock.sleep(2);
      seen.push('b');
    });
    await settle(bus.publish({ type: 'a' }));
    expect(await settle(codeOf(bus.idle({ timeout: 1 })))).toBe('TIMEOUT');
    await settle(bus.idle());
    expect(seen).toEqual(['b']);
  });
}

function closing(makeBus: MakeBus): void {
  test('close takes nothing more and drains what is under way', async () => {
    const { bus, settle } = makeBus();
    const seen: string[] = [];
    bus.subscribe('a', async (_event, context) => {
      await context.clock.sleep(1);
      await context.publish({ type: 'b' });
    });
    bus.subscribe('b', () => void seen.push('b'));
    void bus.publish({ type: 'a' });
    const closing = bus.close();
    expect(await codeOf(bus.publish({ type: 'a' }))).toBe('BUS_CLOSED');
    expect(await settle(closing)).toMatchObject({ abandoned: [], cancelled: 0 });
    expect(seen).toEqual(['b']);
  });

  test('close with a timeout resolves with what it had to abandon', async () => {
    const { bus, settle } = makeBus();
    bus.subscribe('a', never, { concurrency: 1, name: 'stuck' });
    const published = Promise.all([bus.publish({ type: 'a' }), bus.publish({ type: 'a' })]);
    const report = await settle(bus.close({ timeout: SOON }));
    expect(report.abandoned).toMatchObject([
      { state: 'abandoned', attempts: 1, subscriber: { handler: 'stuck' } },
      { state: 'abandoned', attempts: 0 },
    ]);
    expect((await settle(published)).map((each) => each.deliveries[0]?.state)).toEqual(['abandoned', 'abandoned']);
    expect(bus.getStats().deliveries).toMatchObject({ abandoned: 2, running: 0, queued: 0 });
  });
}
