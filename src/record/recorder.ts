/**
 * From what happens on a bus to records: the only place that makes them. A record goes to the log, as a line, and to
 * whoever watches, as an object.
 */
import type { AttemptFailure, BusObserver, DeliveryView, DropReason, Event, SubscriberInfo } from '../bus/index.js';
import { type Clock, describeError } from '../kernel/index.js';
import { type Channel, type OpenFields, type PlainChannels, plainChannels, SubscriptionChannels } from './channel.js';
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
    if (this.#info) this.#emitNow(this.#channels.session_started, { seq: ++this.#seq, ...cleaned(fields) });
  }

  sessionStopped(fields: RecordFields<'session_stopped'>): void {
    if (this.#info) this.#emitNow(this.#channels.session_stopped, { seq: ++this.#seq, ...cleaned(fields) });
  }

  controlChanged(fields: RecordFields<'control_changed'>): void {
    if (this.#info) this.#emitNow(this.#channels.control_changed, { seq: ++this.#seq, ...cleaned(fields) });
  }

  /** `lost` records before this one could not be written. */
  gap(lost: number): void {
    this.#emitNow(this.#channels.log_gap, { seq: ++this.#seq, lost });
  }

  subscribed(subscriber: SubscriberInfo, pattern: string, totalSubscribers: number): void {
    if (!this.#info) return;
    this.#emitNow(this.#channels.event_subscription, this.#subscription(subscriber, pattern, totalSubscribers));
  }

  unsubscribed(subscriber: SubscriberInfo, pattern: string, totalSubscribers: number): void {
    if (!this.#info) return;
    this.#emitNow(this.#channels.event_unsubscription, this.#subscription(subscriber, pattern, totalSubscribers));
  }

  published(event: Event, subscriberCount: number): void {
    if (this.#info) {
      this.#emit(this.#channels.event_published, event.timestamp, {
        seq: ++this.#seq,
        event_type: event.type,
        event_id: event.id,
        source: wellFormed(event.source),
        trace_id: wellFormed(event.traceId),
        causation_id: event.causationId,
        causation_delivery_id: event.causationDeliveryId,
        subscriber_count: subscriberCount,
        payload_keys: payloadKeys(event.payload),
        payload: this.#payload?.(event.payload),
      });
    }
    if (subscriberCount > 0 || !this.#warn) return;
    this.#emit(this.#channels.event_no_subscribers, event.timestamp, {
      seq: ++this.#seq,
      event_type: event.type,
      event_id: event.id,
      source: wellFormed(event.source),
      trace_id: wellFormed(event.traceId),
    });
  }

  started(delivery: DeliveryView): void {
    if (this.#debug) this.#emitNow(this.#of(delivery).get('event_handler_start'), this.#delivery(delivery));
  }

  completed(delivery: DeliveryView): void {
    if (!this.#debug) return;
    const { event } = delivery;
    // Written out, not spread from `#delivery`: half of a busy log are these.
    this.#emitNow(this.#of(delivery).get('event_handler_complete'), {
      seq: ++this.#seq,
      delivery_id: delivery.id,
      event_id: event.id,
      event_type: event.type,
      trace_id: wellFormed(event.traceId),
      attempt: delivery.attempt,
      duration_ms: milliseconds(delivery.durationMs),
      queued_ms: milliseconds(delivery.queuedMs),
      fault: faultOf(delivery),
    });
  }

  failed(delivery: DeliveryView, { error, willRetry }: AttemptFailure): void {
    const { name, message } = describeError(error);
    this.#emitNow(this.#of(delivery).get('event_handler_error'), {
      ...this.#delivery(delivery),
      duration_ms: milliseconds(delivery.durationMs),
      queued_ms: milliseconds(delivery.queuedMs),
      fault: faultOf(delivery),
      error: wellFormed(message),
      error_name: wellFormed(name),
      will_retry: willRetry,
    });
  }

  dead(delivery: DeliveryView, error: unknown): void {
    const channel = this.#of(delivery).get('event_delivery_dead');
    this.#emitNow(channel, { ...this.#delivery(delivery), reason: wellFormed(describeError(error).message) });
  }

  dropped(delivery: DeliveryView, reason: DropReason): void {
    if (!this.#warn) return;
    const channel = this.#of(delivery).get('event_delivery_dropped');
    this.#emitNow(channel, { ...this.#delivery(delivery), fault: faultOf(delivery), reason: wellFormed(reason) });
  }

  abandoned(delivery: DeliveryView): void {
    if (!this.#warn) return;
    const channel = this.#of(delivery).get('event_delivery_abandoned');
    this.#emitNow(channel, { ...this.#delivery(delivery), reason: 'bus_closed' });
  }

  #subscription(
    subscriber: SubscriberInfo,
    pattern: string,
    totalSubscribers: number,
  ): OpenFields<'event_subscription'> {
    return {
      seq: ++this.#seq,
      event_type: pattern,
      subscription_id: subscriber.subscriptionId,
      service: wellFormed(subscriber.service),
      handler: wellFormed(subscriber.handler),
      total_subscribers: totalSubscribers,
    };
  }

  #delivery(delivery: DeliveryView): OpenFields<'event_handler_start'> {
    const { event } = delivery;
    return {
      seq: ++this.#seq,
      delivery_id: delivery.id,
      event_id: event.id,
      event_type: event.type,
      trace_id: wellFormed(event.traceId),
      attempt: delivery.attempt,
    };
  }

  #of({ subscriber }: DeliveryView): SubscriptionChannels {
    let channels = this.#subscriptions.get(subscriber);
    if (channels === undefined) {
      channels = new SubscriptionChannels(subscriber, this.#session, this.#sink);
      this.#subscriptions.set(subscriber, channels);
    }
    return channels;
  }

  #emitNow<K extends RecordKind>(channel: Channel<K>, fields: OpenFields<K>): void {
    this.#emit(channel, this.#clock.wallTime(), fields);
  }

  #emit<K extends RecordKind>(channel: Channel<K>, time: number, fields: OpenFields<K>): void {
    const timestamp = this.#timestamp(time);
    channel.write(timestamp, fields);
    if (this.#watchers.size > 0) this.#show(channel.record(timestamp, fields));
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

function faultOf({ fault }: DeliveryView): string | undefined {
  return fault === undefined ? undefined : wellFormed(fault);
}
