/** Which records tell of a trace, and the order they are read in. */
import type { LogRecord } from '../record/index.js';
import type { TraceKey } from './forest.js';

/** A record that belongs to one trace. */
export type TraceRecord = Extract<LogRecord, { readonly trace_id: string }>;
/** A record about one delivery. */
export type DeliveryRecord = Extract<LogRecord, { readonly delivery_id: string }>;

/** A record of records that were lost. */
export type GapRecord = Extract<LogRecord, { readonly event: 'log_gap' }>;

/** True for a record that belongs to a trace. */
export function isTraceRecord(record: LogRecord): record is TraceRecord {
  switch (record.event) {
    case 'event_published':
    case 'event_no_subscribers':
    case 'event_handler_start':
    case 'event_handler_complete':
    case 'event_handler_error':
    case 'event_delivery_dropped':
    case 'event_delivery_dead':
    case 'event_delivery_abandoned':
      return true;
    default:
      return false;
  }
}

/** True for a record about one delivery. */
export function isDeliveryRecord(record: LogRecord): record is DeliveryRecord {
  return isTraceRecord(record) && record.event !== 'event_published' && record.event !== 'event_no_subscribers';
}

export interface OrderedRecords {
  readonly records: readonly TraceRecord[];
  readonly duplicates: number;
  readonly outOfOrder: number;
  /** Of the trace's session, by `seq`. */
  readonly gaps: readonly GapRecord[];
}

/** The records of one trace by `seq`, each once. Equal ones may come from a rotated part that was read twice. */
export function orderRecords(records: Iterable<LogRecord>, key: TraceKey): OrderedRecords {
  const own: TraceRecord[] = [];
  const gaps = new Map<number, GapRecord>();
  let highest = Number.NEGATIVE_INFINITY;
  let outOfOrder = 0;
  for (const record of records) {
    if (record.event === 'log_gap' && record.session === key.session) gaps.set(record.seq, record);
    if (!isTraceRecord(record) || record.trace_id !== key.traceId || record.session !== key.session) continue;
    if (record.seq < highest) outOfOrder++;
    else highest = record.seq;
    own.push(record);
  }
  // Records that share a seq are in an order that does not depend on the order they were read in.
  own.sort((a, b) => a.seq - b.seq || compareText(JSON.stringify(a), JSON.stringify(b)));
  const once = withoutRepeats(own);
  return {
    records: once,
    duplicates: own.length - once.length,
    outOfOrder,
    gaps: [...gaps.values()].sort((a, b) => a.seq - b.seq),
  };
}

function withoutRepeats(sorted: readonly TraceRecord[]): TraceRecord[] {
  const once: TraceRecord[] = [];
  /** Identities of the records that share the last one's seq; made only where several do. */
  let seen: Set<string> | undefined;
  for (const record of sorted) {
    const previous = once.at(-1);
    if (record.seq === previous?.seq) {
      seen ??= new Set([identify(previous)]);
      const identity = identify(record);
      if (seen.has(identity)) continue;
      seen.add(identity);
    } else {
      seen = undefined;
    }
    once.push(record);
  }
  return once;
}

function identify(record: TraceRecord): string {
  const rest = isDeliveryRecord(record) ? `${record.delivery_id} ${record.attempt}` : record.event_id;
  return `${record.event} ${rest}`;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
