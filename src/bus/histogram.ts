/**
 * Durations in log-linear buckets: 32 to each power of two of microseconds, so that a percentile is at most 3.2 % above the
 * exact one and never below it, at a few hundred bytes. The layout is HdrHistogram's (https://github.com/HdrHistogram/HdrHistogram).
 */
const SUB_BITS = 5;
const SUB_BUCKETS = 1 << SUB_BITS;
/** 2^52 microseconds are over a hundred years. */
const MAX_MICROS = 2 ** 52;

export class Histogram {
  #counts = new Uint32Array(SUB_BUCKETS * 2);
  #total = 0;
  #max = 0;

  get count(): number {
    return this.#total;
  }

  /** Adds a duration in milliseconds. */
  add(ms: number): void {
    this.#total++;
    const index = bucketOf(ms);
    if (index >= this.#counts.length) this.#grow(index);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    if (ms > this.#max) this.#max = ms;
  }

  /**
   * A duration in milliseconds that a share `q` (0 to 1) of all do not exceed; `undefined` while there are none.
   * @param instants Durations of zero that were counted elsewhere.
   */
  percentile(q: number, instants = 0): number | undefined {
    const total = this.#total + instants;
    if (total === 0) return undefined;
    let left = Math.max(1, Math.ceil(q * total)) - instants;
    if (left <= 0) return 0;
    for (let index = 0; index < this.#counts.length; index++) {
      left -= this.#counts[index] ?? 0;
      if (left <= 0) return Math.min(topOf(index), this.#max);
    }
    return this.#max;
  }

  #grow(index: number): void {
    const larger = new Uint32Array(Math.max(index + 1, this.#counts.length * 2));
    larger.set(this.#counts);
    this.#counts = larger;
  }
}

function bucketOf(ms: number): number {
  const micros = Math.min(Math.max(0, Math.round(ms * 1000)), MAX_MICROS);
  if (micros < SUB_BUCKETS * 2) return micros;
  if (micros < 2 ** 31) {
    const exponent = 31 - SUB_BITS - Math.clz32(micros);
    return exponent * SUB_BUCKETS + (micros >>> exponent);
  }
  // A double holds every number up to MAX_MICROS exactly.
  const exponent = Math.floor(Math.log2(micros)) - SUB_BITS;
  return exponent * SUB_BUCKETS + Math.floor(micros / 2 ** exponent);
}

/** The longest duration of a bucket: a bound that was kept is never reported as broken, nor one that was broken as kept. */
function topOf(index: number): number {
  if (index < SUB_BUCKETS * 2) return index / 1000;
  const exponent = Math.floor(index / SUB_BUCKETS) - 1;
  const low = (index - exponent * SUB_BUCKETS) * 2 ** exponent;
  return (low + 2 ** exponent - 1) / 1000;
}
