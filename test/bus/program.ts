/** Random programs for the bus, and what must become of each delivery: the model that properties.test.ts holds it to. */
import fc from 'fast-check';
import type { SubscribeOptions } from '../../src/bus/index.js';

/** What a subscription's handler does with every event. */
export type Behaviour =
  | { readonly kind: 'return' }
  | { readonly kind: 'sleep'; readonly ms: number }
  | { readonly kind: 'throw' }
  | { readonly kind: 'reject'; readonly after: number }
  /** Fails so often, then succeeds. */
  | { readonly kind: 'flaky'; readonly failures: number }
  /** Never ends by itself; its subscription has a timeout. */
  | { readonly kind: 'hang' }
  /** Publishes `type` and, if `wait`, awaits it. */
  | { readonly kind: 'publish'; readonly type: string; readonly wait: boolean };

export interface SubscriptionPlan {
  readonly patterns: readonly string[];
  readonly behaviour: Behaviour;
  readonly options: Pick<SubscribeOptions, 'concurrency' | 'queue' | 'timeout' | 'retry' | 'once'>;
}

export type Command =
  | { readonly kind: 'subscribe'; readonly plan: SubscriptionPlan }
  /** Ends the subscription of that number, if there is one. */
  | { readonly kind: 'unsubscribe' | 'abort'; readonly which: number }
  | { readonly kind: 'publish'; readonly type: string }
  | { readonly kind: 'pause' | 'resume' };

export interface Program {
  readonly steps: readonly { readonly after: number; readonly command: Command }[];
  /** Closes the bus so long after the last step; `undefined`: once it is idle. */
  readonly close: { readonly after: number; readonly timeout: number } | undefined;
}

/** The longest sleep; every timeout is longer, so that no handler ends in the very moment of its timeout. */
const MAX_SLEEP = 9;
const TIMEOUT = 15;

const type = fc.constantFrom('a', 'b', 'a.x', 'a.y');
const pattern = fc.oneof({ weight: 3, arbitrary: type }, fc.constantFrom('*', 'a.*', '**', '**.x'));

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  fc.constant({ kind: 'return' } as const),
  fc.record({ kind: fc.constant('sleep' as const), ms: fc.integer({ min: 0, max: MAX_SLEEP }) }),
  fc.constant({ kind: 'throw' } as const),
  fc.record({ kind: fc.constant('reject' as const), after: fc.integer({ min: 0, max: MAX_SLEEP }) }),
  fc.record({ kind: fc.constant('flaky' as const), failures: fc.integer({ min: 1, max: 3 }) }),
  fc.constant({ kind: 'hang' } as const),
  fc.record({ kind: fc.constant('publish' as const), type, wait: fc.boolean() }),
);

const queue = fc.record({
  size: fc.nat(3),
  overflow: fc.constantFrom('block' as const, 'drop_newest' as const, 'drop_oldest' as const),
});
const retry = fc.record({ attempts: fc.integer({ min: 1, max: 3 }), delay: fc.nat(8) });

const plan: fc.Arbitrary<SubscriptionPlan> = fc
  .record({
    patterns: fc.uniqueArray(pattern, { minLength: 1, maxLength: 2 }),
    behaviour,
    concurrency: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    queue: fc.option(queue, { nil: undefined }),
    retry: fc.option(retry, { nil: undefined }),
    timed: fc.boolean(),
    once: fc.boolean(),
  })
  .map(({ patterns, behaviour: does, timed, ...options }) => {
    // A handler that awaits a publish takes as long as that takes: with a timeout nobody could say how it ends.
    const timeout = does.kind === 'hang' || (timed && does.kind !== 'publish') ? TIMEOUT : undefined;
    return { patterns, behaviour: does, options: { ...options, timeout } };
  });

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), plan }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('publish' as const), type }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('unsubscribe' as const, 'abort' as const), which: fc.nat(8) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const) }) },
);

export const programs: fc.Arbitrary<Program> = fc.record({
  steps: fc.array(fc.record({ after: fc.nat(6), command }), { maxLength: 40 }),
  close: fc.option(fc.record({ after: fc.nat(10), timeout: fc.nat(20) }), { nil: undefined }),
});

/** How a delivery ends that is neither dropped nor abandoned. */
export interface Ending {
  readonly state: 'done' | 'failed' | 'dead';
  readonly attempts: number;
  readonly errors: number;
}

export function endingOf({ behaviour: does, options }: SubscriptionPlan): Ending {
  const allowed = options.retry?.attempts ?? 1;
  const failures = failuresOf(does);
  if (failures < allowed) return { state: 'done', attempts: failures + 1, errors: failures };
  return { state: allowed === 1 ? 'failed' : 'dead', attempts: allowed, errors: allowed };
}

/** Attempts that fail before one succeeds. */
function failuresOf(does: Behaviour): number {
  switch (does.kind) {
    case 'return':
    case 'sleep':
    case 'publish':
      return 0;
    case 'flaky':
      return does.failures;
    case 'throw':
    case 'reject':
    case 'hang':
      return Number.POSITIVE_INFINITY;
  }
}
