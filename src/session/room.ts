/** What the connections of one session share: the run itself, the feed, the ledger, and the places for clients. */
import type { Clock } from '../kernel/index.js';
import type { SessionHost } from './host.js';
import { PROTOCOL_VERSION, type Result, type SessionDescription } from './protocol.js';
import { PublishLedger } from './publish-ledger.js';
import { RecordFeed } from './record-feed.js';

/** Clients that are served at the same time. */
const PLACES = 32;
/** Connections that have not said `hello` yet. The oldest makes room: it must not keep out those who will. */
const WAITING_ROOM = 256;

/** A connection, as the room counts it. */
export interface Guest {
  shutdown(reason: string): void;
  cutOff(): void;
}

export class Room {
  readonly host: SessionHost;
  readonly clock: Clock;
  readonly description: SessionDescription;
  readonly feed: RecordFeed;
  readonly ledger: PublishLedger;
  readonly places = PLACES;
  readonly #waiting = new Set<Guest>();
  readonly #admitted = new Set<Guest>();
  /** Still open, to read the last words. */
  readonly #leaving = new Set<Guest>();

  constructor(host: SessionHost, description: SessionDescription, clock: Clock) {
    this.host = host;
    this.description = description;
    this.clock = clock;
    this.feed = new RecordFeed(host);
    this.ledger = new PublishLedger(host);
  }

  /** Clients that said `hello`. */
  get clients(): number {
    return this.#admitted.size;
  }

  hello(): Result<'hello'> {
    const { scenario, paused, speed, time } = this.host.hello();
    return { ...this.description, protocol: PROTOCOL_VERSION, scenario, paused, speed, time };
  }

  entered(guest: Guest): void {
    this.#waiting.add(guest);
    cutOldest(this.#waiting);
  }

  /** Gives `guest` one of the places; false when all are taken. */
  admit(guest: Guest): boolean {
    if (this.#admitted.size >= PLACES) return false;
    this.#waiting.delete(guest);
    this.#admitted.add(guest);
    return true;
  }

  /** `guest` is no client any more; its connection may stay open for a moment. */
  leaves(guest: Guest): void {
    this.#waiting.delete(guest);
    this.#admitted.delete(guest);
    this.#leaving.add(guest);
    cutOldest(this.#leaving);
  }

  left(guest: Guest): void {
    this.#waiting.delete(guest);
    this.#admitted.delete(guest);
    this.#leaving.delete(guest);
  }

  shutdown(reason: string): void {
    for (const guest of [...this.#waiting, ...this.#admitted]) guest.shutdown(reason);
  }

  cutOff(): void {
    for (const guest of [...this.#waiting, ...this.#admitted, ...this.#leaving]) guest.cutOff();
  }
}

function cutOldest(guests: ReadonlySet<Guest>): void {
  if (guests.size <= WAITING_ROOM) return;
  for (const oldest of guests) return oldest.cutOff();
}
