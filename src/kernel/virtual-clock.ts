/**
 * A clock that jumps: time passes only when nothing can happen before the next timer.
 *
 * One timer fires at a time, and everything it sets off (promises included) settles before the next one fires. That
 * is what makes a run repeatable: two handlers never interleave because of how many promise turns each takes.
 */
import { type Clock, realClock, type Timer } from './clock.js';
import { CfBusError } from './errors.js';
import { TimerHeap } from './timer-heap.js';

/** 2000-01-01T00:00:00.000Z, where virtual time starts, in milliseconds since 1970. */
export const VIRTUAL_EPOCH_MS = 946_684_800_000;

/** How long, in real milliseconds, code that waits on something outside this clock may hold it. */
export const STALL_LIMIT_MS = 5_000;

/** Real milliseconds of work between two turns of the event loop, so that signals and writes are served. */
const SLICE_MS = 8;
/** Timers fired between two looks at the real time. */
const STEPS_PER_LOOK = 64;

const SETTLED = Promise.resolve();

/** Keeps the clock from jumping while foreign code runs that the clock cannot see into. */
export interface ClockHold {
  /** While at least one wait is open, the code is known to wait on this clock or the bus, and does not hold it. */
  beginWait(): void;
  endWait(): void;
  /** The code has ended. */
  release(): void;
}

export interface DriveOptions {
  /** Asked before each jump; true ends the drive. */
  readonly until?: () => boolean;
  /** Called about every 100 ms of real time with the virtual time; for progress. */
  readonly onProgress?: (now: number) => void;
}

export class VirtualClock implements Clock {
  readonly kind = 'virtual';
  readonly #heap = new TimerHeap();
  readonly #holds = new Map<object, { readonly label: string; waits: number }>();
  #now = 0;
  #held = 0;

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return VIRTUAL_EPOCH_MS + Math.floor(this.#now);
  }

  setTimer(delay: number, callback: () => void): Timer {
    return this.#heap.push(this.#now + (delay > 0 ? delay : 0), callback);
  }

  /** Timers that have not fired yet. */
  get pending(): number {
    return this.#heap.size;
  }

  /** Holds the clock for code that may wait on something this clock does not know; `label` names it in errors. */
  hold(label: string): ClockHold {
    const key = {};
    const hold = { label, waits: 0 };
    this.#holds.set(key, hold);
    this.#held++;
    return {
      beginWait: () => {
        if (this.#holds.has(key) && hold.waits++ === 0) this.#held--;
      },
      endWait: () => {
        if (this.#holds.has(key) && --hold.waits === 0) this.#held++;
      },
      release: () => {
        if (this.#holds.delete(key) && hold.waits === 0) this.#held--;
      },
    };
  }

  /**
   * Runs until no timer is left or `until` says so.
   * @throws CfBusError `CLOCK_STALLED` when a hold lasts longer than five seconds of real time without a wait.
   * @throws whatever a timer's callback throws.
   */
  drive(options: DriveOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      let steps = 0;
      let sliceStart = realClock.now();
      let lastProgress = sliceStart;
      let stalledSince: number | undefined;

      const drained = () => process.nextTick(step);
      // A tick queued from a promise turn runs once all promise turns are done: the cheapest full drain there is. A settled
      // promise costs less than queueMicrotask, which makes a resource for async hooks each time.
      const afterMicrotasks = () => void SETTLED.then(drained);
      const yieldToLoop = () => setImmediate(step);

      const step = (): void => {
        try {
          if (options.until?.() === true) return resolve();
          if (this.#held > 0) {
            stalledSince ??= realClock.now();
            if (realClock.now() - stalledSince > STALL_LIMIT_MS) return reject(this.#stalled());
            return void yieldToLoop();
          }
          stalledSince = undefined;
          const callback = this.#next();
          if (callback === undefined) return resolve();
          callback();
        } catch (error) {
          return reject(error);
        }
        if (++steps % STEPS_PER_LOOK !== 0) return afterMicrotasks();
        const real = realClock.now();
        if (real - lastProgress >= 100) {
          lastProgress = real;
          options.onProgress?.(this.#now);
        }
        if (real - sliceStart < SLICE_MS) return afterMicrotasks();
        sliceStart = real;
        yieldToLoop();
      };
      // What was set off before the drive settles first.
      yieldToLoop();
    });
  }

  #next(): (() => void) | undefined {
    const next = this.#heap.pop();
    if (next === undefined) return undefined;
    if (next.due > this.#now) this.#now = next.due;
    return next.callback;
  }

  #stalled(): CfBusError {
    const labels = [...this.#holds.values()].filter((hold) => hold.waits === 0).map((hold) => hold.label);
    return new CfBusError(
      'CLOCK_STALLED',
      `${labels[0] ?? 'a handler'} waited ${STALL_LIMIT_MS / 1000} s on something outside the virtual clock`,
      { hint: 'use context.clock.sleep and context.publish in handlers, or run without --virtual', exitCode: 1 },
    );
  }
}
