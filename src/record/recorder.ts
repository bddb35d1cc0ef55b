/**
 * From what happens on a bus to records: the only place that makes them. A record goes to the log, as a line, and to
 * whoever watches, as an object.
 */
import type { AttemptFailure, BusObserver, DeliveryView, DropReason, Event, SubscriberInfo } from '../bus/index.js';
import { type Clock, describeError } from '../kernel/index.js';
import {
  type Channel,
  EventKeys,
  NO_EVENT,
  type OpenFields,
  type PlainChannels,
  plainChannels,
  SubscriptionChannels,
} from './channel.js';
import { attemptJson, endJson, fieldsJson, publishedJson } from './json-text.js';
import { type PayloadReader, payloadKeys } from './payload.js';
import type { PinoSink } from './pino-sink.js';
import { LEVELS, type Level, type LogRecord, type RecordFields, type RecordKind } from './schema.js';
import { isoTimestamps } from './timestamp.js';
import { cleaned, milliseconds, wellFormed } from './value.js';

export interface RecorderOptions {
  /** Id of this start of the program; every record has it. */
  readonly session: string;
  /** Gives the records their time: virtual in a virtual run. */
  readonly clock: Pick<Clock, 'wallTime'>;
  /** Records below it are neither written nor shown to watchers. Default `debug`. */
  readonly level?: Level | undefined;
  /** Default: no file, watchers only. */
  readonly sink?: PinoSink | undefined;
  /** Default: payloads stay out of the log. */
  readonly payload?: PayloadReader | undefined;
}

export type Watcher = (record: LogRecord) => void;

export type { Recorder };

/** Watches a bus (give it to `bus.probe.attach`) and records what it sees. */
export function createRecorder(options: RecorderOptions): Recorder {
  return new Recorder(options);
}

/** None of its methods throws. */
class Recorder implements Required<BusObserver> {
  readonly #clock: Pick<Clock, 'wallTime'>;
  readonly #session: string;
  readonly #sink: PinoSink | undefined;
  readonly #payload: PayloadReader | undefined;
  readonly #timestamp = isoTimestamps();
  readonly #channels: PlainChannels;
  /** Weak, so that an ended subscription leaves nothing behind. */
  readonly #subscriptions = new WeakMap<SubscriberInfo, SubscriptionChannels>();
  readonly #watchers = new Set<Watcher>();
  readonly #debug: boolean;
  readonly #info: boolean;
  readonly #warn: boolean;
  #seq = 0;
  /** Records of one event come together more often than not. */
  #lastEvent: Event | undefined;
  #lastKeys = NO_EVENT;

  constructor({ session, clock, level = 'debug', sink, payload }: RecorderOptions) {
    this.#session = wellFormed(session);
    this.#clock = clock;
    this.#sink = sink;
    this.#payload = payload;
    this.#channels = plainChannels(this.#session, sink);
    const threshold = LEVELS.indexOf(level);
    this.#debug = threshold <= LEVELS.indexOf('debug');
    this.#info = threshold <= LEVELS.indexOf('info');
    this.#warn = threshold <= LEVELS.indexOf('warn');
  }

  /**
   * Calls `watcher` with every record from now on, after it went to the log; the returned function stops that. A
   * watcher that throws is dropped. Records are shared: do not change them.
   */
  watch(watcher: Watcher): () => void {
    const own: Watcher = (record) => watcher(record);
    this.#watchers.add(own);
    return () => void this.#watchers.delete(own);
  }

