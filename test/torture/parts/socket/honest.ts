/** Clients that behave: one that stays, and others that come and go. All of them must be served, whoever else is there. */
import { describeError } from '../../../../src/kernel/index.js';
import { connect, type SessionClient, type SessionDescription } from '../../../../src/session/index.js';
import { pause } from '../../support/programs.js';

const PAUSE_MS = 100;
/** A loaded machine is slow; a client that is not served waits for ever. */
const TIMEOUT_MS = 15_000;

export class Honest {
  readonly #session: SessionDescription;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;
  acknowledged = 0;
  /** Milliseconds from the publish to its acknowledgement, for newcomers from the connection on. */
  #times: number[] = [];
  readonly failures: string[] = [];

  constructor(session: SessionDescription) {
    this.#session = session;
    this.#running = Promise.all([this.#regular(), this.#newcomers()]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** The slowest but one in a hundred since the last call. */
  takeP99(): number {
    const sorted = this.#times.sort((a, b) => a - b);
    this.#times = [];
    return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
  }

  async #regular(): Promise<void> {
    const client = await connect(this.#session, { client: 'regular', timeout: TIMEOUT_MS });
    await this.#repeat(() => this.#publish(client));
    client.close();
  }

  #newcomers(): Promise<void> {
    return this.#repeat(async () => {
      const client = await connect(this.#session, { client: 'newcomer', timeout: TIMEOUT_MS });
      await this.#publish(client);
      client.close();
    });
  }

  async #repeat(act: () => Promise<void>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const begin = performance.now();
      try {
        await act();
        this.#times.push(performance.now() - begin);
      } catch (error) {
        this.failures.push(`an honest client was not served: ${describeError(error).message}`);
      }
      await pause(PAUSE_MS);
    }
  }

  async #publish(client: SessionClient): Promise<void> {
    const taken = await client.publish({ type: 'guest.came', payload: { well: 'behaved' } });
    this.acknowledged++;
    await taken.settled;
  }
}
