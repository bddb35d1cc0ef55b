/** Ids are a port: unique across sessions on the real clock, derived from the seed on the virtual one. */
import { type Random, unseededRandom } from './random.js';

/** Nine characters of `[0-9a-z]`: about 46 bits. */
const SESSION_LENGTH = 9;
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Makes ids like `evt-k3q9x2m1a-17`: what it names, the session, a number that rises. */
export class Ids {
  readonly session: string;
  readonly #eventPrefix: string;
  readonly #deliveryPrefix: string;
  readonly #tracePrefix: string;
  readonly #subscriptionPrefix: string;
  #events = 0;
  #deliveries = 0;
  #traces = 0;
  #subscriptions = 0;

  /** @param session `[A-Za-z0-9_-]+`, new at every start; `newSessionId` makes one. */
  constructor(session: string = newSessionId()) {
    this.session = session;
    this.#eventPrefix = `evt-${session}-`;
    this.#deliveryPrefix = `dlv-${session}-`;
    this.#tracePrefix = `trace-${session}-`;
    this.#subscriptionPrefix = `sub-${session}-`;
  }

  event(): string {
    return this.#eventPrefix + ++this.#events;
  }

  delivery(): string {
    return this.#deliveryPrefix + ++this.#deliveries;
  }

  trace(): string {
    return this.#tracePrefix + ++this.#traces;
  }

  subscription(): string {
    return this.#subscriptionPrefix + ++this.#subscriptions;
  }
}

/**
 * A session id from the machine's randomness, or from `random` where a run must be repeatable. It tells runs apart and
 * is no secret: loading `node:crypto` for it would take 4 ms of every start.
 */
export function newSessionId(random?: Pick<Random, 'next'>): string {
  const next = random === undefined ? unseededRandom : () => random.next();
  let id = '';
  for (let index = 0; index < SESSION_LENGTH; index++) {
    id += ALPHABET[Math.floor(next() * 256) % ALPHABET.length];
  }
  return id;
}
