/** A log whose every text is hostile. */
import type { LogRecord } from '../../../../src/record/index.js';
import { completed, ended, failed, noSubscribers, published, record, started } from '../../../support/records.js';

export const TRACE = 'req-1';

/** Records of two requests, in a session each, with `texts` in every column. */
export function hostileStory(texts: readonly string[], session: string): readonly LogRecord[] {
  let next = 0;
  const text = () => texts[next++ % texts.length] ?? '';
  const [service, handler, type] = [text(), text(), text()];
  const own = { service, handler, event_type: type, session, subscription_id: text() };
  const ids = { event: `evt-${text()}`, delivery: `dlv-${text()}`, other: `evt-2${text()}` };
  return [
    record('session_started', { session, scenario: text(), seed: 1, clock: 'real', version: text(), name: text() }),
    record('event_subscription', { ...own, total_subscribers: 1 }),
    published(ids.event, {
      session,
      event_type: type,
      source: text(),
      payload_keys: [text()],
      payload: { [text()]: [text()] },
    }),
    started(ids.delivery, ids.event, own),
    failed(ids.delivery, ids.event, {
      ...own,
      error: text(),
      error_name: text(),
      fault: text(),
      will_retry: true,
      duration_ms: 30,
    }),
    started(ids.delivery, ids.event, { ...own, attempt: 2 }),
    completed(ids.delivery, ids.event, { ...own, attempt: 2, fault: text() }),
    ended('dropped', `dlv-2${text()}`, ids.event, { ...own, reason: text(), fault: text() }),
    ended('abandoned', `dlv-3${text()}`, ids.event, { ...own, reason: text() }),
    published(ids.other, {
      session,
      event_type: text(),
      source: text(),
      causation_id: ids.event,
      causation_delivery_id: ids.delivery,
      subscriber_count: 0,
    }),
    noSubscribers(ids.other, { session, event_type: text(), source: text() }),
    published(`evt-3${text()}`, { session, trace_id: text(), event_type: text(), source: text() }),
    record('control_changed', { session, action: text(), target: text(), by: text() }),
    record('log_gap', { session, lost: 3 }),
    record('event_unsubscription', { ...own, total_subscribers: 0 }),
    record('session_stopped', {
      session,
      reason: text(),
      events: 3,
      deliveries: 3,
      errors: 1,
      dead: 0,
      dropped: 1,
      abandoned: 1,
    }),
  ];
}

/** The id of the first event. */
export function firstEvent(records: readonly LogRecord[]): string {
  const first = records.find(({ event }) => event === 'event_published');
  return typeof first?.event_id === 'string' ? first.event_id : '';
}
