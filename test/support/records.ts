/** Single records for tests; `seq` and time rise from one to the next unless they are given. */
import { classify, type LogRecord, RECORD_LEVELS, type RecordFields, type RecordKind } from '../../src/record/index.js';
import { buildTrace, type Trace } from '../../src/trace/index.js';

type Common = { readonly seq?: number; readonly timestamp?: string; readonly session?: string };
type Some<K extends RecordKind> = Partial<RecordFields<K>> & Common;

export const T0 = Date.UTC(2026, 10, 23, 10, 0, 0);
let seq = 0;

/** `ms` milliseconds after T0, as the log writes it. */
export function at(ms: number): string {
  return new Date(T0 + ms).toISOString();
}

export function record<K extends RecordKind>(event: K, fields: RecordFields<K> & Common): LogRecord {
  seq++;
  const common = { level: RECORD_LEVELS[event], timestamp: at(0), event, seq, session: 's1' };
  const classified = classify({ ...common, ...fields });
  if (classified.kind !== 'record') throw new Error(`no valid ${event}: ${JSON.stringify(fields)}`);
  return classified.record;
}

export function published(event_id: string, fields: Some<'event_published'> = {}): LogRecord {
  const usual = { event_type: 'index.started', source: 'api_gateway', trace_id: 'req-1', payload_keys: ['repo_path'] };
  return record('event_published', { ...usual, event_id, subscriber_count: 1, ...fields });
}

export function noSubscribers(event_id: string, fields: Some<'event_no_subscribers'> = {}): LogRecord {
  const usual = { event_type: 'index.started', source: 'api_gateway', trace_id: 'req-1' };
  return record('event_no_subscribers', { ...usual, event_id, ...fields });
}

function delivery(delivery_id: string, event_id: string) {
  return {
    delivery_id,
    event_id,
    subscription_id: 'sub-1',
    event_type: 'index.started',
    trace_id: 'req-1',
    service: 'vector_index',
    handler: 'index_repository',
    attempt: 1,
  };
}

export function started(id: string, event: string, fields: Some<'event_handler_start'> = {}): LogRecord {
  return record('event_handler_start', { ...delivery(id, event), ...fields });
}

export function completed(id: string, event: string, fields: Some<'event_handler_complete'> = {}): LogRecord {
  return record('event_handler_complete', { ...delivery(id, event), duration_ms: 1, queued_ms: 0, ...fields });
}

export function failed(id: string, event: string, fields: Some<'event_handler_error'> = {}): LogRecord {
  const error = { error: 'disk full', error_name: 'SimulatedFault', will_retry: false };
  return record('event_handler_error', { ...delivery(id, event), duration_ms: 1, queued_ms: 0, ...error, ...fields });
}

export function ended(
  how: 'dropped' | 'dead' | 'abandoned',
  id: string,
  event: string,
  fields: Some<'event_delivery_dropped'> = {},
): LogRecord {
  return record(`event_delivery_${how}`, { ...delivery(id, event), reason: 'queue_full', ...fields });
}

/** The trace `req-1` of session `s1` in these records. */
export function records(...all: readonly LogRecord[]): Trace {
  return buildTrace(all, { traceId: 'req-1', session: 's1' });
}
