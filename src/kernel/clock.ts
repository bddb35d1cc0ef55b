/**
 * Time is a port. Everything outside this folder asks a `Clock`; nothing else touches timers, `Date` or `performance`.
 */
import { CfBusError } from './errors.js';

/** A pending call back. Cancelling twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

export interface TimerOptions {
  /** A background timer does not keep the process alive by itself. Default false. */
  readonly background?: boolean;
}

export interface Clock {
  readonly kind: 'real' | 'virtual';
  /** Monotonic time in milliseconds since an arbitrary origin; fractions count. For durations. */
  now(): number;
  /** Time of day in milliseconds since 1970-01-01T00:00:00Z, whole. For timestamps. */
  wallTime(): number;
  /** Calls `callback` once, `delay` milliseconds from now (at once where `delay` is not above zero), never synchronously. */
  setTimer(delay: number, callback: () => void, options?: TimerOptions): Timer;
}

/** Timers of Node.js hold 31 bits of milliseconds; a longer wait is made of several. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Never early. Timers of Node.js count from the time that the event loop last looked at, in whole milliseconds, so that one
 * set late in a long turn fires before its time by as much as the turn took; what is left is then waited for again.
 */
class RealTimer implements Timer {
  readonly #due: number;
  #handle: NodeJS.Timeout | undefined;

  constructor(delay: number, callback: () => void, background: boolean) {
    this.#due = realClock.now() + delay;
    this.#arm(delay, callback, background);
  }

  #arm(delay: number, callback: () => void, background: boolean): void {
    this.#handle = setTimeout(
      () => {
        this.#handle = undefined;
        const left = this.#due - realClock.now();
        if (left > 0) this.#arm(left, callback, background);
        else callback();
      },
      Math.min(Math.ceil(Math.max(0, delay)), LONGEST_TIMEOUT_MS),
    );
    if (background) this.#handle.unref();
  }

  cancel(): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle);
    this.#handle = undefined;
  }
}

const FIRST_CALLS = 100;

/**
 * The machine's monotonic time. `performance` is the quickest to ask, but loading it takes 2 ms, and a short command
 * asks a few times only: the first calls are answered by `process.hrtime`.
 */
function monotonicTime(): () => number {
  let left = FIRST_CALLS;
  let offset = 0;
  return () => {
    if (left === 0) return performance.now() + offset;
    const [seconds, nanoseconds] = process.hrtime();
    const now = seconds * 1e3 + nanoseconds / 1e6;
    if (--left === 0) offset = now - performance.now();
    return now;
  };
}

/** The machine's own time. */
export const realClock: Clock = {
  kind: 'real',
  now: monotonicTime(),
  wallTime: () => Date.now(),
  setTimer: (delay, callback, options) => new RealTimer(delay, callback, options?.background === true),
};

interface ScaledTimer {
  readonly due: number;
  readonly callback: () => void;
  readonly background: boolean;
  inner: Timer;
}

/**
 * Real time, run faster or slower: at speed 10, ten milliseconds of this clock pass in one. Its time of day starts at
 * the real one and drifts from it by the speed, so that timestamps and durations agree with each other. The speed may
 * change at any moment; pending timers keep their due time on this clock.
 */
export class ScaledClock implements Clock {
  readonly kind = 'real';
  readonly #base: Clock;
  readonly #timers = new Set<ScaledTimer>();
  #speed: number;
  #anchorBase: number;
  #anchorNow: number;
  readonly #wallOffset: number;

  /** @throws CfBusError `INVALID_OPTIONS` unless `speed` is a finite number above zero. */
  constructor(speed: number, base: Clock = realClock) {
    this.#base = base;
    this.#speed = checkSpeed(speed);
    this.#anchorBase = base.now();
    this.#anchorNow = this.#anchorBase;
    this.#wallOffset = base.wallTime() - this.#anchorNow;
  }

  get speed(): number {
    return this.#speed;
  }

  setSpeed(speed: number): void {
    const checked = checkSpeed(speed);
    this.#anchorNow = this.now();
    this.#anchorBase = this.#base.now();
    this.#speed = checked;
    for (const timer of this.#timers) {
      timer.inner.cancel();
      timer.inner = this.#arm(timer);
    }
  }

  now(): number {
    return this.#anchorNow + (this.#base.now() - this.#anchorBase) * this.#speed;
  }

  wallTime(): number {
    return Math.floor(this.now() + this.#wallOffset);
  }

  setTimer(delay: number, callback: () => void, options?: TimerOptions): Timer {
    const placeholder: Timer = { cancel: () => {} };
    const timer: ScaledTimer = {
      due: this.now() + Math.max(0, delay),
      callback,
      background: options?.background === true,
      inner: placeholder,
    };
    timer.inner = this.#arm(timer);
    this.#timers.add(timer);
    return {
      cancel: () => {
        timer.inner.cancel();
        this.#timers.delete(timer);
      },
    };
  }

  #arm(timer: ScaledTimer): Timer {
    const fire = () => {
      this.#timers.delete(timer);
      timer.callback();
    };
    return this.#base.setTimer((timer.due - this.now()) / this.#speed, fire, { background: timer.background });
  }
}

function checkSpeed(speed: number): number {
  if (Number.isFinite(speed) && speed > 0) return speed;
  throw new CfBusError('INVALID_OPTIONS', `speed must be a number above zero, not ${speed}`);
}

/**
 * Resolves after `delay` milliseconds of `clock`.
 * @throws the signal's reason when `signal` aborts first.
 */
export function sleep(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.setTimer(delay, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
