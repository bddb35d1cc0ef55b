/**
 * A log file's records and what was known after each of them. Every so many records the data is kept (it shares most
 * of itself with the one before), so that any point is a few thousand records away.
 */
import type { LogRecord } from '../record/index.js';
import { type Data, emptyData } from './data/data.js';
import { ingest } from './data/ingest.js';
import type { ScrubMove } from './model.js';

/** Records between two kept points. */
const STEP = 2_048;
/** Records that can be gone back over; older ones are still counted. */
const MOST_STEPS = 120;

interface Point {
  /** Records before it. */
  readonly at: number;
  readonly data: Data;
}

export class Timeline {
  /** Whole steps of records, and the last, growing one; `#points[i]` is what was known before `#steps[i]`. */
  #steps: LogRecord[][] = [[]];
  #points: Point[] = [{ at: 0, data: emptyData }];
  #newest: Data = emptyData;
  #at = 0;

  get total(): number {
    return this.#newest.total;
  }

  get at(): number {
    return this.#at;
  }

  /** Adds records; the cursor goes with them where it stands at the end. */
  push(batch: readonly LogRecord[], dropped = 0): void {
    const following = this.#at === this.total;
    for (let from = 0; from < batch.length || (from === 0 && dropped > 0); ) {
      const open = this.#steps.at(-1) ?? [];
      const part = batch.slice(from, from + STEP - open.length);
      for (const record of part) open.push(record);
      this.#newest = ingest(this.#newest, part, from === 0 ? dropped : 0);
      from += Math.max(1, part.length);
      if (open.length >= STEP) this.#newStep();
    }
    if (following) this.#at = this.total;
  }

  /** What was known at the cursor. */
  data(): Data {
    if (this.#at >= this.total) return this.#newest;
    let index = this.#points.length - 1;
    while (index > 0 && (this.#points[index]?.at ?? 0) > this.#at) index--;
    const point = this.#points[index] ?? { at: 0, data: emptyData };
    return ingest(point.data, (this.#steps[index] ?? []).slice(0, this.#at - point.at));
  }

  move(move: ScrubMove): void {
    const first = this.#points[0]?.at ?? 0;
    this.#at = Math.max(first, Math.min(this.total, this.#target(move)));
  }

  #target(move: ScrubMove): number {
    switch (move) {
      case 'back':
        return this.#at - 1;
      case 'forward':
        return this.#at + 1;
      case 'start':
        return 0;
      case 'end':
        return this.total;
      case 'errorBack':
        return this.#search(-1) ?? this.#at;
      case 'errorForward':
        return this.#search(1) ?? this.#at;
    }
  }

  /** The point just after the next record of level error, so that it is the last one shown. */
  #search(step: 1 | -1): number | undefined {
    for (let at = this.#at + step; at > 0 && at <= this.total; at += step) {
      const record = this.#record(at);
      if (record === undefined) return undefined;
      if (record.level === 'error') return at;
    }
    return undefined;
  }

  /** The record after which `at` records were seen. */
  #record(at: number): LogRecord | undefined {
    const first = this.#points[0]?.at ?? 0;
    const index = at - 1 - first;
    return index < 0 ? undefined : this.#steps[Math.floor(index / STEP)]?.[index % STEP];
  }

  #newStep(): void {
    this.#points.push({ at: this.total, data: this.#newest });
    this.#steps.push([]);
    if (this.#steps.length <= MOST_STEPS) return;
    this.#steps.shift();
    this.#points.shift();
    this.#at = Math.max(this.#at, this.#points[0]?.at ?? 0);
  }
}
