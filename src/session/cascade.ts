/** Which records belong to what a publish caused: the event, its deliveries, the events they published, and so on. */
import type { LogRecord } from '../record/index.js';
import { MAX_CASCADE_RECORDS } from './protocol.js';

/** Events of one cascade that are followed; a cascade that never ends must not fill the memory. */
const MAX_CASCADE_EVENTS = 50_000;
/** Records kept while the event's id is not known yet. */
const MAX_EARLY_RECORDS = 10_000;

/** Sends one record to the publisher; false where it had to be left out. */
export type SendRecord = (json: () => string) => boolean;

export class Cascade {
  readonly #index: Cascades;
  readonly #send: SendRecord;
  readonly #events = new Set<string>();
  #early: LogRecord[] | undefined = [];
  #sent = 0;
  #leftOut = 0;
  #complete = true;

  constructor(index: Cascades, send: SendRecord) {
    this.#index = index;
    this.#send = send;
  }

  /** Records left out so far; `null` where nobody counted them all. */
  get leftOut(): number | null {
    return this.#complete ? this.#leftOut : null;
  }

  /** Names the event that it all starts with. What came before this call is looked through, too. */
  open(eventId: string): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#index.opened(this);
    this.#follow(eventId);
    for (const record of early) this.#index.take(record, () => JSON.stringify(record), this);
  }

  /** Stops following. Ending twice does nothing. */
  end(): void {
    this.#early = undefined;
    this.#index.ended(this, this.#events);
    this.#events.clear();
  }

  /** For `Cascades`: a record from before `open`. */
  keepEarly(record: LogRecord): void {
    if (this.#early === undefined) return;
    if (this.#early.length < MAX_EARLY_RECORDS) this.#early.push(record);
    else this.#complete = false;
  }

  /** For `Cascades`: a record of this cascade. */
  take(record: LogRecord, json: () => string): void {
    if (record.event === 'event_published') this.#follow(record.event_id);
    if (this.#sent < MAX_CASCADE_RECORDS && this.#send(json)) this.#sent++;
    else this.#leftOut++;
  }

  #follow(eventId: string): void {
    if (this.#events.size >= MAX_CASCADE_EVENTS) {
      this.#complete = false;
      return;
    }
    this.#events.add(eventId);
    this.#index.follow(eventId, this);
  }
}

/** All cascades that are followed, found by event id: a record costs one look-up, however many there are. */
export class Cascades {
  readonly #byEvent = new Map<string, Cascade>();
  readonly #opening = new Set<Cascade>();
  readonly #changed: () => void;

  /** @param changed is told when `active` may have changed. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get active(): boolean {
    return this.#opening.size > 0 || this.#byEvent.size > 0;
  }

  /** Starts to listen for a publish that is about to happen. */
  begin(send: SendRecord): Cascade {
    const cascade = new Cascade(this, send);
    this.#opening.add(cascade);
    this.#changed();
    return cascade;
  }

  /** Gives `record` to the cascade it belongs to; with `only`, to none but that. */
  take(record: LogRecord, json: () => string, only?: Cascade): void {
    if (only === undefined) for (const cascade of this.#opening) cascade.keepEarly(record);
    const eventId = record.event_id;
    if (typeof eventId !== 'string') return;
    const cascade = this.#byEvent.get(eventId) ?? this.#byCause(record);
    if (cascade !== undefined && (only === undefined || only === cascade)) cascade.take(record, json);
  }

  #byCause(record: LogRecord): Cascade | undefined {
    if (record.event !== 'event_published' || record.causation_id === undefined) return undefined;
    return this.#byEvent.get(record.causation_id);
  }

  follow(eventId: string, cascade: Cascade): void {
    this.#byEvent.set(eventId, cascade);
  }

  opened(cascade: Cascade): void {
    this.#opening.delete(cascade);
  }

  ended(cascade: Cascade, events: Iterable<string>): void {
    this.#opening.delete(cascade);
    for (const eventId of events) if (this.#byEvent.get(eventId) === cascade) this.#byEvent.delete(eventId);
    this.#changed();
  }
}
