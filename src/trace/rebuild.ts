/** A forest from the guide's records, whose nesting is concluded and marked so. */
import type { LogRecord } from '../record/index.js';
import { buildTrace } from './build.js';
import { type GuideRecord, guideRecord } from './dialect/guide.js';
import type { Fields } from './dialect/path.js';
import type { InferredFact, Trace } from './forest.js';
import { type NestedDelivery, type NestedEvent, Nesting, type Placed } from './nesting.js';

/** These buses have no sessions. */
const SESSION = '';
const DRAWN_FROM_ORDER: readonly InferredFact[] = ['identity'];

/** Bytes of a file in which records of a request stand. */
export interface GuideRegion {
  readonly start: number;
  end: number;
}

/** Collects the guide's records of one request; what stands around them in the log tells how they nest. */
export class GuideRecords {
  readonly #traceId: string;
  readonly #own: GuideRecord[] = [];
  readonly #around: GuideRecord[] = [];
  readonly regions = new Map<string, GuideRegion>();

  constructor(traceId: string) {
    this.#traceId = traceId;
  }

  /** Takes a line that holds the id; `false` where it is no record of the guide's. */
  take(value: Fields, { file, offset }: { readonly file: string; readonly offset: number }): boolean {
    const record = guideRecord(value);
    if (record === undefined) return false;
    this.#own.push(record);
    const region = this.regions.get(file);
    if (region === undefined) this.regions.set(file, { start: offset, end: offset });
    else region.end = Math.max(region.end, offset);
    return true;
  }

  /** Takes a line of such a region, in its order, whether it holds the id or not. */
  takeAround(value: Fields): void {
    const record = guideRecord(value);
    if (record !== undefined) this.#around.push(record);
  }

  /** `undefined` where there were none. */
  build(): Trace | undefined {
    if (this.#own.length === 0) return undefined;
    const nesting = new Nesting();
    for (const record of this.#around.length > 0 ? this.#around : this.#own) nesting.take(record);
    const events = nesting.events.filter(({ traceId }) => traceId === this.#traceId);
    const inferred = new Map<string, readonly InferredFact[]>();
    const records: LogRecord[] = [];
    for (const event of events) {
      inferred.set(event.id, event.cause === undefined ? DRAWN_FROM_ORDER : ['identity', 'cause']);
      if (event.record !== undefined) records.push(publishedRecord(event, event.record, this.#traceId));
      for (const delivery of event.deliveries) {
        inferred.set(delivery.id, concludedOf(delivery));
        records.push(...deliveryRecords(delivery, this.#traceId));
      }
    }
    records.sort((a, b) => a.seq - b.seq);
    return buildTrace(records, { traceId: this.#traceId, session: SESSION }, inferred);
  }
}

function concludedOf({ end }: NestedDelivery): readonly InferredFact[] {
  return end !== undefined && end.record.durationMs === undefined ? ['identity', 'duration'] : DRAWN_FROM_ORDER;
}

function common({ seq, time }: { readonly seq: number; readonly time: number }) {
  return { timestamp: new Date(time).toISOString(), seq, session: SESSION };
}

function publishedRecord(event: NestedEvent, record: NonNullable<NestedEvent['record']>, traceId: string): LogRecord {
  const { cause, deliveries } = event;
  return {
    level: 'info',
    ...common(event),
    event: 'event_published',
    event_type: event.type,
    event_id: event.id,
    source: record.source,
    trace_id: traceId,
    ...(cause === undefined ? {} : { causation_id: cause.event.id }),
    ...(cause?.delivery === undefined ? {} : { causation_delivery_id: cause.delivery.id }),
    subscriber_count: record.subscribers ?? deliveries.length,
    payload_keys: [...record.payloadKeys],
  };
}

function deliveryRecords({ id, event, start, end }: NestedDelivery, traceId: string): LogRecord[] {
  const delivery = {
    delivery_id: id,
    subscription_id: start.record.handler,
    event_id: event.id,
    event_type: event.type,
    trace_id: traceId,
    service: start.record.service,
    handler: start.record.handler,
    attempt: 1,
  };
  const begun: LogRecord = { level: 'debug', ...common(start), event: 'event_handler_start', ...delivery };
  if (end === undefined) return [begun];
  const measured = { duration_ms: durationOf(start, end), queued_ms: queuedOf(event, start) };
  if (end.record.kind === 'complete') {
    return [begun, { level: 'debug', ...common(end), event: 'event_handler_complete', ...delivery, ...measured }];
  }
  const { error, errorName } = end.record;
  const failed = { error, error_name: errorName, will_retry: false };
  return [begun, { level: 'error', ...common(end), event: 'event_handler_error', ...delivery, ...measured, ...failed }];
}

function durationOf(start: Placed<'start'>, end: Placed<'complete' | 'error'>): number {
  return end.record.durationMs ?? Math.max(0, end.time - start.time);
}

function queuedOf(event: NestedEvent, start: Placed<'start'>): number {
  return event.record === undefined ? 0 : Math.max(0, start.time - event.time);
}
