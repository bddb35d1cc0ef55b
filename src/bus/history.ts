/** The last events, for `waitFor` to find what already happened: a ring of a fixed size. */
import type { Event } from './event.js';

export class History {
  readonly #ring: Event[] = [];
  readonly #size: number;
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  add(event: Event): void {
    if (this.#size === 0) return;
    this.#ring[this.#next] = event;
    this.#next = this.#next + 1 === this.#size ? 0 : this.#next + 1;
  }

  /** From the newest to the oldest. */
  *newestFirst(): Generator<Event> {
    const { length } = this.#ring;
    for (let back = 1; back <= length; back++) {
      const event = this.#ring[(this.#next - back + length) % length];
      if (event !== undefined) yield event;
    }
  }
}
