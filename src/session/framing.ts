/** Bytes → lines, whatever the pieces they come in. */
import { isUtf8 } from 'node:buffer';

export type Line =
  | { readonly kind: 'text'; readonly text: string }
  /** Over the limit; what follows cannot be told apart from its rest. */
  | { readonly kind: 'too_long' }
  | { readonly kind: 'not_utf8' };

const LF = 0x0a;
const CR = 0x0d;
const FIRST_CAPACITY = 1024;
const EMPTY = Buffer.alloc(0);

/**
 * Collects chunks and gives out lines, one a call, so that a reader can stop in the middle of a chunk. Lines end with
 * LF or CRLF; empty ones are skipped. A line that comes byte by byte costs no more than its length.
 */
export class LineFramer {
  readonly #limit: number;
  /** The start of a line whose end has not come yet. */
  #partial: Buffer = EMPTY;
  #length = 0;
  /** What has not been looked at: the rest of each chunk. */
  #chunks: Buffer[] = [];
  #over = false;

  /** @param limit bytes of one line, its end left out. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True while `next` has something to look at. */
  get pending(): boolean {
    return this.#chunks.length > 0;
  }

  push(chunk: Buffer): void {
    if (chunk.length > 0 && !this.#over) this.#chunks.push(chunk);
  }

  /** The next line, or `undefined` until more bytes come. After `too_long` nothing comes any more. */
  next(): Line | undefined {
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      const end = chunk.indexOf(LF);
      const piece = end === -1 ? chunk : chunk.subarray(0, end);
      // One byte more may be the CR of a line that is just within the limit.
      if (this.#length + piece.length > this.#limit + 1) return this.#tooLong();
      if (end === -1) {
        this.#chunks.shift();
        this.#keep(piece);
        continue;
      }
      if (end + 1 === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(end + 1);
      const line = this.#complete(piece);
      if (line.length > this.#limit) return this.#tooLong();
      if (line.length === 0) continue;
      return isUtf8(line) ? { kind: 'text', text: line.toString('utf8') } : { kind: 'not_utf8' };
    }
    return undefined;
  }

  #tooLong(): Line {
    this.#over = true;
    this.#chunks = [];
    this.#partial = EMPTY;
    this.#length = 0;
    return { kind: 'too_long' };
  }

  #keep(piece: Buffer): void {
    const needed = this.#length + piece.length;
    if (needed > this.#partial.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#partial.length * 2, FIRST_CAPACITY));
      this.#partial.copy(larger, 0, 0, this.#length);
      this.#partial = larger;
    }
    piece.copy(this.#partial, this.#length);
    this.#length = needed;
  }

  #complete(last: Buffer): Buffer {
    let line = last;
    if (this.#length > 0) {
      this.#keep(last);
      line = this.#partial.subarray(0, this.#length);
      this.#partial = EMPTY;
      this.#length = 0;
    }
    return line.at(-1) === CR ? line.subarray(0, -1) : line;
  }
}
