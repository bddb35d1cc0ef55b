/** Counts by second, for rates and sparklines: the last minute of them. */

export const SERIES_SECONDS = 60;

export interface Series {
  /** By second modulo `SERIES_SECONDS`. */
  readonly slots: Uint32Array;
  /** The newest second in `slots`, since 1970; -1 while there is none. */
  readonly head: number;
}

export const emptySeries: Series = { slots: new Uint32Array(SERIES_SECONDS), head: -1 };

/** A series under construction; `add` changes it in place. */
export class SeriesDraft {
  readonly slots: Uint32Array;
  head: number;

  constructor({ slots, head }: Series) {
    this.slots = slots.slice();
    this.head = head;
  }

  /** Counts `count` at `second`; what is older than the series reaches is forgotten. */
  add(second: number, count = 1): void {
    if (second > this.head) this.#advance(second);
    else if (second <= this.head - SERIES_SECONDS) return;
    const slot = second % SERIES_SECONDS;
    this.slots[slot] = (this.slots[slot] ?? 0) + count;
  }

  #advance(second: number): void {
    if (this.head < 0 || second - this.head >= SERIES_SECONDS) this.slots.fill(0);
    else for (let at = this.head + 1; at <= second; at++) this.slots[at % SERIES_SECONDS] = 0;
    this.head = second;
  }
}

/** Counts of the last `length` whole seconds before `now` (milliseconds), oldest first. */
export function lastSeconds(series: Series, now: number, length: number): number[] {
  const newest = Math.floor(now / 1_000) - 1;
  return Array.from({ length }, (_, index) => countAt(series, newest - length + 1 + index));
}

/** Events a second over the last `window` whole seconds, or since `started` where that is shorter. */
export function ratePerSecond(series: Series, now: number, started: number, window = 5): number {
  const age = Math.max(1, Math.min(window, Math.floor((now - started) / 1_000)));
  if (now - started < 1_000)
    return countAt(series, Math.floor(now / 1_000)) + countAt(series, Math.floor(now / 1_000) - 1);
  return lastSeconds(series, now, age).reduce((sum, count) => sum + count, 0) / age;
}

function countAt({ slots, head }: Series, second: number): number {
  if (second > head || second < 0 || second <= head - SERIES_SECONDS) return 0;
  return slots[second % SERIES_SECONDS] ?? 0;
}
