/** A clock for lockstep runs: time passes only when told, one timer at a time. */
import type { Clock, Timer } from '../../../../src/kernel/index.js';

interface Armed {
  readonly due: number;
  readonly callback: () => void;
}

export class SteppedClock implements Clock {
  readonly kind = 'virtual';
  readonly #onArmed: () => void;
  #timers: Armed[] = [];
  #now = 0;

  /** `onArmed` is told of each timer that is set. */
  constructor(onArmed: () => void) {
    this.#onArmed = onArmed;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return Math.floor(this.#now);
  }

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#timers.length;
  }

  setTimer(delay: number, callback: () => void): Timer {
    const armed = { due: this.#now + delay, callback };
    this.#timers.push(armed);
    this.#timers.sort((a, b) => a.due - b.due);
    this.#onArmed();
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== armed);
      },
    };
  }

  /** Lets time pass until the next timer, and fires it. */
  tick(): void {
    const next = this.#timers.shift();
    if (next === undefined) return;
    this.#now = next.due;
    next.callback();
  }
}
