/** Records as a bus would write them, made without one: the dashboard is fed records and nothing else. */
import type { LogRecord } from '../../../src/record/index.js';

export const SESSION = 'k3q9x2m1a';
/** 2026-01-01T00:00:00.000Z. */
export const START = 1_767_225_600_000;

export interface Attempted {
  readonly service?: string;
  readonly handler: string;
  readonly error?: string;
  readonly willRetry?: boolean;
  readonly attempt?: number;
  readonly duration?: number;
}

/** A pen that writes one session's records; `time` is milliseconds since the session began. */
export class Pen {
  readonly records: LogRecord[] = [];
  readonly session: string;
  #seq = 0;
  #events = 0;
  #deliveries = 0;
  time = 0;

  constructor(session = SESSION) {
    this.session = session;
  }

  started(scenario = 'Index a repository', seed = 42): this {
    return this.#write({ event: 'session_started', level: 'info', scenario, seed, clock: 'real', version: '0.1.0' });
  }

  stopped(): this {
    const totals = { events: 1, deliveries: 1, errors: 0, dead: 0, dropped: 0, abandoned: 0 };
    return this.#write({ event: 'session_stopped', level: 'info', reason: 'done', ...totals });
  }

  subscribe(service: string, handler: string, pattern: string): this {
    return this.#write({
      event: 'event_subscription',
      level: 'info',
      event_type: pattern,
      subscription_id: subscriptionId(service, handler, pattern),
      service,
      handler,
      total_subscribers: 1,
    });
  }

  publish(
    type: string,
    trace: string,
    more: { cause?: string; by?: string; subscribers?: number; payload?: unknown; source?: string } = {},
  ): string {
    const event_id = `evt-${this.session}-${++this.#events}`;
    const subscriber_count = more.subscribers ?? 1;
    const common = { event_type: type, event_id, source: more.source ?? 'api_gateway', trace_id: trace };
    this.#write({
      event: 'event_published',
      level: 'info',
      ...common,
      causation_id: more.cause,
      causation_delivery_id: more.by,
      subscriber_count,
      payload_keys:
        typeof more.payload === 'object' && more.payload !== null ? Object.keys(more.payload) : ['repo_path'],
      payload: more.payload,
    });
    if (subscriber_count === 0) this.#write({ event: 'event_no_subscribers', level: 'warn', ...common });
    return event_id;
  }

  /** Gives the delivery's id; a further attempt has the id of the first. */
  start(eventId: string, type: string, trace: string, by: Attempted, before?: string): string {
    const delivery_id = before ?? `dlv-${this.session}-${++this.#deliveries}`;
    this.#write({ event: 'event_handler_start', level: 'debug', ...delivery(delivery_id, eventId, type, trace, by) });
    return delivery_id;
  }

  end(deliveryId: string, eventId: string, type: string, trace: string, by: Attempted): this {
    const common = {
      ...delivery(deliveryId, eventId, type, trace, by),
      duration_ms: by.duration ?? 12.5,
      queued_ms: 0.1,
    };
    if (by.error === undefined) return this.#write({ event: 'event_handler_complete', level: 'debug', ...common });
    return this.#write({
      event: 'event_handler_error',
      level: 'error',
      ...common,
      error: by.error,
      error_name: 'Error',
      will_retry: by.willRetry ?? false,
    });
  }

  dead(deliveryId: string, eventId: string, type: string, trace: string, by: Attempted): this {
    const common = delivery(deliveryId, eventId, type, trace, by);
    return this.#write({ event: 'event_delivery_dead', level: 'error', ...common, reason: by.error ?? 'gave up' });
  }

  dropped(deliveryId: string, eventId: string, type: string, trace: string, by: Attempted): this {
    const common = delivery(deliveryId, eventId, type, trace, by);
    return this.#write({ event: 'event_delivery_dropped', level: 'warn', ...common, attempt: 0, reason: 'queue_full' });
  }

  control(action: string, target: string): this {
    return this.#write({ event: 'control_changed', level: 'info', action, target, by: 'dashboard' });
  }

  /** `lost` records did not get to the log. */
  gap(lost: number): this {
    this.#seq += lost;
    return this.#write({ event: 'log_gap', level: 'error', lost });
  }

  /** A whole delivery: start, `duration` later its ending. */
  handle(eventId: string, type: string, trace: string, by: Attempted): this {
    const id = this.start(eventId, type, trace, by);
    this.time += by.duration ?? 12.5;
    return this.end(id, eventId, type, trace, by);
  }

  #write(fields: Record<string, unknown>): this {
    const timestamp = new Date(START + Math.floor(this.time)).toISOString();
    const record = { timestamp, seq: ++this.#seq, session: this.session, ...fields };
    this.records.push(JSON.parse(JSON.stringify(record)));
    return this;
  }
}

/** Lines of the log, with the keys in the order in which the log has them. */
export function linesOf(records: readonly LogRecord[]): string {
  return records.map((record) => `${lineOf(record)}\n`).join('');
}

const FIRST = ['level', 'timestamp', 'event', 'seq', 'event_id', 'event_type', 'trace_id', 'session'];
const NEXT = ['subscription_id', 'service', 'handler', 'delivery_id', 'attempt', 'duration_ms', 'queued_ms', 'fault'];

function lineOf(record: LogRecord): string {
  // Of a subscription, what it is about comes after the session.
  const first = record.event_id === undefined ? FIRST.filter((key) => key !== 'event_type') : FIRST;
  const order = [...first, ...NEXT];
  const rest = Object.keys(record).filter((key) => !order.includes(key));
  return JSON.stringify(Object.fromEntries([...order, ...rest].map((key) => [key, record[key]])));
}

function subscriptionId(service: string, handler: string, pattern: string): string {
  return `sub-${service}-${handler}-${pattern}`;
}

function delivery(delivery_id: string, event_id: string, event_type: string, trace_id: string, by: Attempted) {
  const service = by.service ?? 'vector_index';
  return {
    delivery_id,
    subscription_id: subscriptionId(service, by.handler, event_type),
    event_id,
    event_type,
    trace_id,
    service,
    handler: by.handler,
    attempt: by.attempt ?? 1,
  };
}
