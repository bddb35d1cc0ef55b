/** What one session's records add up to. */
import type { LogRecord } from '../record/index.js';
import { Durations } from './durations.js';
import type { SessionStats } from './session-stats.js';
import { type DeliveryRecord, isDeliveryRecord } from './trace-records.js';

interface SubscriptionTotals {
  readonly service: string;
  readonly handler: string;
  readonly patterns: string[];
  delivered: number;
  errors: number;
  retries: number;
  failed: number;
  dead: number;
  dropped: number;
  abandoned: number;
  readonly durations: Durations;
}

type SubscriberRecord = Extract<LogRecord, { readonly subscription_id: string }>;

/** Adds up one session, record by record, in the order they were written. */
export class SessionTotals {
  readonly #session: string;
  readonly #first: string;
  #last: string;
  #scenario: string | undefined;
  #logged = false;
  #lost = 0;
  readonly #events = new Map<string, number>();
  readonly #errors = new Map<string, number>();
  readonly #subscriptions = new Map<string, SubscriptionTotals>();
  /** Subscribers of each type or pattern now. */
  readonly #active = new Map<string, number>();
  /** As of the last event: a bus that closes ends every subscription, and that must not empty its statistics. */
  #totals = { types: 0, subscribers: 0 };
  #changed = false;

  constructor(first: LogRecord) {
    this.#session = first.session;
    this.#first = first.timestamp;
    this.#last = first.timestamp;
  }

  take(record: LogRecord): void {
    this.#last = record.timestamp;
    switch (record.event) {
      case 'session_started':
        this.#scenario = record.scenario;
        return;
      case 'log_gap':
        this.#lost += record.lost;
        return;
      case 'event_subscription':
        this.#subscription(record).patterns.push(record.event_type);
        this.#active.set(record.event_type, record.total_subscribers);
        this.#changed = true;
        this.#snapshot();
        return;
      case 'event_unsubscription':
        if (record.total_subscribers > 0) this.#active.set(record.event_type, record.total_subscribers);
        else this.#active.delete(record.event_type);
        this.#changed = true;
        return;
      case 'event_published':
        this.#snapshot();
        increase(this.#events, record.event_type);
        return;
      default:
        if (isDeliveryRecord(record)) this.#delivery(record);
    }
  }

  #snapshot(): void {
    if (!this.#changed) return;
    this.#changed = false;
    let subscribers = 0;
    for (const count of this.#active.values()) subscribers += count;
    this.#totals = { types: this.#active.size, subscribers };
  }

  #delivery(record: DeliveryRecord): void {
    const totals = this.#subscription(record);
    switch (record.event) {
      case 'event_handler_start':
        this.#logged = true;
        if (record.attempt > 1) totals.retries++;
        return;
      case 'event_handler_complete':
        this.#logged = true;
        totals.delivered++;
        totals.durations.add(record.duration_ms);
        return;
      case 'event_handler_error':
        totals.errors++;
        totals.durations.add(record.duration_ms);
        increase(this.#errors, record.event_type);
        if (!record.will_retry && record.attempt === 1) totals.failed++;
        return;
      case 'event_delivery_dead':
        totals.dead++;
        return;
      case 'event_delivery_dropped':
        totals.dropped++;
        return;
      case 'event_delivery_abandoned':
        totals.abandoned++;
    }
  }

  #subscription({ subscription_id: id, service, handler }: SubscriberRecord): SubscriptionTotals {
    let totals = this.#subscriptions.get(id);
    if (totals === undefined) {
      const none = { delivered: 0, errors: 0, retries: 0, failed: 0, dead: 0, dropped: 0, abandoned: 0 };
      totals = { service, handler, patterns: [], ...none, durations: new Durations() };
      this.#subscriptions.set(id, totals);
    }
    return totals;
  }

  result(): SessionStats {
    return {
      session: this.#session,
      scenario: this.#scenario,
      firstTimestamp: this.#first,
      lastTimestamp: this.#last,
      totalEventTypes: this.#totals.types,
      totalSubscribers: this.#totals.subscribers,
      eventCounts: Object.fromEntries(this.#events),
      errorCounts: Object.fromEntries(this.#errors),
      subscriptions: Array.from(this.#subscriptions.values(), ({ durations, ...totals }) => ({
        ...totals,
        ...durations.percentiles(),
      })),
      deliveriesLogged: this.#logged,
      lost: this.#lost,
    };
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
