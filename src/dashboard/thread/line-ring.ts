/**
 * Lines on their way to another thread, through memory that both see: to put a text there costs the bus one copy, and
 * nobody is woken for it. One side writes, one reads; neither waits for the other.
 */

/** Bytes: a fifth of a second of a bus that writes its log as fast as it can. */
const SIZE = 16 * 1_024 * 1_024;
/**
 * Characters that may wait beside them on the bus's side; what comes then is left out. Many until the other side has begun,
 * which takes it a while; afterwards few: texts that wait outlive the garbage collector's young generation, and to copy them
 * takes more of the bus's time than to write them.
 */
const MOST_WAITING_AT_FIRST = 48 * 1_024 * 1_024;
const MOST_WAITING = 256 * 1_024;

const LINE_BREAK = 0x0a;

/** Places in the control words. */
const HEAD = 0;
const TAIL = 1;
const WRAP = 2;
const LEFT_OUT = 3;
const ASLEEP = 4;
const WAITING = 5;
const WORDS = 6;

export interface SharedLines {
  readonly words: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
}

export function newSharedLines(size = SIZE): SharedLines {
  return { words: new SharedArrayBuffer(WORDS * 4), bytes: new SharedArrayBuffer(size) };
}

/** The bus's side. */
export class LineWriter {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  readonly #wake: () => void;
  /** Only this side moves it. */
  #head = 0;
  /** What found no room: while the other side begins, and when it is held up. */
  #waiting: string[] = [];
  #waitingLength = 0;
  #mostWaiting = MOST_WAITING_AT_FIRST;

  /** @param wake is called when the reader sleeps and there is something for it. */
  constructor({ words, bytes }: SharedLines, wake: () => void) {
    this.#words = new Int32Array(words);
    this.#bytes = Buffer.from(bytes);
    this.#wake = wake;
  }

  /** Whole lines, one or many, each with its line break at the end. */
  add(lines: string): void {
    if (this.#waiting.length > 0) this.flush();
    if (this.#waiting.length > 0 || !this.#put(lines)) this.#hold(lines);
    if (Atomics.compareExchange(this.#words, ASLEEP, 1, 0) === 1) this.#wake();
  }

  /** So many lines never came here. */
  leaveOut(count: number): void {
    Atomics.add(this.#words, LEFT_OUT, count);
  }

  /** Writes what waited, as far as there is room. */
  flush(): void {
    const waiting = this.#waiting;
    const rest = waiting.findIndex((lines) => !this.#put(lines));
    this.#waiting = rest < 0 ? [] : waiting.slice(rest);
    this.#waitingLength = this.#waiting.reduce((sum, { length }) => sum + length, 0);
    Atomics.store(this.#words, WAITING, this.#waiting.length);
  }

  #hold(lines: string): void {
    // What is longer than half of the room may never find a place in one piece.
    const fits = Buffer.byteLength(lines) < this.#bytes.length / 2;
    if (!fits || this.#waitingLength + lines.length > this.#mostWaiting) return this.leaveOut(countLines(lines));
    this.#waiting.push(lines);
    this.#waitingLength += lines.length;
    Atomics.store(this.#words, WAITING, this.#waiting.length);
  }

  #put(lines: string): boolean {
    const at = this.#roomFor(lines);
    if (at < 0) return false;
    this.#head = at + this.#bytes.write(lines, at);
    Atomics.store(this.#words, HEAD, this.#head);
    return true;
  }

  /** Where `lines` fit in one piece; -1 where they do not. */
  #roomFor(lines: string): number {
    const head = this.#head;
    const tail = Atomics.load(this.#words, TAIL);
    if (tail > 0) this.#mostWaiting = MOST_WAITING;
    // Three bytes a character at most: counting them is not worth it where there is room enough.
    let length = lines.length * 3;
    const most = head >= tail ? this.#bytes.length - head : tail - head - 1;
    if (length <= most) return head;
    length = Buffer.byteLength(lines);
    if (length <= most) return head;
    if (head < tail || length >= tail) return -1;
    // From the beginning; the reader finds the end of the old ones by this word.
    Atomics.store(this.#words, WRAP, head);
    return 0;
  }
}

/** The dashboard's side. */
export class LineReader {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor({ words, bytes }: SharedLines) {
    this.#words = new Int32Array(words);
    this.#bytes = new Uint8Array(bytes);
  }

  /** The next whole lines, about `most` bytes of them, empty where there are none. Good until `release`. */
  peek(most: number): Uint8Array {
    const head = Atomics.load(this.#words, HEAD);
    let tail = Atomics.load(this.#words, TAIL);
    let end = head;
    if (head < tail) {
      end = Atomics.load(this.#words, WRAP);
      if (tail === end) {
        tail = 0;
        end = head;
        Atomics.store(this.#words, TAIL, 0);
      }
    }
    return this.#bytes.subarray(tail, tail + most < end ? this.#lineEnd(tail, tail + most) : end);
  }

  /** The lines that were peeked at have been taken in. */
  release(lines: Uint8Array): void {
    Atomics.store(this.#words, TAIL, lines.byteOffset + lines.length);
  }

  /** Lines that were left out since the last call. */
  leftOut(): number {
    return Atomics.exchange(this.#words, LEFT_OUT, 0);
  }

  /** True where the other side has lines that found no room. */
  get awaited(): boolean {
    return Atomics.load(this.#words, WAITING) > 0;
  }

  /** Asks to be woken by the next line; false where there is one already. */
  sleep(): boolean {
    Atomics.store(this.#words, ASLEEP, 1);
    if (this.peek(1).length === 0 && Atomics.load(this.#words, LEFT_OUT) === 0 && !this.awaited) return true;
    Atomics.store(this.#words, ASLEEP, 0);
    return false;
  }

  /** Behind the line break at or after `at`. */
  #lineEnd(tail: number, at: number): number {
    const found = this.#bytes.lastIndexOf(LINE_BREAK, at - 1);
    return found >= tail ? found + 1 : this.#bytes.indexOf(LINE_BREAK, at) + 1;
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
