/** A whole line around a place in a file, of which a chunk is in memory and the rest may have to be read. */
import { readSync } from 'node:fs';
import { MAX_LINE_BYTES } from './line-blocks.js';

export type LineAround =
  | { readonly kind: 'line'; readonly bytes: Buffer; readonly start: number; readonly end: number }
  /** Over the limit; `start` is as far back as was looked. */
  | { readonly kind: 'too_long'; readonly start: number; readonly end: number };

const NEWLINE = 10;
const STEP = 1 << 16;

export class LineReader {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * The line around `at` in `chunk`, which lies at `offset` in the file; without its line break, which is at `end`, or
   * `end` is the end of the file. Its bytes are valid as long as the chunk is.
   */
  around(chunk: Buffer, offset: number, at: number): LineAround {
    const before = at === 0 ? -1 : chunk.lastIndexOf(NEWLINE, at - 1);
    const after = chunk.indexOf(NEWLINE, at);
    if ((before !== -1 || offset === 0) && after !== -1) {
      return this.#checked(offset + before + 1, offset + after, () => chunk.subarray(before + 1, after));
    }
    const start = before === -1 ? this.#startBefore(offset) : offset + before + 1;
    const end = after === -1 ? this.#endFrom(offset + chunk.length) : offset + after;
    return this.#checked(start, end, () => this.#read(start, end));
  }

  #checked(start: number, end: number, bytes: () => Buffer): LineAround {
    return end - start > MAX_LINE_BYTES
      ? { kind: 'too_long', start, end }
      : { kind: 'line', bytes: bytes(), start, end };
  }

  /** Where the line begins that has no line break in the bytes before `offset`; not looked for beyond the limit. */
  #startBefore(offset: number): number {
    const buffer = Buffer.allocUnsafe(STEP);
    for (let end = offset; end > 0 && offset - end <= MAX_LINE_BYTES; ) {
      const start = Math.max(0, end - STEP);
      const bytes = readSync(this.#fd, buffer, 0, end - start, start);
      const at = buffer.subarray(0, bytes).lastIndexOf(NEWLINE);
      if (at !== -1) return start + at + 1;
      end = start;
    }
    return Math.max(0, offset - MAX_LINE_BYTES - STEP);
  }

  #endFrom(offset: number): number {
    const buffer = Buffer.allocUnsafe(STEP);
    for (let at = offset; ; ) {
      const bytes = readSync(this.#fd, buffer, 0, STEP, at);
      if (bytes === 0) return at;
      const end = buffer.subarray(0, bytes).indexOf(NEWLINE);
      if (end !== -1) return at + end;
      at += bytes;
    }
  }

  #read(start: number, end: number): Buffer {
    const buffer = Buffer.allocUnsafe(end - start);
    let got = 0;
    while (got < buffer.length) {
      const bytes = readSync(this.#fd, buffer, got, buffer.length - got, start + got);
      if (bytes === 0) break;
      got += bytes;
    }
    return buffer.subarray(0, got);
  }
}
