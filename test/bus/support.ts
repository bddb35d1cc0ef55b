/** What the bus's tests share: a bus on the virtual clock, and a way to see that something hangs. */
import { EventBus, type EventBusOptions, type HandlerContext } from '../../src/bus/index.js';
import { CfBusError, Ids, VirtualClock } from '../../src/kernel/index.js';

export interface VirtualBus {
  readonly bus: EventBus;
  readonly clock: VirtualClock;
}

export function virtualBus(options: Omit<EventBusOptions, 'clock'> = {}): VirtualBus {
  const clock = new VirtualClock();
  return { clock, bus: new EventBus({ clock, ids: new Ids('test'), random: () => 0.5, ...options }) };
}

export type Settled<T> =
  | { readonly state: 'pending' }
  | { readonly state: 'fulfilled'; readonly value: T }
  | { readonly state: 'rejected'; readonly reason: unknown };

/** Watches a promise, so that a test can ask whether it has settled yet. */
export function watch<T>(promise: Promise<T>): { readonly now: () => Settled<T> } {
  let settled: Settled<T> = { state: 'pending' };
  promise.then(
    (value) => {
      settled = { state: 'fulfilled', value };
    },
    (reason: unknown) => {
      settled = { state: 'rejected', reason };
    },
  );
  return { now: () => settled };
}

/**
 * Runs the clock until it is dry, and gives what `promise` gave. Virtual time makes a hang visible: no timer is left, and
 * the promise has still not settled.
 */
export async function settle<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  const watched = watch(promise);
  await clock.drive();
  if (watched.now().state === 'pending')
    throw new Error('hangs: the clock has run dry and the promise has not settled');
  return promise;
}

/** Runs the clock up to virtual time `time`: what is due then has happened, what is due later has not. */
export async function driveTo(clock: VirtualClock, time: number): Promise<void> {
  let reached = false;
  clock.setTimer(time - clock.now(), () => {
    reached = true;
  });
  await clock.drive({ until: () => reached });
  await turn();
}

/** The next turn of the event loop: every promise that could settle has. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A promise to settle by hand. */
export class Deferred<T = void> {
  readonly promise: Promise<T>;
  resolve: (value: T) => void = () => {};
  reject: (reason: unknown) => void = () => {};

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** The error that `promise` rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not reject');
}

/** The code of what `run` throws. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof CfBusError ? error.code : `no coded error: ${String(error)}`;
  }
  return 'nothing thrown';
}

/** A handler that takes `ms` milliseconds of the bus's time. */
export function taking(ms: number): (event: unknown, context: HandlerContext) => Promise<void> {
  return (_event, context) => context.clock.sleep(ms);
}

/** A handler that never ends. */
export function hang(): Promise<never> {
  return new Promise(() => {});
}
