import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matcher } from '../../src/bus/index.js';
import { Router } from '../../src/bus/router.js';
import { virtualBus } from './support.js';

const segment = fc.constantFrom('a', 'b', 'c');
const type = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const pattern = fc
  .array(fc.oneof({ weight: 3, arbitrary: segment }, fc.constantFrom('*', '**')), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('.'));

type Step =
  | { readonly kind: 'add'; readonly pattern: string }
  | { readonly kind: 'remove'; readonly which: number }
  | { readonly kind: 'route'; readonly type: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), pattern }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat(30) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('route' as const), type }) },
);

interface Entry {
  readonly order: number;
  readonly free: boolean;
  readonly pattern: string;
}

function subscribersOf(present: readonly Entry[], on: string): readonly number[] {
  return present.filter((entry) => matcher(entry.pattern)(on)).map((entry) => entry.order);
}

describe('the router', () => {
  test('finds exactly the subscribers whose pattern matches, in order of subscription, whoever came and went', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const router = new Router<Entry>();
        let present: readonly Entry[] = [];
        let order = 0;
        for (const each of steps) {
          if (each.kind === 'add') {
            const entry = { order: order++, free: true, pattern: each.pattern };
            router.add(entry.pattern, entry);
            present = [...present, entry];
          } else if (each.kind === 'remove') {
            const entry = present[each.which];
            if (entry === undefined) continue;
            router.remove(entry.pattern, entry);
            present = present.filter((other) => other !== entry);
          } else {
            const route = router.route(router.entry(each.type));
            expect(route.map((entry) => entry.order)).toEqual(subscribersOf(present, each.type));
          }
          expect(router.subscriptionCount).toBe(present.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('gives an array that later subscribers do not change', () => {
    const router = new Router<Entry>();
    const early = { order: 0, free: true, pattern: 'a' };
    router.add('a', early);
    const route = router.route(router.entry('a'));
    router.add('a', { order: 1, free: true, pattern: 'a' });
    router.remove('a', early);
    expect(route).toEqual([early]);
  });

  test('forgets types that were subscribed to, never published, and left', () => {
    const router = new Router<Entry>();
    for (let order = 0; order < 100; order++) {
      const entry = { order, free: true, pattern: `type.${order}` };
      router.add(entry.pattern, entry);
      router.remove(entry.pattern, entry);
    }
    expect([...router.types()]).toEqual([]);
    expect(router.patternCount).toBe(0);
  });
});

describe('a subscription of several patterns', () => {
  test('gets each event once, however many of its patterns match', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pattern, { minLength: 1, maxLength: 4 }), type, async (patterns, on) => {
        const { bus } = virtualBus();
        let calls = 0;
        bus.subscribe(patterns, () => {
          calls++;
        });
        await bus.publish({ type: on });
        expect(calls).toBe(patterns.some((each) => matcher(each)(on)) ? 1 : 0);
      }),
    );
  });

  test('keeps the others when one is unsubscribed', async () => {
    const { bus } = virtualBus();
    const seen: string[] = [];
    const handler = (event: { readonly type: string }) => {
      seen.push(event.type);
    };
    const subscription = bus.subscribe(['a', 'b', 'c.*'], handler);
    expect(bus.unsubscribe('a', handler)).toBe(true);
    expect(bus.unsubscribe('a', handler)).toBe(false);
    for (const each of ['a', 'b', 'c.d']) await bus.publish({ type: each });
    expect(seen).toEqual(['b', 'c.d']);
    expect(subscription.active).toBe(true);
    bus.unsubscribe('b', handler);
    bus.unsubscribe('c.*', handler);
    expect(subscription.active).toBe(false);
  });
});
