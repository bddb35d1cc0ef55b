/** Random programs for a bus: what is done to it from outside, and what its handlers do. */
import fc from 'fast-check';

/** One publish of a handler: awaited, not awaited, or some time after its end. */
export interface Move {
  readonly how: 'await' | 'forget' | 'send' | 'after';
  readonly type: string;
}

/** What a handler does in one attempt. */
export interface Script {
  /**
   * What it publishes, turn by turn: the first in the call itself, each other one when the scheduler says so, once what
   * was awaited has settled. The last awaits nothing.
   */
  readonly turns: readonly (readonly Move[])[];
  /** Of a script with one turn: whether it ends in the call itself or in a promise. */
  readonly ends: 'in the call' | 'in a promise';
  readonly how: 'return' | 'throw' | 'drop' | 'hang';
}

export interface Plan {
  readonly patterns: readonly string[];
  readonly scripts: readonly Script[];
  readonly concurrency: number;
  readonly queueSize: number;
  readonly overflow: 'block' | 'drop_newest' | 'drop_oldest';
  readonly timeout: number | undefined;
  readonly attempts: number;
  readonly retryDelay: number;
  readonly once: boolean;
}

export type Command =
  | { readonly kind: 'subscribe'; readonly plan: Plan }
  | { readonly kind: 'publish'; readonly type: string }
  | { readonly kind: 'leave'; readonly which: number; readonly how: 'unsubscribe' | 'dispose' | 'abort' | 'handler' }
  | { readonly kind: 'pause' | 'resume' }
  | { readonly kind: 'close'; readonly timeout: number | undefined };

export interface Program {
  readonly commands: readonly Command[];
  /** Observers that throw are attached. */
  readonly rudeObserver: boolean;
}

/** Events of handlers of handlers publish no more. */
const MAX_DEPTH = 2;

/** What the handler of `plan` does with the event of this key: the same in the model and on the bus. */
export function scriptOf(plan: Plan, key: string, attempt: number): Script {
  let sum = attempt;
  for (const letter of key) sum += letter.charCodeAt(0);
  const script = plan.scripts[sum % plan.scripts.length] ?? QUIET;
  if (key.split('>').length <= MAX_DEPTH) return script;
  return { ...script, turns: script.turns.map(() => []) };
}

const QUIET: Script = { turns: [[]], ends: 'in the call', how: 'return' };

/** The key of an event that a handler publishes. */
export function childKey(parent: string, subscription: number, attempt: number, turn: number, move: number): string {
  return `${parent}>${subscription}.${attempt}.${turn}.${move}`;
}

/** Delays differ by little things that add up to no other, so that no two kinds of timers fall due at the same moment. */
export function delays(subscription: number, plan: Plan): { timeout: number | undefined; retry: number } {
  const own = ownDelay(subscription);
  return {
    timeout: plan.timeout === undefined ? undefined : plan.timeout + own,
    retry: plan.retryDelay + own + Math.E * 1e-2,
  };
}

function ownDelay(subscription: number): number {
  return (subscription + 1) * Math.SQRT2 * 1e-4;
}

export function closeDelay(timeout: number | undefined): number | undefined {
  return timeout === undefined ? undefined : timeout + Math.PI * 1e-3;
}

export function afterDelay(subscription: number, turn: number, move: number): number {
  return 7 + ownDelay(subscription) + turn * 1e-6 + move * 1e-8 + Math.LN2 * 1e-2;
}

const type = fc.constantFrom('a', 'b', 'a.x', 'a.y');
const pattern = fc.oneof({ weight: 3, arbitrary: type }, fc.constantFrom('*', 'a.*', '**', '**.x'));

/** Patterns as a person reads them. */
export function reads(pattern: string, type: string): boolean {
  const [first, second] = type.split('.');
  if (pattern === '**' || pattern === type) return true;
  if (pattern === '*') return second === undefined;
  if (pattern === 'a.*') return first === 'a' && second !== undefined;
  return pattern === '**.x' && second === 'x';
}

const move: fc.Arbitrary<Move> = fc.record({
  how: fc.constantFrom('await' as const, 'await' as const, 'forget' as const, 'send' as const, 'after' as const),
  type,
});

const script: fc.Arbitrary<Script> = fc
  .record({
    turns: fc.array(fc.array(move, { maxLength: 2 }), { minLength: 1, maxLength: 3 }),
    ends: fc.constantFrom('in the call' as const, 'in a promise' as const),
    how: fc.constantFrom('return', 'return', 'return', 'throw', 'throw', 'drop', 'hang'),
  })
  .map(({ turns, ends, how }) => {
    const waits = turns.at(-1)?.some((each) => each.how === 'await') === true;
    return { turns: waits ? [...turns, []] : turns, ends, how };
  });

function plans(hangs: boolean): fc.Arbitrary<Plan> {
  return fc
    .record({
      patterns: fc.uniqueArray(pattern, { minLength: 1, maxLength: 2 }),
      scripts: fc.array(script, { minLength: 1, maxLength: 3 }),
      concurrency: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constant(Number.POSITIVE_INFINITY)),
      queueSize: fc.oneof(fc.nat(3), fc.constant(Number.POSITIVE_INFINITY)),
      overflow: fc.constantFrom('block' as const, 'drop_newest' as const, 'drop_oldest' as const),
      timeout: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
      attempts: fc.integer({ min: 1, max: 3 }),
      retryDelay: fc.nat(20),
      once: fc.boolean(),
    })
    .map((plan) => {
      const mayHang = !hangs && plan.timeout === undefined && plan.scripts.some(({ how }) => how === 'hang');
      return mayHang ? { ...plan, timeout: 25 } : plan;
    });
}

function commands(hangs: boolean): fc.Arbitrary<Command> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), plan: plans(hangs) }) },
    { weight: 9, arbitrary: fc.record({ kind: fc.constant('publish' as const), type }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('leave' as const),
        which: fc.nat(6),
        how: fc.constantFrom('unsubscribe' as const, 'dispose' as const, 'abort' as const, 'handler' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const) }) },
  );
}

/** Closing waits for ever for a handler that hangs for ever, unless it has a timeout. */
function closing(hangs: boolean): fc.Arbitrary<Command> {
  const timeout = hangs ? fc.nat(40) : fc.option(fc.nat(40), { nil: undefined });
  return fc.record({ kind: fc.constant('close' as const), timeout });
}

/** Half of the programs have no handler that hangs without a timeout: every delivery of theirs must end by itself. */
export const programs: fc.Arbitrary<Program> = fc.boolean().chain((hangs) =>
  fc.record({
    commands: fc
      .tuple(
        fc.array(commands(hangs), { maxLength: 24, size: 'max' }),
        fc.option(fc.tuple(fc.nat(24), closing(hangs)), { nil: undefined }),
      )
      .map(([all, close]) =>
        close === undefined ? all : [...all.slice(0, close[0]), close[1], ...all.slice(close[0])],
      ),
    rudeObserver: fc.boolean(),
  }),
);

/** True where every handler ends by itself or is ended by its timeout. */
export function endsByItself({ commands: all }: Program): boolean {
  return all.every(
    (command) =>
      command.kind !== 'subscribe' ||
      command.plan.timeout !== undefined ||
      command.plan.scripts.every(({ how }) => how !== 'hang'),
  );
}