  sessionStarted(fields: RecordFields<'session_started'>): void {
    if (this.#info) this.#emit(this.#channels.session_started, NO_EVENT, cleaned(fields));
  }

  sessionStopped(fields: RecordFields<'session_stopped'>): void {
    if (this.#info) this.#emit(this.#channels.session_stopped, NO_EVENT, cleaned(fields));
  }

  controlChanged(fields: RecordFields<'control_changed'>): void {
    if (this.#info) this.#emit(this.#channels.control_changed, NO_EVENT, cleaned(fields));
  }

  /** `lost` records before this one could not be written. */
  gap(lost: number): void {
    this.#emit(this.#channels.log_gap, NO_EVENT, { lost });
  }

  subscribed(subscriber: SubscriberInfo, pattern: string, totalSubscribers: number): void {
    if (!this.#info) return;
    this.#emit(this.#channels.event_subscription, NO_EVENT, subscription(subscriber, pattern, totalSubscribers));
  }

  unsubscribed(subscriber: SubscriberInfo, pattern: string, totalSubscribers: number): void {
    if (!this.#info) return;
    this.#emit(this.#channels.event_unsubscription, NO_EVENT, subscription(subscriber, pattern, totalSubscribers));
  }

  published(event: Event, subscriberCount: number): void {
    if (this.#info) {
      const fields = this.#publishedFields(event, subscriberCount);
      const json = this.#sink === undefined ? '' : publishedJson(fields);
      this.#put(this.#channels.event_published, this.#keysOf(event), json, fields, itself, event.timestamp);
    }
    if (subscriberCount > 0 || !this.#warn) return;
    const fields = { source: wellFormed(event.source) };
    this.#emit(this.#channels.event_no_subscribers, this.#keysOf(event), fields, event.timestamp);
  }

  #publishedFields(event: Event, subscriberCount: number): OpenFields<'event_published'> {
    return {
      source: wellFormed(event.source),
      causation_id: event.causationId,
      causation_delivery_id: event.causationDeliveryId,
      subscriber_count: subscriberCount,
      payload_keys: payloadKeys(event.payload),
      payload: this.#payload?.(event.payload),
    };
  }

  started(delivery: DeliveryView): void {
    if (!this.#debug) return;
    const channel = this.#of(delivery).get('event_handler_start');
    this.#put(channel, this.#keysOf(delivery.event), attemptJson(delivery), delivery, attemptFields);
  }

  completed(delivery: DeliveryView): void {
    if (!this.#debug) return;
    const channel = this.#of(delivery).get('event_handler_complete');
    const json = attemptJson(delivery) + endJson(delivery);
    this.#put(channel, this.#keysOf(delivery.event), json, delivery, endFields);
  }

  failed(delivery: DeliveryView, { error, willRetry }: AttemptFailure): void {
    const { name, message } = describeError(error);
    this.#emit(this.#of(delivery).get('event_handler_error'), this.#keysOf(delivery.event), {
      ...endFields(delivery),
      error: wellFormed(message),
      error_name: wellFormed(name),
      will_retry: willRetry,
    });
  }

  dead(delivery: DeliveryView, error: unknown): void {
    this.#emit(this.#of(delivery).get('event_delivery_dead'), this.#keysOf(delivery.event), {
      ...attemptFields(delivery),
      reason: wellFormed(describeError(error).message),
    });
  }

  dropped(delivery: DeliveryView, reason: DropReason): void {
    if (!this.#warn) return;
    this.#emit(this.#of(delivery).get('event_delivery_dropped'), this.#keysOf(delivery.event), {
      ...attemptFields(delivery),
      fault: faultOf(delivery),
      reason: wellFormed(reason),
    });
  }

  abandoned(delivery: DeliveryView): void {
    if (!this.#warn) return;
    this.#emit(this.#of(delivery).get('event_delivery_abandoned'), this.#keysOf(delivery.event), {
      ...attemptFields(delivery),
      reason: 'bus_closed',
    });
  }

  #keysOf(event: Event): EventKeys {
    if (event === this.#lastEvent) return this.#lastKeys;
    this.#lastEvent = event;
    this.#lastKeys = new EventKeys(event);
    return this.#lastKeys;
  }

  #of({ subscriber }: DeliveryView): SubscriptionChannels {
    let channels = this.#subscriptions.get(subscriber);
    if (channels === undefined) {
      channels = new SubscriptionChannels(subscriber, this.#session, this.#sink);
      this.#subscriptions.set(subscriber, channels);
    }
    return channels;
  }

  #emit<K extends RecordKind>(
    channel: Channel<K>,
    about: EventKeys,
    fields: OpenFields<K>,
    time: number = this.#clock.wallTime(),
  ): void {
    this.#put(channel, about, this.#sink === undefined ? '' : fieldsJson(fields), fields, itself, time);
  }

  /** @param fieldsOf makes the open fields of `source`, whose JSON is `json`; asked only where somebody watches. */
  #put<K extends RecordKind, S>(
    channel: Channel<K>,
    about: EventKeys,
    json: string,
    source: S,
    fieldsOf: (source: S) => OpenFields<K>,
    time: number = this.#clock.wallTime(),
  ): void {
    const timestamp = this.#timestamp(time);
    const seq = ++this.#seq;
    channel.write(timestamp, seq, about, json);
    if (this.#watchers.size > 0) this.#show(channel.record(timestamp, seq, about, fieldsOf(source)));
  }

  #show(record: LogRecord): void {
    for (const watcher of this.#watchers) {
      try {
        watcher(record);
      } catch {
        this.#watchers.delete(watcher);
      }
    }
  }
}

function subscription(
  { subscriptionId, service, handler }: SubscriberInfo,
  pattern: string,
  totalSubscribers: number,
): OpenFields<'event_subscription'> {
  return {
    event_type: pattern,
    subscription_id: subscriptionId,
    service: wellFormed(service),
    handler: wellFormed(handler),
    total_subscribers: totalSubscribers,
  };
}

function attemptFields(delivery: DeliveryView): { delivery_id: string; attempt: number } {
  return { delivery_id: delivery.id, attempt: delivery.attempt };
}

function endFields(delivery: DeliveryView): OpenFields<'event_handler_complete'> {
  return {
    ...attemptFields(delivery),
    duration_ms: milliseconds(delivery.durationMs),
    queued_ms: milliseconds(delivery.queuedMs),
    fault: faultOf(delivery),
  };
}

function itself<T>(value: T): T {
  return value;
}

function faultOf({ fault }: DeliveryView): string | undefined {
  return fault === undefined ? undefined : wellFormed(fault);
}
