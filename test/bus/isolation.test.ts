import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventBus } from '../../src/bus/index.js';
import { describeError } from '../../src/kernel/index.js';
import { hang, settle, turn, type VirtualBus, virtualBus } from './support.js';

/** Every trap of it throws. */
function hostileProxy(): object {
  const trap = () => {
    throw new Error('trap');
  };
  return new Proxy(
    {},
    { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, set: trap },
  );
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

type Then = (resolve: (value?: unknown) => void, reject: (error?: unknown) => void) => void;

function thenable(then: unknown): object {
  return { then };
}

const throwing: readonly [string, () => unknown][] = [
  ['an error', () => new Error('boom')],
  ['undefined', () => undefined],
  ['null', () => null],
  ['a text', () => 'boom'],
  ['zero', () => 0],
  ['a symbol', () => Symbol('boom')],
  ['a promise', () => Promise.resolve('odd')],
  ['an object without a prototype', () => Object.create(null)],
  ['a hostile proxy', hostileProxy],
  ['a revoked proxy', revokedProxy],
  ['an error whose message throws', () => Object.defineProperty(new Error(), 'message', { get: () => hostileProxy() })],
];

const returning: readonly [string, () => unknown, 'done' | 'failed'][] = [
  ['a hostile proxy', hostileProxy, 'failed'],
  ['a revoked proxy', revokedProxy, 'failed'],
  ['a thenable that resolves', () => thenable(((resolve) => resolve('late')) satisfies Then), 'done'],
  ['a thenable that rejects', () => thenable(((_, reject) => reject('no')) satisfies Then), 'failed'],
  [
    'a thenable that resolves, then rejects, then throws',
    () =>
      thenable(((resolve, reject) => {
        resolve();
        reject(new Error('second'));
        throw new Error('third');
      }) satisfies Then),
    'done',
  ],
  [
    'a thenable that rejects, then resolves',
    () =>
      thenable(((resolve, reject) => {
        reject(new Error('first'));
        resolve();
      }) satisfies Then),
    'failed',
  ],
  [
    'a thenable that throws',
    () =>
      thenable(() => {
        throw new Error('then');
      }),
    'failed',
  ],
  [
    'a thenable that gives a rejected promise',
    () => thenable(((resolve) => resolve(Promise.reject(new Error('inner')))) satisfies Then),
    'failed',
  ],
  ['an object whose `then` is no function', () => thenable('later'), 'done'],
  [
    'an object whose `then` cannot be read',
    () =>
      Object.defineProperty({}, 'then', {
        get: () => {
          throw new Error('getter');
        },
      }),
    'failed',
  ],
  ['a function with a `then`', () => Object.assign(() => {}, thenable(((_, no) => no('fn')) satisfies Then)), 'failed'],
  ['a number', () => 42, 'done'],
  ['null', () => null, 'done'],
];

describe('error isolation', () => {
  let context: VirtualBus;
  let bus: EventBus;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);

  beforeEach(() => {
    context = virtualBus();
    bus = context.bus;
    unhandled.length = 0;
    process.on('unhandledRejection', note);
  });

  afterEach(async () => {
    await turn();
    process.off('unhandledRejection', note);
    expect(unhandled.map(describeError)).toEqual([]);
  });

  /** Publishes to `bad` between two good handlers, twice: the bus works as before, and everything is counted. */
  async function publishAround(bad: () => unknown, state: 'done' | 'failed'): Promise<void> {
    const good: string[] = [];
    bus.subscribe('a', () => good.push('first'));
    bus.subscribe('a', bad, { name: 'bad' });
    bus.subscribe('a', () => good.push('last'));
    for (const round of [1, 2]) {
      const report = await settle(context.clock, bus.publish({ type: 'a' }));
      expect(report.deliveries.map((delivery) => delivery.state)).toEqual(['done', state, 'done']);
      expect(good).toHaveLength(2 * round);
    }
    const errors = state === 'failed' ? 2 : 0;
    expect(bus.getStats().errorCounts).toEqual(errors === 0 ? {} : { a: errors });
    expect(bus.getStats().subscriptions[1]).toMatchObject({ handler: 'bad', errors, failed: errors, inFlight: 0 });
  }

  test.each(throwing)('a handler that throws %s harms no other handler, is counted, and publish resolves', (_, make) =>
    publishAround(() => {
      throw make();
    }, 'failed'),
  );

  test.each(throwing)('a handler that rejects with %s harms no other handler, and is counted', (_, make) =>
    publishAround(async () => {
      await undefined;
      throw make();
    }, 'failed'),
  );

  test.each(returning)('a handler that returns %s is settled like `await` would: %s', (_, make, state) =>
    publishAround(make, state),
  );

  test('what was thrown is in the report, as it was', async () => {
    const hostile = hostileProxy();
    bus.subscribe('a', () => {
      throw hostile;
    });
    bus.subscribe('a', () => {
      throw undefined;
    });
    const report = await settle(context.clock, bus.publish({ type: 'a' }));
    const [first, second] = report.deliveries;
    expect(first?.state === 'failed' && first.error === hostile).toBe(true);
    expect(second?.state === 'failed' && second.error === undefined).toBe(true);
  });

  test('a promise that answers twice ends its own delivery alone', async () => {
    const answers: (() => void)[] = [];
    const answersTwice: Then = (resolve) => {
      answers.push(resolve);
      resolve();
    };
    const promise = Object.defineProperty(Promise.resolve(), 'then', { value: answersTwice });
    const ends: (() => void)[] = [];
    const results = [promise, new Promise<void>((resolve) => ends.push(resolve))];
    bus.subscribe('a', () => results.shift());
    await settle(context.clock, bus.publish({ type: 'a' }));
    const second = bus.publish({ type: 'a' });
    answers[0]?.();
    await turn();
    expect(bus.getStats().deliveries).toMatchObject({ done: 1, running: 1 });
    ends[0]?.();
    expect((await settle(context.clock, second)).deliveries.map(({ state }) => state)).toEqual(['done']);
  });

  test('deliveries of one subscription that run at the same time end as themselves, in any order', async () => {
    const ends: ((error?: Error) => void)[] = [];
    bus.subscribe('a', () => new Promise<void>((resolve, reject) => ends.push((e) => (e ? reject(e) : resolve()))));
    const publishes = [1, 2, 3, 4].map(() => bus.publish({ type: 'a' }));
    const states = async () =>
      (await Promise.all(publishes)).flatMap(({ deliveries }) => deliveries.map((d) => d.state));
    ends[2]?.(new Error('third'));
    await turn();
    ends[0]?.(new Error('first'));
    ends[3]?.();
    await turn();
    expect(bus.getStats().deliveries).toMatchObject({ done: 1, failed: 2, running: 1 });
    // The follower of the first is free again.
    publishes.push(bus.publish({ type: 'a' }));
    ends[4]?.();
    ends[1]?.();
    expect(await settle(context.clock, states())).toEqual(['failed', 'done', 'failed', 'done', 'done']);
  });

  test('a handler that never ends keeps nothing from the others; only its own publish waits', async () => {
    const seen: string[] = [];
    bus.subscribe('a', hang);
    bus.subscribe('a', () => seen.push('a'));
    bus.subscribe('b', () => seen.push('b'));
    void bus.publish({ type: 'a' });
    await settle(context.clock, bus.publish({ type: 'b' }));
    expect(seen).toEqual(['a', 'b']);
    await expect(settle(context.clock, bus.publish({ type: 'a' }))).rejects.toThrow('hangs');
  });

  test('a handler that unsubscribes others while the event is delivered changes only later events', async () => {
    const seen: string[] = [];
    const second = () => seen.push('second');
    bus.subscribe('a', () => {
      seen.push('first');
      bus.unsubscribe('a', second);
    });
    bus.subscribe('a', second);
    await bus.publish({ type: 'a' });
    await bus.publish({ type: 'a' });
    expect(seen).toEqual(['first', 'second', 'first']);
  });

  test('a handler that subscribes another while the event is delivered adds it to later events only', async () => {
    let late = 0;
    bus.subscribe(
      'a',
      () => {
        bus.subscribe('a', () => late++);
      },
      { once: true },
    );
    expect((await bus.publish({ type: 'a' })).deliveries).toHaveLength(1);
    expect(late).toBe(0);
    await bus.publish({ type: 'a' });
    expect(late).toBe(1);
  });
});
