/**
 * Lines on their way to another thread: collected, sent as one text, and no more of them on the way than the other side
 * can take. What is too much is left out whole and counted; the bus never waits.
 */
import type { Clock, Timer } from '../../kernel/index.js';

/** UTF-16 units of one message; small, so that keys are read between two of them. */
const MESSAGE_LENGTH = 64 * 1_024;
/** On the way or waiting to be sent; more is left out. */
const MOST_UNDERWAY = 512 * 1_024;
const WAIT_MS = 16;

export class LineSender {
  readonly #clock: Clock;
  readonly #send: (text: string, dropped: number) => void;
  /** Grown by `+=`, made one text only when it is sent: looking into each line costs several times as much. */
  #text = '';
  #underway = 0;
  #dropped = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, send: (text: string, dropped: number) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Whole lines, one or many, each with its line break at the end. Looks into them only where they are left out. */
  add(lines: string): void {
    if (this.#underway + this.#text.length + lines.length > MOST_UNDERWAY) {
      this.#dropped += countLines(lines);
      return;
    }
    this.#text += lines;
    if (this.#text.length >= MESSAGE_LENGTH) this.#flush();
    else this.#timer ??= this.#clock.setTimer(WAIT_MS, () => this.#flush(), { background: true });
  }

  /** The other side has taken `length` in. */
  taken(length: number): void {
    this.#underway -= length;
    if (this.#dropped > 0) this.#flush();
  }

  close(): void {
    this.#timer?.cancel();
    this.#text = '';
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#text === '' && this.#dropped === 0) return;
    const text = this.#text;
    const dropped = this.#dropped;
    this.#text = '';
    this.#dropped = 0;
    this.#underway += text.length;
    this.#send(text, dropped);
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
