/** Ids are a port: unique across sessions on the real clock, derived from the seed on the virtual one. */
import { type Random, unseededRandom } from './random.js';

/** Nine characters of `[0-9a-z]`: about 46 bits. */
const SESSION_LENGTH = 9;
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

/** `000` to `999`, once a thousand ids are made. */
let lastDigits: readonly string[] = [];

/** A prefix and a number that rises from 1. Most numbers are made of two known texts: turning them into text costs more than all else. */
class Sequence {
  readonly #prefix: string;
  #head: string;
  #thousands = 0;
  #rest = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.#head = prefix;
  }

  next(): string {
    const rest = ++this.#rest;
    if (this.#thousands > 0 && rest < 1_000) return this.#head + (lastDigits[rest] ?? '');
    if (rest < 1_000) return this.#prefix + rest;
    if (lastDigits.length === 0)
      lastDigits = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'));
    this.#rest = 0;
    this.#head = this.#prefix + ++this.#thousands;
    return `${this.#head}000`;
  }
}

/** Makes ids like `evt-k3q9x2m1a-17`: what it names, the session, a number that rises. */
export class Ids {
  readonly session: string;
  readonly #events: Sequence;
  readonly #deliveries: Sequence;
  readonly #traces: Sequence;
  #subscriptions = 0;

  /** @param session `[A-Za-z0-9_-]+`, new at every start; `newSessionId` makes one. */
  constructor(session: string = newSessionId()) {
    this.session = session;
    this.#events = new Sequence(`evt-${session}-`);
    this.#deliveries = new Sequence(`dlv-${session}-`);
    this.#traces = new Sequence(`trace-${session}-`);
  }

  event(): string {
    return this.#events.next();
  }

  delivery(): string {
    return this.#deliveries.next();
  }

  trace(): string {
    return this.#traces.next();
  }

  /** Takes the next number of a subscription; `subscription` makes the id of it. */
  subscriptionNumber(): number {
    return ++this.#subscriptions;
  }

  subscription(number: number = this.subscriptionNumber()): string {
    return `sub-${this.session}-${number}`;
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
