/** Requests that tell a story each, for renderings that people read. */
import type { LogRecord } from '../../src/record/index.js';
import { at, completed, ended, failed, noSubscribers, published, started } from '../support/records.js';

const vector = { service: 'vector_index', handler: 'index_repository', subscription_id: 'sub-1' };
const metrics = { service: 'metrics', handler: 'track_index_metrics', subscription_id: 'sub-2' };
const notify = { service: 'notifications', handler: 'notify_on_failure', subscription_id: 'sub-3' };

function clock(ms: number): { readonly timestamp: string } {
  return { timestamp: at(ms) };
}

function cause(event: string, delivery: string, source: string) {
  return { causation_id: event, causation_delivery_id: delivery, source };
}

/** The same records with `seq` from 1, whatever other tests made before. */
function numbered(all: readonly LogRecord[]): LogRecord[] {
  return all.map((record, index) => ({ ...record, seq: index + 1 }));
}

/** Retried once, then well; one subscriber waits in a queue; one event nobody wants. */
export function indexing(): LogRecord[] {
  const updated = { event_type: 'index.updated', payload_keys: ['repo_path', 'files_indexed', 'chunks_created'] };
  const done = { event_type: 'index.completed', payload_keys: ['repo_path'] };
  const fault = { error: 'disk full', error_name: 'SimulatedFault', will_retry: true, fault: 'error' };
  return numbered([
    published('evt-1', { ...clock(0) }),
    started('dlv-1', 'evt-1', { ...vector, ...clock(0) }),
    failed('dlv-1', 'evt-1', { ...vector, ...clock(81), ...fault, duration_ms: 81.204 }),
    started('dlv-1', 'evt-1', { ...vector, attempt: 2, ...clock(131) }),
    published('evt-2', { ...updated, ...cause('evt-1', 'dlv-1', 'vector_index'), ...clock(300), subscriber_count: 0 }),
    noSubscribers('evt-2', { ...clock(300), event_type: 'index.updated', source: 'vector_index' }),
    completed('dlv-1', 'evt-1', { ...vector, attempt: 2, ...clock(343), duration_ms: 211.88 }),
    published('evt-3', { ...done, ...cause('evt-1', 'dlv-1', 'vector_index'), ...clock(363), subscriber_count: 2 }),
    started('dlv-2', 'evt-3', { ...metrics, ...clock(363), event_type: 'index.completed' }),
    completed('dlv-2', 'evt-3', { ...metrics, ...clock(365), event_type: 'index.completed', duration_ms: 2.013 }),
    started('dlv-3', 'evt-3', { ...notify, ...clock(399), event_type: 'index.completed' }),
    completed('dlv-3', 'evt-3', { ...notify, ...clock(411), duration_ms: 12.4, queued_ms: 35.7 }),
  ]);
}

/** Everything that can go wrong with a delivery, and a log that ends too early. */
export function trouble(): LogRecord[] {
  const long = 'connection to 10.0.0.7:5432 was refused after three tries; is the database up and are you on the VPN?';
  const retry = { error: long, error_name: 'ConnectionError', will_retry: true };
  return numbered([
    published('evt-1', { ...clock(0), subscriber_count: 7 }),
    started('dlv-1', 'evt-1', { ...vector, ...clock(0) }),
    failed('dlv-1', 'evt-1', { ...vector, ...clock(4), error: 'cannot read properties', error_name: 'TypeError' }),
    started('dlv-2', 'evt-1', { ...metrics, ...clock(4) }),
    failed('dlv-2', 'evt-1', { ...metrics, ...clock(11), ...retry, duration_ms: 7 }),
    ended('dropped', 'dlv-3', 'evt-1', { ...notify, ...clock(12), attempt: 0 }),
    started('dlv-2', 'evt-1', { ...metrics, ...clock(31), attempt: 2 }),
    failed('dlv-2', 'evt-1', { ...metrics, ...clock(71), ...retry, will_retry: false, attempt: 2, duration_ms: 40 }),
    ended('dead', 'dlv-2', 'evt-1', { ...metrics, ...clock(71), attempt: 2, reason: long }),
    started('dlv-4', 'evt-1', { ...notify, handler: 'page_on_call', ...clock(72) }),
    started('dlv-5', 'evt-1', { ...notify, handler: 'send_mail', ...clock(73) }),
    failed('dlv-5', 'evt-1', { ...notify, handler: 'send_mail', ...clock(75), ...retry, error: 'greylisted' }),
    started('dlv-6', 'evt-1', { service: '', handler: 'anonymous', ...clock(80) }),
    ended('abandoned', 'dlv-6', 'evt-1', { service: '', handler: 'anonymous', ...clock(90), reason: 'bus_closed' }),
    published('evt-9', { ...clock(95), event_type: 'index.failed', causation_id: 'evt-8', subscriber_count: 0 }),
    started('dlv-7', 'evt-7', { ...notify, ...clock(96), event_type: 'llm.error' }),
  ]);
}

