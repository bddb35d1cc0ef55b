/** Takes lines in, a piece at a time, so that keys are read in between; how many are read depends on the time it takes. */
import type { Clock, Timer } from '../../kernel/index.js';
import { LineScanner } from '../../record/index.js';
import type { Lines } from '../data/ingest-lines.js';
import { LineReader, type SharedLines } from './line-ring.js';

/** Bytes of one piece: some milliseconds. */
const PIECE = 1_024 * 1_024;
/** How often it looks for lines while some come. */
const LOOK_MS = 50;
/** A piece is followed by a rest so many times as long, where more wait: the bus comes first. Two hundred thousand lines a second are read so. */
const REST = 3;
/** Lines read, not only counted, in a second: more than anybody can look at. */
const READ_PER_SECOND = 6_000;
/** Share of the time that reading them may take; a machine that is slow, or busy with other things, reads fewer. */
const READ_SHARE = 0.05;
/** Milliseconds that reading a line takes, until it is known. */
const READ_MS = 0.004;

/** Bytes of a line, about, and what it costs to count one, as a share of what it costs to read it. */
const LINE_BYTES = 300;
const COUNT_COST = 0.1;
/** Fewer lines tell little of what reading takes. */
const TELLING = 20;

export interface IntakeOptions {
  readonly lines: SharedLines;
  readonly session: string;
  readonly clock: Clock;
  /** Takes lines; `dropped` were left out before them. Returns how many were read. */
  readonly take: (lines: Lines, dropped: number) => number;
  /** There is room for lines that found none. */
  readonly room: () => void;
}

export class Intake {
  readonly #options: IntakeOptions;
  readonly #reader: LineReader;
  readonly #scanner: LineScanner;
  /** Lines that may be read now. */
  #readable = READ_PER_SECOND;
  #readMs = READ_MS;
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
      if (this.#reader.sleep()) return;
      this.#askForMore();
      return this.#lookIn(1);
    }
    this.#earn((begin - this.#lastLook) / 1_000);
    this.#lastLook = begin;
    const read = take({ bytes, readable: Math.max(0, this.#readable), scanner: this.#scanner }, dropped);
    this.#readable -= read;
    this.#learn(read, bytes.length, clock.now() - begin);
    this.#reader.release(bytes);
    this.#askForMore();
    const more = this.#reader.peek(PIECE).length >= PIECE / 2;
    this.#lookIn(more ? (clock.now() - begin) * REST : LOOK_MS);
  }

  #askForMore(): void {
    if (this.#reader.awaited) this.#options.room();
  }

  /** So many seconds have passed. */
  #earn(seconds: number): void {
    const perSecond = Math.min(READ_PER_SECOND, (READ_SHARE * 1_000) / this.#readMs);
    this.#readable = Math.min(perSecond, this.#readable + seconds * perSecond);
  }

  /** A piece of `length` bytes, of which so many lines were read and the others counted, took so long. */
  #learn(read: number, length: number, ms: number): void {
    const counted = Math.max(0, length / LINE_BYTES - read);
    const work = read + counted * COUNT_COST;
    if (work >= TELLING) this.#readMs = this.#readMs * 0.8 + (ms / work) * 0.2;
  }

  #lookIn(wait: number): void {
    this.#timer = this.#options.clock.setTimer(wait, () => this.#look(), { background: true });
  }
}
