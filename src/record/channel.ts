/** A channel writes records of one kind; what its records have in common is fixed when it is made. */
import type { Event, SubscriberInfo } from '../bus/index.js';
import { eventJson } from './json-text.js';
import type { PinoSink, WriteRecord } from './pino-sink.js';
import { type Level, type LogRecord, RECORD_LEVELS, type RecordFields, type RecordKind } from './schema.js';
import { wellFormed } from './value.js';

/** The kinds of record that a delivery gives. */
export type DeliveryKind = Extract<RecordKind, `event_handler_${string}` | `event_delivery_${string}`>;
/** The kinds of record that are about one event. */
export type EventKind = DeliveryKind | 'event_published' | 'event_no_subscribers';

type SubscriptionKey = 'subscription_id' | 'service' | 'handler';
type EventKey = 'event_id' | 'event_type' | 'trace_id';

/** The keys that are still to be given for each record of kind `K`. */
export type OpenFields<K extends RecordKind> = Omit<
  RecordFields<K>,
  (K extends EventKind ? EventKey : never) | (K extends DeliveryKind ? SubscriptionKey : never)
>;

/** The keys that all records of one event share, and their JSON with a comma behind it, made once. */
export class EventKeys {
  readonly fields: Readonly<Record<EventKey, string>> | undefined;
  readonly json: string;

  constructor(event: Event | undefined) {
    this.fields = event && { event_id: event.id, event_type: event.type, trace_id: event.traceId };
    this.json = event === undefined ? '' : eventJson(event);
  }
}

/** For records that are about no event. */
export const NO_EVENT = new EventKeys(undefined);

type Bound = Readonly<Record<string, string>>;

export class Channel<K extends RecordKind> {
  readonly #kind: K;
  readonly #level: Level;
  readonly #bound: Bound;
  readonly #boundJson: string;
  readonly #write: WriteRecord | undefined;

  constructor(kind: K, bound: Bound, sink: PinoSink | undefined) {
    this.#kind = kind;
    this.#level = RECORD_LEVELS[kind];
    this.#bound = bound;
    this.#boundJson = JSON.stringify(bound).slice(1, -1);
    this.#write = sink?.writer(kind);
  }

  /**
   * Writes the record to the log, if there is one.
   * @param fields the open fields as `,"key":value…`
   */
  write(timestamp: string, seq: number, about: EventKeys, fields: string): void {
    this.#write?.(timestamp, seq, about.json + this.#boundJson + fields);
  }

  /** The same record as an object, keys in the order of the log's line. */
  record(timestamp: string, seq: number, about: EventKeys, fields: OpenFields<K>): LogRecord {
    const record: Record<string, unknown> = {
      level: this.#level,
      timestamp,
      event: this.#kind,
      seq,
      ...about.fields,
      ...this.#bound,
    };
    for (const [key, value] of Object.entries(fields)) {
      if (value !== undefined) record[key] = value;
    }
    // The keys of kind K, by the types of this class; TypeScript does not follow a generic kind into the union.
    return record as LogRecord;
  }
}

export type PlainChannels = { readonly [K in Exclude<RecordKind, DeliveryKind>]: Channel<K> };

export function plainChannels(session: string, sink: PinoSink | undefined): PlainChannels {
  const channel = <K extends RecordKind>(kind: K) => new Channel(kind, { session }, sink);
  return {
    session_started: channel('session_started'),
    session_stopped: channel('session_stopped'),
    event_subscription: channel('event_subscription'),
    event_unsubscription: channel('event_unsubscription'),
    event_published: channel('event_published'),
    event_no_subscribers: channel('event_no_subscribers'),
    control_changed: channel('control_changed'),
    log_gap: channel('log_gap'),
  };
}

/** The channels of one subscription, each made when it is first needed. */
export class SubscriptionChannels {
  readonly #sink: PinoSink | undefined;
  readonly #bound: Bound;
  readonly #made: { [K in DeliveryKind]?: Channel<K> } = {};

  constructor(subscriber: SubscriberInfo, session: string, sink: PinoSink | undefined) {
    this.#sink = sink;
    this.#bound = {
      session,
      subscription_id: wellFormed(subscriber.subscriptionId),
      service: wellFormed(subscriber.service),
      handler: wellFormed(subscriber.handler),
    };
  }

  get<K extends DeliveryKind>(kind: K): Channel<K> {
    const made: { [P in K]?: Channel<P> } = this.#made;
    const known = made[kind];
    if (known !== undefined) return known;
    const channel = new Channel(kind, this.#bound, this.#sink);
    made[kind] = channel;
    return channel;
  }
}
