/** Takes lines in, a piece at a time, so that keys are read in between; how many are read whole depends on the time. */
import type { Clock, Timer } from '../../kernel/index.js';
import { LineScanner } from '../../record/index.js';
import type { Lines } from '../data/ingest-lines.js';
import { LineReader, type SharedLines } from './line-ring.js';

/** Bytes of one piece: some milliseconds. */
const PIECE = 512 * 1_024;
/** How often it looks for lines while some come. */
const LOOK_MS = 33;
/** A piece is followed by a rest so many times as long, where more wait: the bus comes first. */
const REST = 1;
/** Lines read, not only counted, in a second: more than anybody can look at, and a small part of a processor. */
const READ_PER_SECOND = 12_000;

export interface IntakeOptions {
  readonly lines: SharedLines;
  readonly session: string;
  readonly clock: Clock;
  /** Takes lines; `dropped` were left out before them. Returns how many were read. */
  readonly take: (lines: Lines, dropped: number) => number;
}

export class Intake {
  readonly #options: IntakeOptions;
  readonly #reader: LineReader;
  readonly #scanner: LineScanner;
  #readable = READ_PER_SECOND;
  #lastLook: number;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#reader = new LineReader(options.lines);
    this.#scanner = new LineScanner(options.session);
    this.#lastLook = options.clock.now();
  }

  /** There may be lines. */
  wake(): void {
    if (this.#timer === undefined) this.#look();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#closed) return;
    const { clock, take } = this.#options;
    const begin = clock.now();
    const bytes = this.#reader.peek(PIECE);
    const dropped = this.#reader.leftOut();
    if (bytes.length === 0 && dropped === 0) {
      if (!this.#reader.sleep()) this.#lookIn(0);
      return;
    }
    this.#readable = Math.min(READ_PER_SECOND, this.#readable + ((begin - this.#lastLook) / 1_000) * READ_PER_SECOND);
    this.#lastLook = begin;
    const readable = Math.max(0, this.#readable);
    this.#readable -= take({ bytes, readable, scanner: this.#scanner }, dropped);
    this.#reader.release(bytes);
    const more = this.#reader.peek(PIECE).length >= PIECE / 2;
    this.#lookIn(more ? (clock.now() - begin) * REST : LOOK_MS);
  }

  #lookIn(wait: number): void {
    this.#timer = this.#options.clock.setTimer(wait, () => this.#look(), { background: true });
  }
}
