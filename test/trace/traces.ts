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
