/** What the records of one trace say about each event and each delivery, before anything is concluded from it. */
import type { AttemptEnd, Publication } from './forest.js';
import type { DeliveryRecord, TraceRecord } from './trace-records.js';

export interface EventFacts {
  readonly id: string;
  readonly type: string;
  time: number;
  seq: number;
  source: string | undefined;
  published: Publication | undefined;
  causationId: string | undefined;
  causationDeliveryId: string | undefined;
  noSubscribers: boolean;
  readonly deliveries: DeliveryFacts[];
}

/** An attempt's ending as its own record tells it. */
export type LoggedEnd = Extract<AttemptEnd, { readonly kind: 'done' | 'failed' }>;

export interface AttemptFacts {
  readonly number: number;
  readonly seq: number;
  start: number | undefined;
  end: LoggedEnd | undefined;
}

/** The record that ended a delivery otherwise than an attempt does. */
export interface Ending {
  readonly kind: 'dropped' | 'dead' | 'abandoned';
  readonly seq: number;
  readonly time: number;
  readonly reason: string;
  readonly fault: string | undefined;
  readonly attempt: number;
}

export interface DeliveryFacts {
  readonly first: DeliveryRecord;
  readonly time: number;
  readonly event: EventFacts;
  /** In the order of their first records. */
  readonly attempts: AttemptFacts[];
  queuedMs: number | undefined;
  ending: Ending | undefined;
}

export class Facts {
  readonly events = new Map<string, EventFacts>();
  readonly deliveries = new Map<string, DeliveryFacts>();
  /** Records that repeat what an earlier one said. */
  repeats = 0;
  clockBackwards = 0;
  badTimestamps = 0;
  /** True once a record was seen that only a log from level `debug` up has. */
  deliveriesLogged = false;
  #lastTime: number | undefined;
  #lastTimestamp: string | undefined;

  /** Takes the next record, in order of `seq`. */
  add(record: TraceRecord): void {
    const time = this.#timeOf(record);
    switch (record.event) {
      case 'event_published':
        return this.#published(record, time);
      case 'event_no_subscribers': {
        const event = this.#event(record, time);
        if (event.noSubscribers) this.repeats++;
        event.noSubscribers = true;
        event.source ??= record.source;
        return;
      }
      case 'event_handler_start':
        return this.#started(record, time);
      case 'event_handler_complete':
      case 'event_handler_error':
        return this.#ended(record, time);
      default:
        return this.#ending(record, time);
    }
  }

  #timeOf(record: TraceRecord): number {
    if (record.timestamp === this.#lastTimestamp) return this.#lastTime ?? 0;
    const parsed = Date.parse(record.timestamp);
    if (Number.isNaN(parsed)) {
      this.badTimestamps++;
      return this.#lastTime ?? 0;
    }
    if (this.#lastTime !== undefined && parsed < this.#lastTime) this.clockBackwards++;
    this.#lastTimestamp = record.timestamp;
    this.#lastTime = parsed;
    return parsed;
  }

  #event(record: TraceRecord, time: number): EventFacts {
    const known = this.events.get(record.event_id);
    if (known !== undefined) return known;
    const event: EventFacts = {
      id: record.event_id,
      type: record.event_type,
      time,
      seq: record.seq,
      source: undefined,
      published: undefined,
      causationId: undefined,
      causationDeliveryId: undefined,
      noSubscribers: false,
      deliveries: [],
    };
    this.events.set(event.id, event);
    return event;
  }

  #delivery(record: DeliveryRecord, time: number): DeliveryFacts {
    const known = this.deliveries.get(record.delivery_id);
    if (known !== undefined) return known;
    const event = this.#event(record, time);
    const delivery: DeliveryFacts = {
      first: record,
      time,
      event,
      attempts: [],
      queuedMs: undefined,
      ending: undefined,
    };
    event.deliveries.push(delivery);
    this.deliveries.set(record.delivery_id, delivery);
    return delivery;
  }

  #attempt(record: DeliveryRecord, time: number): AttemptFacts {
    const { attempts } = this.#delivery(record, time);
    // Nearly always the last one; a list of few is smaller than a map.
    const known = attempts.findLast(({ number }) => number === record.attempt);
    if (known !== undefined) return known;
    const attempt: AttemptFacts = { number: record.attempt, seq: record.seq, start: undefined, end: undefined };
    attempts.push(attempt);
    return attempt;
  }

  #published(record: Extract<TraceRecord, { readonly event: 'event_published' }>, time: number): void {
    const event = this.#event(record, time);
    if (event.published !== undefined) {
      this.repeats++;
      return;
    }
    event.time = time;
    event.seq = record.seq;
    event.source = record.source;
    event.causationId = record.causation_id;
    event.causationDeliveryId = record.causation_delivery_id;
    event.published = {
      subscriberCount: record.subscriber_count,
      payloadKeys: record.payload_keys,
      payload: record.payload,
    };
  }

  #started(record: Extract<TraceRecord, { readonly event: 'event_handler_start' }>, time: number): void {
    this.deliveriesLogged = true;
    const attempt = this.#attempt(record, time);
    if (attempt.start === undefined) attempt.start = time;
    else this.repeats++;
  }

  #ended(
    record: Extract<TraceRecord, { readonly event: 'event_handler_complete' | 'event_handler_error' }>,
    time: number,
  ): void {
    if (record.event === 'event_handler_complete') this.deliveriesLogged = true;
    const attempt = this.#attempt(record, time);
    this.#delivery(record, time).queuedMs ??= record.queued_ms;
    if (attempt.end !== undefined) {
      this.repeats++;
      return;
    }
    const ended = { seq: record.seq, time, durationMs: record.duration_ms, fault: record.fault };
    attempt.end =
      record.event === 'event_handler_complete'
        ? { kind: 'done', ...ended }
        : {
            kind: 'failed',
            ...ended,
            error: { name: record.error_name, message: record.error },
            willRetry: record.will_retry,
          };
  }

  #ending(
    record: Extract<
      TraceRecord,
      { readonly event: 'event_delivery_dropped' | 'event_delivery_dead' | 'event_delivery_abandoned' }
    >,
    time: number,
  ): void {
    const delivery = this.#delivery(record, time);
    if (delivery.ending !== undefined) {
      this.repeats++;
      return;
    }
    const common = { seq: record.seq, time, reason: record.reason, attempt: record.attempt };
    if (record.event === 'event_delivery_dropped') {
      delivery.ending = { kind: 'dropped', ...common, fault: record.fault };
    } else {
      delivery.ending = {
        kind: record.event === 'event_delivery_dead' ? 'dead' : 'abandoned',
        ...common,
        fault: undefined,
      };
    }
  }
}
