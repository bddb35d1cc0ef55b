/** A file's bytes as blocks of whole lines, in memory that is used again and again. */

const BLOCK_BYTES = 1 << 20;
/** Room that is worth a read. */
const SMALLEST_READ = 1 << 16;
/** A longer line is passed over and counted. */
export const MAX_LINE_BYTES = 16 << 20;

const NEWLINE = 10;

/**
 * Fill `space()`, then tell `commit` how much: it gives the whole lines there are, with their line breaks. They are
 * valid until the next call of `space`.
 */
export class LineBlocks {
  #buffer: Buffer;
  /** Bytes in use: what is kept of the last block, and what was filled in since. */
  #used = 0;
  /** Where the unfinished line begins. */
  #kept = 0;
  #skipping = false;
  readonly #maxLine: number;
  /** Lines passed over. */
  tooLong = 0;

  constructor(blockBytes = BLOCK_BYTES, maxLine = MAX_LINE_BYTES) {
    this.#buffer = Buffer.allocUnsafeSlow(blockBytes);
    this.#maxLine = maxLine;
  }

  space(): Buffer {
    this.#buffer.copyWithin(0, this.#kept, this.#used);
    this.#used -= this.#kept;
    this.#kept = 0;
    if (this.#used > this.#maxLine) {
      this.#skipping = true;
      this.tooLong++;
      this.#used = 0;
    }
    if (this.#buffer.length - this.#used < Math.min(SMALLEST_READ, this.#buffer.length / 2)) {
      const larger = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
      this.#buffer.copy(larger, 0, 0, this.#used);
      this.#buffer = larger;
    }
    // A line that fills this and has no end yet is over the limit.
    return this.#buffer.subarray(this.#used, this.#maxLine + 1);
  }

  commit(bytes: number): Buffer {
    const filled = this.#used;
    this.#used += bytes;
    if (this.#skipping) {
      const end = this.#buffer.subarray(0, this.#used).indexOf(NEWLINE, filled);
      this.#kept = end === -1 ? this.#used : end + 1;
      if (end === -1) return this.#buffer.subarray(0, 0);
      this.#skipping = false;
    }
    const start = this.#kept;
    const last = this.#buffer.subarray(Math.max(start, filled), this.#used).lastIndexOf(NEWLINE);
    if (last === -1) return this.#buffer.subarray(0, 0);
    this.#kept = Math.max(start, filled) + last + 1;
    return this.#buffer.subarray(start, this.#kept);
  }

  /** What stands after the last line break, at the end. */
  rest(): Buffer {
    return this.#skipping ? this.#buffer.subarray(0, 0) : this.#buffer.subarray(this.#kept, this.#used);
  }
}

/** Calls `onLine` with each line of `block`, without its line break. */
export function forEachLine(block: Buffer, onLine: (line: Buffer) => void): void {
  for (let from = 0; from < block.length; ) {
    const end = block.indexOf(NEWLINE, from);
    const to = end === -1 ? block.length : end;
    onLine(block.subarray(from, to));
    from = to + 1;
  }
}

/**
 * Calls `onLine` with each line of `block` in which `next` finds something, and where it begins; `next` is given where to
 * search from.
 */
export function forEachHit(
  block: Buffer,
  next: (block: Buffer, from: number) => number,
  onLine: (line: Buffer, start: number) => void,
): void {
  for (let at = next(block, 0); at !== -1; ) {
    const start = at === 0 ? 0 : block.lastIndexOf(NEWLINE, at) + 1;
    const end = block.indexOf(NEWLINE, at);
    const to = end === -1 ? block.length : end;
    onLine(block.subarray(start, to), start);
    at = to + 1 < block.length ? next(block, to + 1) : -1;
  }
}

/** Line breaks in `block`. */
export function countLines(block: Buffer): number {
  let lines = 0;
  for (let at = block.indexOf(NEWLINE); at !== -1; at = block.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}
