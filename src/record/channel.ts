/** A channel writes records of one kind; what its records have in common is fixed when it is made. */
import type { SubscriberInfo } from '../bus/index.js';
import type { PinoSink, WriteRecord } from './pino-sink.js';
import { type Level, type LogRecord, RECORD_LEVELS, type RecordFields, type RecordKind } from './schema.js';
import { wellFormed } from './value.js';

/** The kinds of record that a delivery gives; they share the keys of its subscription. */
export type DeliveryKind = Extract<
  RecordKind,
  `event_handler_${string}` | 'event_delivery_dropped' | 'event_delivery_dead' | 'event_delivery_abandoned'
>;
export type PlainKind = Exclude<RecordKind, DeliveryKind>;

type BoundKey = 'subscription_id' | 'service' | 'handler';

/** The keys that are still to be given for each record of kind `K`. */
export type OpenFields<K extends RecordKind> = {
  readonly seq: number;
} & (K extends DeliveryKind ? Omit<RecordFields<K>, BoundKey> : RecordFields<K>);

type Bound = Readonly<Record<string, string>>;

export class Channel<K extends RecordKind> {
  readonly #kind: K;
  readonly #level: Level;
  readonly #session: string;
  readonly #bound: Bound;
  readonly #write: WriteRecord | undefined;

  constructor(kind: K, session: string, bound: Bound, sink: PinoSink | undefined) {
    this.#kind = kind;
    this.#level = RECORD_LEVELS[kind];
    this.#session = session;
    this.#bound = bound;
    this.#write = sink?.writer(kind, { session, ...bound });
  }

  /** Writes the record to the log, if there is one. */
  write(timestamp: string, fields: OpenFields<K>): void {
    this.#write?.(timestamp, fields);
  }

  /** The same record as an object, keys in the order of the log's line. */
  record(timestamp: string, fields: OpenFields<K>): LogRecord {
    const record: Record<string, unknown> = {
      level: this.#level,
      timestamp,
      event: this.#kind,
      session: this.#session,
      ...this.#bound,
    };
    for (const [key, value] of Object.entries(fields)) {
      if (value !== undefined) record[key] = value;
    }
    // The keys of kind K, by the types of this class; TypeScript does not follow a generic kind into the union.
    return record as LogRecord;
  }
}

export type PlainChannels = { readonly [K in PlainKind]: Channel<K> };

export function plainChannels(session: string, sink: PinoSink | undefined): PlainChannels {
  const channel = <K extends PlainKind>(kind: K) => new Channel(kind, session, {}, sink);
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
  readonly #session: string;
  readonly #sink: PinoSink | undefined;
  readonly #bound: Bound;
  readonly #made: { [K in DeliveryKind]?: Channel<K> } = {};

  constructor(subscriber: SubscriberInfo, session: string, sink: PinoSink | undefined) {
    this.#session = session;
    this.#sink = sink;
    this.#bound = {
      subscription_id: wellFormed(subscriber.subscriptionId),
      service: wellFormed(subscriber.service),
      handler: wellFormed(subscriber.handler),
    };
  }

  get<K extends DeliveryKind>(kind: K): Channel<K> {
    const made: { [P in K]?: Channel<P> } = this.#made;
    const known = made[kind];
    if (known !== undefined) return known;
    const channel = new Channel(kind, this.#session, this.#bound, this.#sink);
    made[kind] = channel;
    return channel;
  }
}
