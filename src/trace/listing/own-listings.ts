/** Records of cf-bus → what is known of each trace. */
import type { LogRecord } from '../../record/index.js';
import { isDeliveryRecord, isTraceRecord, type TraceRecord } from '../trace-records.js';
import { isAt } from './record-fields.js';
import type { RecordFacts, RecordScanner } from './record-scanner.js';
import { FLAG, hashOf, type TraceTable } from './trace-table.js';

export class OwnListings {
  readonly #table: TraceTable;
  readonly #session: string | undefined;
  /** The session of the record before: mostly that of the next one, too. */
  #last = { bytes: Buffer.alloc(0), number: -1, wanted: false };

  /** @param session only its traces; `undefined` for all */
  constructor(table: TraceTable, session: string | undefined) {
    this.#table = table;
    this.#session = session;
  }

  /** False where there was no room for a new trace. */
  takeScanned(bytes: Buffer, record: RecordScanner): boolean {
    const { session, traceId } = record;
    this.#enter(bytes, session.from, session.to);
    if (!this.#last.wanted) return true;
    const row = this.#table.row(this.#last.number, bytes, traceId.from, traceId.to);
    if (row !== -1) this.#take(row, record);
    return row !== -1;
  }

  /** False where there was no room for a new trace. */
  take(record: LogRecord): boolean {
    if (!isTraceRecord(record)) return true;
    const session = Buffer.from(record.session);
    this.#enter(session, 0, session.length);
    if (!this.#last.wanted) return true;
    const id = Buffer.from(record.trace_id);
    const row = this.#table.row(this.#last.number, id, 0, id.length);
    if (row !== -1) this.#take(row, factsOf(record));
    return row !== -1;
  }

  #enter(bytes: Buffer, from: number, to: number): void {
    if (this.#last.number !== -1 && isAt(this.#last.bytes, bytes, from, to)) return;
    const name = bytes.toString('utf8', from, to);
    const wanted = this.#session === undefined || name === this.#session;
    this.#last = { bytes: Buffer.from(bytes.subarray(from, to)), number: this.#table.sessionNumber(name), wanted };
  }

  #take(row: number, facts: RecordFacts): void {
    const table = this.#table;
    const { kind, time, attempt } = facts;
    if (!Number.isNaN(time)) table.at(row, time);
    switch (kind) {
      case 'event_published':
        return this.#publish(row, facts);
      case 'event_no_subscribers':
        return;
      case 'event_handler_start':
        table.set(row, FLAG.logged);
        if (attempt !== 1) return;
        table.deliveries.add(row, 1);
        table.open.add(row, 1);
        return;
      case 'event_handler_complete':
        table.set(row, FLAG.logged);
        this.#measure(row, facts);
        return this.#end(row);
      case 'event_handler_error':
        return this.#fail(row, facts);
      case 'event_delivery_dead':
        // Where its last error's record is missing, this tells of the failure.
        if (table.lastFailed.get(row) === facts.delivery) return;
        table.set(row, FLAG.failed);
        return this.#end(row);
      case 'event_delivery_abandoned':
        table.set(row, FLAG.abandoned);
        return this.#cut(row, attempt);
      case 'event_delivery_dropped':
        return this.#cut(row, attempt);
    }
  }

  #publish(row: number, facts: RecordFacts): void {
    const table = this.#table;
    table.events.add(row, 1);
    table.expected.add(row, facts.subscribers);
    if (table.is(row, FLAG.begun) && facts.seq >= table.firstSeq.get(row)) return;
    table.set(row, FLAG.begun);
    table.firstSeq.set(row, facts.seq);
    table.setRoot(row, facts.eventType);
  }

  #fail(row: number, facts: RecordFacts): void {
    const table = this.#table;
    table.errors.add(row, 1);
    this.#measure(row, facts);
    if (facts.willRetry) return;
    table.set(row, FLAG.failed);
    table.lastFailed.set(row, facts.delivery);
    this.#end(row);
  }

  /** It ended by being dropped or abandoned, perhaps before its first attempt. */
  #cut(row: number, attempt: number): void {
    if (attempt === 0) this.#table.deliveries.add(row, 1);
    else this.#end(row);
  }

  #end(row: number): void {
    // Of one whose start is not in the log, only the ending is.
    if (this.#table.open.get(row) > 0) this.#table.open.add(row, -1);
  }

  /** Timestamps are whole milliseconds; what was measured is finer. */
  #measure(row: number, { tookMs }: RecordFacts): void {
    const took = Math.round(tookMs * 1_000);
    if (took > this.#table.longest.get(row)) this.#table.longest.set(row, took);
  }
}

function factsOf(record: TraceRecord): RecordFacts {
  const delivery = isDeliveryRecord(record) ? record : undefined;
  const id = Buffer.from(delivery?.delivery_id ?? '');
  const timed = record.event === 'event_handler_complete' || record.event === 'event_handler_error';
  return {
    kind: record.event,
    time: Date.parse(record.timestamp),
    seq: record.seq,
    subscribers: record.event === 'event_published' ? record.subscriber_count : 0,
    attempt: delivery?.attempt ?? 0,
    tookMs: timed ? record.queued_ms + record.duration_ms : 0,
    willRetry: record.event === 'event_handler_error' && record.will_retry,
    delivery: hashOf(id, 0, id.length),
    eventType: record.event_type,
  };
}
