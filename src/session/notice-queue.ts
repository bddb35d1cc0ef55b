/** What the session sends unasked, waiting to be iterated over. */
import type { SessionNotice } from './session-client.js';
import type { Ending } from './wire.js';

/** Notices that may wait; more are left with the session, which counts what it leaves out. */
const HIGH = 10_000;
const LOW = 5_000;

export interface NoticeQueueOptions {
  /** Asks for more, or for a break. */
  pause(paused: boolean): void;
  /** The reader left the loop. */
  stopped(): void;
}

export class NoticeQueue implements AsyncIterableIterator<SessionNotice> {
  readonly #options: NoticeQueueOptions;
  #waiting: SessionNotice[] = [];
  #position = 0;
  #wake: (() => void) | undefined;
  #ending: Ending | undefined;

  constructor(options: NoticeQueueOptions) {
    this.#options = options;
  }

  push(notice: SessionNotice): void {
    if (this.#ending !== undefined) return;
    this.#waiting.push(notice);
    if (this.#waiting.length - this.#position === HIGH) this.#options.pause(true);
    this.#wake?.();
  }

  /** Nothing follows what waits now; a lost connection is thrown after it. */
  end(ending: Ending): void {
    this.#ending ??= ending;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<SessionNotice, undefined>> {
    for (;;) {
      const notice = this.#shift();
      if (notice !== undefined) return { done: false, value: notice };
      if (this.#ending?.kind === 'lost') {
        const { error } = this.#ending;
        this.#ending = { kind: 'closed' };
        throw error;
      }
      if (this.#ending !== undefined) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<SessionNotice, undefined>> {
    this.end({ kind: 'closed' });
    this.#waiting = [];
    this.#position = 0;
    this.#options.pause(false);
    this.#options.stopped();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  // A position instead of `shift`: taking from the front of a long array moves the rest.
  #shift(): SessionNotice | undefined {
    const notice = this.#waiting[this.#position];
    if (notice === undefined) return undefined;
    this.#position++;
    if (this.#position === this.#waiting.length || this.#position >= LOW) {
      this.#waiting = this.#waiting.slice(this.#position);
      this.#position = 0;
    }
    if (this.#waiting.length - this.#position === LOW) this.#options.pause(false);
    return notice;
  }
}
