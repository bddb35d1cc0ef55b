/**
 * Lines on their way to another thread: collected, sent as one text, and no more of them on the way than the other side
 * can take. What is too much is left out whole and counted; the bus never waits.
 */
import type { Clock, Timer } from '../../kernel/index.js';

/** UTF-16 units of one message; small, so that keys are read between two of them. */
const MESSAGE_LENGTH = 128 * 1_024;
/** On the way or waiting to be sent; more is left out. */
const MOST_UNDERWAY = 1_024 * 1_024;
const WAIT_MS = 16;

export class LineSender {
  readonly #clock: Clock;
  readonly #send: (text: string, dropped: number) => void;
  /** Grown by `+=`, made one text only when it is sent: joining an array of lines costs several times as much. */
  #text = '';
  #underway = 0;
  #dropped = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, send: (text: string, dropped: number) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** One record as JSON, with its line break or without. */
  add(line: string): void {
    if (this.#underway + this.#text.length + line.length > MOST_UNDERWAY) {
      this.#dropped++;
      return;
    }
    this.#text += line;
    if (!line.endsWith('\n')) this.#text += '\n';
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
