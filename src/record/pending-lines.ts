/** Lines on their way to a file, and how far they got. */

const NEWLINE = 0x0a;
/** Characters that are encoded into memory used again and again; at most three bytes each. */
const SCRATCH_CHARACTERS = 96 * 1024;

interface Chunk {
  readonly bytes: Buffer;
  readonly lines: number;
}

/** Every line pushed ends with a line break. Text is encoded late, many lines at a time: that is what makes it fast. */
export class PendingLines {
  #text = '';
  #textLines = 0;
  readonly #chunks: Chunk[] = [];
  /** Bytes of the first chunk that are written. */
  #offset = 0;
  /** Lines of the chunks that are written. */
  #linesDone = 0;
  #chunkBytes = 0;
  #scratch: Buffer | undefined;

  get empty(): boolean {
    return this.#text === '' && this.#chunks.length === 0;
  }

  /** About the bytes that are not written: text that is not encoded yet counts as one byte a character. */
  get size(): number {
    return this.#text.length + this.#chunkBytes - this.#offset;
  }

  /** Characters that are not encoded yet. */
  get unsealed(): number {
    return this.#text.length;
  }

  /** The last write ended inside a line. */
  get midLine(): boolean {
    return this.#offset > 0 && this.#chunks[0]?.bytes[this.#offset - 1] !== NEWLINE;
  }

  /** Whole lines that were written so far. */
  get written(): number {
    const [first] = this.#chunks;
    return this.#linesDone + (first === undefined ? 0 : linesIn(first.bytes, this.#offset));
  }

  push(line: string): void {
    this.#text += line;
    this.#textLines++;
  }

  /** Encodes what was pushed, and returns it. */
  seal(): string {
    const text = this.#text;
    if (text === '') return '';
    const bytes = this.#encode(text);
    this.#chunks.push({ bytes, lines: this.#textLines });
    this.#text = '';
    this.#textLines = 0;
    this.#chunkBytes += bytes.length;
    return text;
  }

  #encode(text: string): Buffer {
    // While a chunk waits, it may be the one that lives in there.
    if (this.#chunks.length > 0 || text.length > SCRATCH_CHARACTERS) return Buffer.from(text);
    this.#scratch ??= Buffer.allocUnsafeSlow(3 * SCRATCH_CHARACTERS);
    return this.#scratch.subarray(0, this.#scratch.write(text));
  }

  /** The first sealed bytes that are not written. */
  next(): { readonly bytes: Buffer; readonly offset: number } | undefined {
    const [first] = this.#chunks;
    return first === undefined ? undefined : { bytes: first.bytes, offset: this.#offset };
  }

  /** Notes that `count` bytes of `next()` are written. */
  wrote(count: number): void {
    this.#offset += count;
    const [first] = this.#chunks;
    if (first === undefined || this.#offset < first.bytes.length) return;
    this.#chunks.shift();
    this.#chunkBytes -= first.bytes.length;
    this.#linesDone += first.lines;
    this.#offset = 0;
  }

  /** Goes back to the start of a line that is partly written, so that it is written again as a whole. */
  rewindToLine(): void {
    if (this.midLine) this.#offset = (this.#chunks[0]?.bytes.lastIndexOf(NEWLINE, this.#offset - 1) ?? -1) + 1;
  }

  /** Forgets everything and returns how many lines that were; a line written in part counts. */
  discard(): number {
    this.seal();
    const accepted = this.#chunks.reduce((sum, { lines }) => sum + lines, this.#linesDone);
    const lines = accepted - this.written;
    this.#chunks.length = 0;
    this.#chunkBytes = 0;
    this.#offset = 0;
    return lines;
  }
}

function linesIn(bytes: Buffer, to: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}
