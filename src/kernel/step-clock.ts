/** Time for a bus's own steps, which may lie tens of nanoseconds apart: less than a look at the clock takes. */
import { type Clock, realClock } from './clock.js';

/** What a bus needs of a clock at every step. */
export type StepTime = Pick<Clock, 'now' | 'wallTime'>;

/** Steps that are looked at together; one look at the clock serves as many in a burst. */
const WINDOW = 64;
/** A window of steps that took less is a burst: half a microsecond a step. */
const BURST_MS = 0.032;

/**
 * The machine's time, exact until a burst: after 64 steps within 32 µs, one look at the clock serves the next 64. Times
 * then have a resolution of about 32 µs. A step that takes longer is noticed at the next look, which ends the burst, and
 * so does the end of the event loop's turn. A look takes about 50 ns, by any of Node's clocks; a whole delivery takes less.
 */
export class StepClock implements StepTime {
  readonly #clock: StepTime;
  readonly #exact: () => boolean;
  /** Not a number from the start on, so that it is handed out as it is, and not copied to the heap at each step. */
  #now: number | undefined = undefined;
  #wall = 0;
  /** Steps that the last look still serves. */
  #served = 0;
  /** Steps of this window that had a look of their own, and when it began. */
  #looks = 0;
  #windowStart = 0;
  #watchesTurn = false;

  /** @param exact While it says true, every step gets a look of its own. */
  constructor(exact: () => boolean, clock: StepTime = realClock) {
    this.#exact = exact;
    this.#clock = clock;
  }

  now(): number {
    if (this.#served === 0 || this.#now === undefined) return this.#look();
    this.#served--;
    return this.#now;
  }

  wallTime(): number {
    return this.#served === 0 ? this.#clock.wallTime() : this.#wall;
  }

  /** Ends a burst: the next step gets a look of its own. */
  endBurst(): void {
    this.#served = 0;
    this.#looks = 0;
  }

  #look(): number {
    const now = this.#clock.now();
    if (this.#exact()) return now;
    if (this.#looks === 0) this.#windowStart = now;
    if (++this.#looks <= WINDOW) return now;
    if (now - this.#windowStart < BURST_MS) this.#serve(now);
    else this.#looks = 0;
    return now;
  }

  /** The window that follows is served by this look; the next look judges it. */
  #serve(now: number): void {
    this.#now = now;
    this.#windowStart = now;
    this.#wall = this.#clock.wallTime();
    this.#served = WINDOW;
    if (this.#watchesTurn) return;
    this.#watchesTurn = true;
    // Not in the background: the loop would wait for input first, and what comes then is another turn.
    setImmediate(() => {
      this.#watchesTurn = false;
      this.endBurst();
    });
  }
}
