/** Subscribers while a batch is folded: each is copied once, when the batch first touches it. */
import type { LineScanner, LogRecord, ScannedKind } from '../../record/index.js';
import { LIMITS, type SubscriberStats } from './data.js';

type Draft<T> = { -readonly [K in keyof T]: T[K] };
type DeliveryKind = Exclude<ScannedKind, 'event_published' | 'event_no_subscribers'>;
type DeliveryRecord = Extract<LogRecord, { readonly delivery_id: string }>;
type SubscriptionRecord = Extract<LogRecord, { readonly event: 'event_subscription' | 'event_unsubscription' }>;

const OUTCOME_MASK = 2 ** LIMITS.outcomes - 1;

/** Whose record it is. */
type Addressed = Pick<DeliveryRecord, 'subscription_id' | 'service' | 'handler'>;

export class SubscribersDraft {
  readonly #before: ReadonlyMap<string, SubscriberStats>;
  readonly #touched = new Map<string, Draft<SubscriberStats>>();
  /** A look-up by subscription is cheaper than making the target's name. */
  readonly #bySubscription = new Map<string, Draft<SubscriberStats>>();
  patternsChanged = false;

  constructor(before: ReadonlyMap<string, SubscriberStats>) {
    this.#before = before;
  }

  finish(): ReadonlyMap<string, SubscriberStats> {
    if (this.#touched.size === 0) return this.#before;
    const after = new Map<string, SubscriberStats>(this.#before);
    for (const [target, subscriber] of this.#touched) {
      if (after.has(target) || after.size < LIMITS.subscribers) after.set(target, subscriber);
    }
    return after;
  }

  subscribed(record: SubscriptionRecord, time: number): void {
    const subscriber = this.#of(record, time);
    const patterns = new Map(subscriber.patterns);
    if (record.event === 'event_subscription') patterns.set(record.subscription_id, record.event_type);
    else patterns.delete(record.subscription_id);
    subscriber.patterns = patterns;
    this.patternsChanged = true;
  }

  /** An event of which `target` gets a delivery was published. */
  expect(target: string): void {
    const subscriber = this.#touch(target);
    if (subscriber !== undefined) subscriber.queued++;
  }

  delivery(record: DeliveryRecord, time: number): void {
    const subscriber = this.#of(record, time);
    switch (record.event) {
      case 'event_handler_complete':
        return count(subscriber, record.event, time, record.attempt, record.duration_ms, false);
      case 'event_handler_error':
        subscriber.lastError = record.error;
        return count(subscriber, record.event, time, record.attempt, record.duration_ms, record.will_retry);
      case 'event_delivery_dropped':
        subscriber.lastError = record.reason;
        return count(subscriber, record.event, time, record.attempt, 0, false);
      default:
        return count(subscriber, record.event, time, record.attempt, 0, false);
    }
  }

  /** As `delivery`, of what a line told without being parsed. */
  counted(line: LineScanner, kind: DeliveryKind, time: number): void {
    count(this.#of(line, time), kind, time, line.attempt, line.duration_ms, line.will_retry);
  }

  #of(record: Addressed, time: number): Draft<SubscriberStats> {
    const known = this.#bySubscription.get(record.subscription_id);
    if (known !== undefined) return known;
    const { service, handler } = record;
    const target = service === '' ? handler : `${service}.${handler}`;
    const subscriber = this.#touch(target) ?? emptySubscriber(target, service, handler, time);
    this.#touched.set(target, subscriber);
    this.#bySubscription.set(record.subscription_id, subscriber);
    return subscriber;
  }

  #touch(target: string): Draft<SubscriberStats> | undefined {
    const touched = this.#touched.get(target);
    if (touched !== undefined) return touched;
    const before = this.#before.get(target);
    if (before === undefined) return undefined;
    const copy = { ...before, durations: before.durations.slice() };
    this.#touched.set(target, copy);
    return copy;
  }
}

function emptySubscriber(target: string, service: string, handler: string, time: number): Draft<SubscriberStats> {
  return {
    target,
    service,
    handler,
    patterns: new Map(),
    inFlight: 0,
    queued: 0,
    waiting: 0,
    delivered: 0,
    errors: 0,
    retries: 0,
    dead: 0,
    dropped: 0,
    abandoned: 0,
    durations: new Float64Array(LIMITS.durations),
    attempts: 0,
    outcomes: 0,
    outcomeCount: 0,
    lostAt: 0,
    lastError: undefined,
    time,
  };
}

function count(
  subscriber: Draft<SubscriberStats>,
  kind: DeliveryKind,
  time: number,
  attempt: number,
  duration: number,
  willRetry: boolean,
): void {
  subscriber.time = time;
  switch (kind) {
    case 'event_handler_start':
      if (attempt <= 1) subscriber.queued = less(subscriber.queued);
      else {
        subscriber.waiting = less(subscriber.waiting);
        subscriber.retries++;
      }
      subscriber.inFlight++;
      return;
    case 'event_handler_complete':
      subscriber.delivered++;
      return ended(subscriber, duration, 0);
    case 'event_handler_error':
      subscriber.errors++;
      if (willRetry) subscriber.waiting++;
      return ended(subscriber, duration, 1);
    case 'event_delivery_dead':
      subscriber.dead++;
      subscriber.lostAt = time;
      return;
    case 'event_delivery_dropped':
      subscriber.dropped++;
      subscriber.lostAt = time;
      return leave(subscriber, attempt);
    case 'event_delivery_abandoned':
      subscriber.abandoned++;
      return leave(subscriber, attempt);
  }
}

function ended(subscriber: Draft<SubscriberStats>, duration: number, failure: 0 | 1): void {
  subscriber.inFlight = less(subscriber.inFlight);
  subscriber.durations[subscriber.attempts % LIMITS.durations] = duration;
  subscriber.attempts++;
  subscriber.outcomes = ((subscriber.outcomes << 1) | failure) & OUTCOME_MASK;
  if (subscriber.outcomeCount < LIMITS.outcomes) subscriber.outcomeCount++;
}

/** A delivery that ends without an attempt's ending: it was queued, waiting for a retry, or running. */
function leave(subscriber: Draft<SubscriberStats>, attempt: number): void {
  if (attempt === 0) subscriber.queued = less(subscriber.queued);
  else if (subscriber.inFlight > 0) subscriber.inFlight--;
  else subscriber.waiting = less(subscriber.waiting);
}

/** Records may be missing at the beginning; a count never goes below nothing. */
function less(count: number): number {
  return count > 0 ? count - 1 : 0;
}
