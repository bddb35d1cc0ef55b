/** Publishes by their client's id, so that asking twice publishes once; and one flush for many of them. */
import type { Accepted, PublishInput, SessionHost } from './host.js';

/** Ids that are remembered, over all clients. */
const REMEMBERED = 10_000;

export class PublishLedger {
  readonly #host: SessionHost;
  readonly #entries = new Map<string, Promise<Accepted>>();
  #flush: Promise<void> | undefined;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  knows(id: string): boolean {
    return this.#entries.has(id);
  }

  /**
   * Publishes at once, or gives the answer of the first publish under `id`. One that was refused is forgotten: nothing
   * happened, so that it may be tried again.
   */
  publish(id: string, input: PublishInput): Promise<Accepted> {
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    const accepted = this.#attempt(input);
    this.#entries.set(id, accepted);
    if (this.#entries.size > REMEMBERED) this.#forgetOldest();
    accepted.catch(() => {
      if (this.#entries.get(id) === accepted) this.#entries.delete(id);
    });
    return accepted;
  }

  /** Resolves when the records of everything published before this call are written. */
  written(): Promise<void> {
    this.#flush ??= this.#flushSoon();
    return this.#flush;
  }

  async #attempt(input: PublishInput): Promise<Accepted> {
    return this.#host.publish(input);
  }

  // A turn later: all the requests of one chunk share one write.
  async #flushSoon(): Promise<void> {
    await Promise.resolve();
    this.#flush = undefined;
    await this.#host.flush();
  }

  #forgetOldest(): void {
    for (const id of this.#entries.keys()) {
      this.#entries.delete(id);
      return;
    }
  }
}
