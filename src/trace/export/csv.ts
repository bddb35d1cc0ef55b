/** CSV (RFC 4180): one line for each event and each delivery, in order of what was logged first. */
import { safeLines } from '../../kernel/index.js';
import { roundMs } from '../analysis.js';
import type { DeliveryNode, EventNode } from '../forest.js';
import { isoTime } from '../time.js';
import { criticalMs, type ExportSource } from './exporter.js';

const COLUMNS = [
  ...['kind', 'trace_id', 'session', 'seq', 'timestamp', 'offset_ms'],
  ...['event_id', 'event_type', 'source', 'causation_id', 'causation_delivery_id', 'subscribers'],
  ...['delivery_id', 'service', 'handler', 'state', 'reason', 'attempts'],
  ...['queued_ms', 'duration_ms', 'self_ms', 'critical_ms', 'error_name', 'error', 'inferred'],
] as const;

type Row = Partial<Readonly<Record<(typeof COLUMNS)[number], string | number | undefined>>>;

/**
 * Text that a spreadsheet would take for a formula begins with an apostrophe, as spreadsheets themselves write it. Control
 * and bidi characters are made visible, line breaks stay: CSV has no escapes, and may be printed. JSON has it as it was.
 */
export function toCsv(sources: readonly ExportSource[]): string {
  const rows = sources.flatMap(rowsOf);
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

function rowsOf(source: ExportSource): Row[] {
  const { trace } = source;
  const critical = criticalMs(source.critical);
  const rows = [
    ...trace.events.map((event) => ({ seq: event.seq, row: eventRow(event, source) })),
    ...trace.deliveries.map((delivery) => ({ seq: delivery.seq, row: deliveryRow(delivery, source, critical) })),
  ];
  return rows.sort((a, b) => a.seq - b.seq).map(({ row }) => row);
}

function eventRow(event: EventNode, { trace, analysis }: ExportSource): Row {
  const { cause } = event;
  return {
    kind: 'event',
    trace_id: trace.traceId,
    session: trace.session,
    seq: event.seq,
    timestamp: isoTime(event.time),
    offset_ms: roundMs(event.time - analysis.startTime),
    event_id: event.id,
    event_type: event.type,
    source: event.source,
    causation_id: 'eventId' in cause ? cause.eventId : undefined,
    causation_delivery_id: 'deliveryId' in cause ? cause.deliveryId : undefined,
    subscribers: event.published?.subscriberCount,
    inferred: event.inferred?.join(' '),
  };
}

function deliveryRow(
  delivery: DeliveryNode,
  { trace, analysis, selfMs }: ExportSource,
  critical: ReadonlyMap<string, number>,
): Row {
  const { state, attempts } = delivery;
  const failed = attempts.findLast(({ end }) => end.kind === 'failed')?.end;
  const error = failed?.kind === 'failed' ? failed.error : undefined;
  const begun = attempts.length > 0;
  return {
    kind: 'delivery',
    trace_id: trace.traceId,
    session: trace.session,
    seq: delivery.seq,
    timestamp: isoTime(delivery.time),
    offset_ms: roundMs(delivery.time - analysis.startTime),
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    delivery_id: delivery.id,
    service: delivery.service,
    handler: delivery.handler,
    state: state.kind,
    reason: 'reason' in state ? state.reason : undefined,
    attempts: attempts.length,
    queued_ms: delivery.queuedMs,
    duration_ms: !begun || delivery.durationMs === undefined ? undefined : roundMs(delivery.durationMs),
    self_ms: begun ? roundMs(selfMs.get(delivery.id) ?? 0) : undefined,
    critical_ms: begun ? roundMs(critical.get(delivery.id) ?? 0) : undefined,
    error_name: error?.name,
    error: error?.message,
    inferred: delivery.inferred?.join(' '),
  };
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const visible = safeLines(value);
  const text = /^[=+\-@]/.test(visible) ? `'${visible}` : visible;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
