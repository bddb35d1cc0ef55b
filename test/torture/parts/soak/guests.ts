/** Those who use the session while it runs: clients that publish, one that tails, and commands that come and go. */
import { performance } from 'node:perf_hooks';
import { describeError } from '../../../../src/kernel/index.js';
import { connect, type SessionClient, type SessionDescription } from '../../../../src/session/index.js';
import { pause } from '../../support/programs.js';

/** Publishes at an even rate over a connection of its own, and waits for everything it caused. */
export class Publisher {
  readonly #client: SessionClient;
  readonly #rate: number;
  readonly #underway = new Set<Promise<void>>();
  #stopped = false;
  acknowledged = 0;
  settled = 0;
  readonly failures: string[] = [];

  private constructor(client: SessionClient, rate: number) {
    this.#client = client;
    this.#rate = rate;
  }

  static async connect(session: SessionDescription, name: string, rate: number): Promise<Publisher> {
    return new Publisher(await connect(session, { client: name, timeout: 20_000 }), rate);
  }

  /** Publishes until `stop`. */
  async run(): Promise<void> {
    const begin = performance.now();
    for (let count = 0; !this.#stopped; count++) {
      const due = begin + (count * 1_000) / this.#rate;
      await pause(Math.max(0, due - performance.now()));
      const one = this.#publish(count).finally(() => this.#underway.delete(one));
      this.#underway.add(one);
    }
  }

  /** Ends the publishing and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await pause(2_000 / this.#rate);
    await Promise.all(this.#underway);
    this.#client.close();
  }

  async #publish(n: number): Promise<void> {
    try {
      const publication = { type: 'soak.poke', payload: { n }, source: 'guest' };
      // Every tenth wants to see what it caused.
      const taken = await this.#client.publish(publication, n % 10 === 0 ? { onRecord: () => {} } : {});
      this.acknowledged++;
      const { settled, failed } = await taken.settled;
      if (settled && failed === 0) this.settled++;
      else this.failures.push(`a publish ended settled ${settled}, failed ${failed}`);
    } catch (error) {
      this.failures.push(`a publish was refused: ${describeError(error).message}`);
    }
  }
}

/** Reads what `cf-bus tail --json` prints, and adds up. */
export class TailCount {
  #rest = '';
  #first: number | undefined;
  lines = 0;
  last = 0;
  disordered = 0;
  leftOut = 0;

  readonly takeOutput = (text: string): void => {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  };

  /** What tail says on stderr of what it could not show. */
  takeNotices(text: string): void {
    for (const [, count] of text.matchAll(/(\d+) records left out/g)) this.leftOut += Number(count);
  }

  /** Records that were neither shown nor told of. */
  get missing(): number {
    return this.#first === undefined ? 0 : this.last - this.#first + 1 - this.lines - this.leftOut;
  }

  #line(line: string): void {
    const seq = Number(/"seq":(\d+)/.exec(line)?.[1]);
    if (!Number.isInteger(seq)) {
      this.disordered++;
      return;
    }
    this.#first ??= seq;
    if (seq <= this.last) this.disordered++;
    this.last = seq;
    this.lines++;
  }
}
