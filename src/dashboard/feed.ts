/**
 * Records on their way into the model: collected, folded in batches, and seen at most 15 times a second. What is drawn
 * costs the bus its time, so frames also keep to a share of it: a dear frame is followed by a longer wait.
 */
import type { Clock, Timer } from '../kernel/index.js';
import type { LogRecord } from '../record/index.js';

export const FRAMES_PER_SECOND = 15;
const FRAME_MS = 1_000 / FRAMES_PER_SECOND;
/** A frame is followed by so many times its own length without one. */
const REST = 20;
/** The longest such wait; a machine that is this slow should still be seen to live. */
const LONGEST_MS = 500;
/** Records that may wait for the next frame; more are folded at once, so that memory stays flat. */
const MOST_PENDING = 4_096;
/** The screen shows time passing even when no record comes. */
const TICK_MS = 1_000;

export interface FeedOptions {
  readonly clock: Clock;
  /** Takes records into the model; draws nothing. */
  readonly fold: (batch: readonly LogRecord[], dropped: number) => void;
  /** About once a second. */
  readonly tick: () => void;
  /** Draws. */
  readonly frame: () => void;
}

export class Feed {
  readonly #options: FeedOptions;
  #pending: LogRecord[] = [];
  #dropped = 0;
  #timer: Timer | undefined;
  #due = 0;
  #notBefore = 0;
  #nextTick = 0;
  /** A frame is due for what is pending. */
  #awaited = false;
  #closed = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#nextTick = options.clock.now() + TICK_MS;
    this.#arm(TICK_MS);
  }

  push(batch: readonly LogRecord[], dropped: number): void {
    if (this.#closed) return;
    this.#dropped += dropped;
    if (!this.#awaited && (batch.length > 0 || dropped > 0)) this.#soon();
    if (this.#pending.length + batch.length <= MOST_PENDING) {
      for (const record of batch) this.#pending.push(record);
      return;
    }
    this.#fold();
    // Larger than all that may wait: folded as it is, in parts.
    for (let from = 0; from < batch.length; from += MOST_PENDING) {
      this.#options.fold(batch.slice(from, from + MOST_PENDING), 0);
    }
  }

  /** The model was changed without a record coming through here: it is to be seen when the next frame is due. */
  changed(): void {
    if (!this.#closed && !this.#awaited) this.#soon();
  }

  /** Draws now: a key was pressed. The records that wait are part of it. */
  now(): void {
    if (this.#closed) return;
    this.#draw();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#pending = [];
  }

  /** Looks at the clock once for each frame, not for each record. */
  #soon(): void {
    this.#awaited = true;
    const wait = Math.max(0, this.#notBefore - this.#options.clock.now());
    if (this.#timer !== undefined && this.#due <= this.#options.clock.now() + wait) return;
    this.#arm(wait);
  }

  #arm(wait: number): void {
    this.#timer?.cancel();
    this.#due = this.#options.clock.now() + wait;
    // The run decides how long the process lives; keys keep it alive while the dashboard is open.
    this.#timer = this.#options.clock.setTimer(wait, () => this.#fire(), { background: true });
  }

  #fire(): void {
    this.#timer = undefined;
    if (this.#closed) return;
    this.#draw();
  }

  #draw(): void {
    const { clock, tick, frame } = this.#options;
    const begin = clock.now();
    this.#awaited = false;
    this.#fold();
    if (begin >= this.#nextTick) {
      this.#nextTick = begin + TICK_MS;
      tick();
    }
    frame();
    const end = clock.now();
    this.#notBefore = end + Math.min(LONGEST_MS, Math.max(FRAME_MS - (end - begin), (end - begin) * REST));
    if (!this.#closed) this.#arm(Math.max(this.#notBefore, this.#nextTick) - end);
  }

  #fold(): void {
    if (this.#pending.length === 0 && this.#dropped === 0) return;
    const batch = this.#pending;
    const dropped = this.#dropped;
    this.#pending = [];
    this.#dropped = 0;
    this.#options.fold(batch, dropped);
  }
}
