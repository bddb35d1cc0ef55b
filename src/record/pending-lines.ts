/** Lines on their way to a file, and how far they got. */

const NEWLINE = 0x0a;
/** Characters that are encoded into memory used again and again; at most three bytes each. */
const SCRATCH_CHARACTERS = 96 * 1024;

/** Every line pushed ends with a line break. Text is encoded late, many lines at a time: that is what makes it fast. */
export class PendingLines {
  #text = '';
  readonly #chunks: Buffer[] = [];
  /** Bytes of the first chunk that are written. */
  #offset = 0;
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
    return this.#offset > 0 && this.#chunks[0]?.[this.#offset - 1] !== NEWLINE;
  }

  push(line: string): void {
    this.#text += line;
  }

  /** Encodes what was pushed, and returns it. */
  seal(): string {
    const text = this.#text;
    if (text === '') return '';
    const chunk = this.#encode(text);
    this.#text = '';
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
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
    const bytes = this.#chunks[0];
    return bytes === undefined ? undefined : { bytes, offset: this.#offset };
  }

  /** Notes that `count` bytes of `next()` are written. */
  wrote(count: number): void {
    this.#offset += count;
    const first = this.#chunks[0];
    if (first === undefined || this.#offset < first.length) return;
    this.#chunks.shift();
    this.#chunkBytes -= first.length;
    this.#offset = 0;
  }

  /** Goes back to the start of a line that is partly written, so that it is written again as a whole. */
  rewindToLine(): void {
    if (this.midLine) this.#offset = (this.#chunks[0]?.lastIndexOf(NEWLINE, this.#offset - 1) ?? -1) + 1;
  }

  /** Forgets everything and returns how many lines that were; a line written in part counts. */
  discard(): number {
    this.seal();
    this.rewindToLine();
    let lines = 0;
    this.#chunks.forEach((chunk, index) => {
      let at = chunk.indexOf(NEWLINE, index === 0 ? this.#offset : 0);
      for (; at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
    });
    this.#chunks.length = 0;
    this.#chunkBytes = 0;
    this.#offset = 0;
    return lines;
  }
}