/** Names and messages that try to take over the terminal, or are wider than they look. */
export function hostile(): LogRecord[] {
  const evil = { event_type: 'evil\u001b[2J', source: '\u202egnp.exe', payload_keys: ['ключ', '\u001b]0;title\u0007'] };
  const wide = { service: '索引サービス', handler: '処理する👩‍👩‍👧 e\u0301' };
  const error = { error: 'first line\n  second\u001b[31m line', error_name: 'Boom\r\u009b' };
  return [
    published('evt-1', { ...evil, ...clock(0) }),
    started('dlv-1', 'evt-1', { ...wide, ...clock(1) }),
    failed('dlv-1', 'evt-1', { ...wide, ...error, ...clock(2_500), duration_ms: 2_499.4 }),
  ];
}

/** A chain in which each event leads to the next, `length` deliveries long. */
export function chain(length: number): LogRecord[] {
  // Checked once and copied: checking each would take longer than what is tested with them.
  const [event, begun, done] = [published('evt-1'), started('dlv-1', 'evt-1'), completed('dlv-1', 'evt-1')];
  const all: LogRecord[] = [];
  for (let index = 1; index <= length; index++) {
    const led = index === 1 ? {} : cause(`evt-${index - 1}`, `dlv-${index - 1}`, 'vector_index');
    const ids = { event_id: `evt-${index}`, delivery_id: `dlv-${index}` };
    all.push({ ...event, ...led, event_id: ids.event_id, ...clock(index), seq: 3 * index });
    all.push({ ...begun, ...ids, ...clock(index), seq: 3 * index + 1 });
    all.push({ ...done, ...ids, ...clock(index + 1), seq: 3 * index + 2 });
  }
  return all;
}

/** A whole request of many handlers: awaited ones, parallel ones, a retry, a queue, and some that nobody waits for. */
export function pipeline(): LogRecord[] {
  const all: LogRecord[] = [];
  const add = (...more: readonly LogRecord[]) => all.push(...more);
  const gateway = { service: 'gateway', handler: 'on_query', event_type: 'query.received', subscription_id: 'sub-1' };
  const search = {
    service: 'retrieval',
    handler: 'search_chunks',
    event_type: 'search.asked',
    subscription_id: 'sub-2',
  };
  const rank = { service: 'retrieval', handler: 'rank', event_type: 'search.asked', subscription_id: 'sub-3' };
  const llm = { service: 'llm', handler: 'complete', event_type: 'llm.request', subscription_id: 'sub-4' };
  const audit = { service: 'audit', handler: 'write_audit', event_type: 'llm.response', subscription_id: 'sub-5' };
  const meter = {
    service: 'metrics',
    handler: 'track_llm_metrics',
    event_type: 'llm.response',
    subscription_id: 'sub-6',
  };
  const by = (event: string, id: string, source: string) => cause(event, id, source);
  add(published('evt-1', { ...clock(0), event_type: 'query.received', payload_keys: ['query'] }));
  add(started('dlv-1', 'evt-1', { ...gateway, ...clock(1) }));
  add(
    published('evt-2', {
      ...by('evt-1', 'dlv-1', 'gateway'),
      ...clock(6),
      event_type: 'search.asked',
      subscriber_count: 2,
    }),
  );
  add(started('dlv-2', 'evt-2', { ...search, ...clock(6) }));
  add(started('dlv-3', 'evt-2', { ...rank, ...clock(6) }));
  add(completed('dlv-3', 'evt-2', { ...rank, ...clock(48), duration_ms: 41.6 }));
  add(completed('dlv-2', 'evt-2', { ...search, ...clock(131), duration_ms: 124.8 }));
  add(published('evt-3', { ...by('evt-1', 'dlv-1', 'gateway'), ...clock(139), event_type: 'llm.request' }));
  add(started('dlv-4', 'evt-3', { ...llm, ...clock(180) }));
  const slow = { error: 'complete timed out after 200 ms', error_name: 'TimeoutError', will_retry: true };
  add(failed('dlv-4', 'evt-3', { ...llm, ...clock(380), ...slow, duration_ms: 200.2, queued_ms: 41 }));
  add(started('dlv-4', 'evt-3', { ...llm, ...clock(430), attempt: 2 }));
  add(
    published('evt-4', {
      ...by('evt-3', 'dlv-4', 'llm'),
      ...clock(655),
      event_type: 'llm.response',
      subscriber_count: 2,
    }),
  );
  add(started('dlv-5', 'evt-4', { ...audit, ...clock(655) }));
  add(started('dlv-6', 'evt-4', { ...meter, ...clock(655) }));
  add(completed('dlv-4', 'evt-3', { ...llm, ...clock(657), attempt: 2, duration_ms: 226.9, queued_ms: 41 }));
  add(completed('dlv-6', 'evt-4', { ...meter, ...clock(659), duration_ms: 3.2 }));
  add(
    published('evt-5', {
      ...by('evt-1', 'dlv-1', 'gateway'),
      ...clock(670),
      event_type: 'query.completed',
      subscriber_count: 0,
    }),
  );
  add(noSubscribers('evt-5', { ...clock(670), event_type: 'query.completed', source: 'gateway' }));
  add(completed('dlv-1', 'evt-1', { ...gateway, ...clock(672), duration_ms: 670.9 }));
  add(completed('dlv-5', 'evt-4', { ...audit, ...clock(790), duration_ms: 134.6 }));
  return numbered(all);
}
