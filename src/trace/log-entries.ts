/** What happened in a trace in the order it was logged: one entry for each record, as far as the forest keeps them. */
import type { Level } from '../record/index.js';
import type { Attempt, AttemptEnd, DeliveryNode, DeliveryState, EventNode, Trace } from './forest.js';

type Ended<K extends AttemptEnd['kind']> = Extract<AttemptEnd, { readonly kind: K }>;
type Over<K extends DeliveryState['kind']> = Extract<DeliveryState, { readonly kind: K }>;

interface OfEvent {
  readonly event: EventNode;
}

interface OfDelivery {
  readonly delivery: DeliveryNode;
}

interface OfAttempt extends OfDelivery {
  readonly attempt: Attempt;
}

export type LogEntry = {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly seq: number;
  readonly level: Level;
} & (
  | ({ readonly kind: 'published' | 'no_subscribers' } & OfEvent)
  | ({ readonly kind: 'start' } & OfAttempt)
  | ({ readonly kind: 'complete'; readonly end: Ended<'done'> } & OfAttempt)
  | ({ readonly kind: 'error'; readonly end: Ended<'failed'> } & OfAttempt)
  | ({ readonly kind: 'over'; readonly state: Over<'dead' | 'dropped' | 'abandoned'> } & OfDelivery)
);

/** In order of `seq`. What no record of its own tells (an event of which only deliveries were logged) has no entry. */
export function logEntries(trace: Trace): readonly LogEntry[] {
  const entries: LogEntry[] = [];
  for (const event of trace.events) {
    const { time, seq } = event;
    if (event.published !== undefined) entries.push({ kind: 'published', time, seq, level: 'info', event });
    // Its record follows that of the event at once.
    if (event.noSubscribers) entries.push({ kind: 'no_subscribers', time, seq: seq + 0.5, level: 'warn', event });
  }
  for (const delivery of trace.deliveries) {
    for (const attempt of delivery.attempts) entries.push(...attemptEntries(delivery, attempt));
    const { state } = delivery;
    if (state.kind !== 'dead' && state.kind !== 'dropped' && state.kind !== 'abandoned') continue;
    const level = state.kind === 'dead' ? 'error' : 'warn';
    entries.push({ kind: 'over', time: state.time, seq: state.seq, level, delivery, state });
  }
  return entries.sort((a, b) => a.seq - b.seq || a.time - b.time);
}

function attemptEntries(delivery: DeliveryNode, attempt: Attempt): LogEntry[] {
  const { startTime, startLogged, seq, end } = attempt;
  const entries: LogEntry[] = [];
  const of = { delivery, attempt };
  if (startLogged) entries.push({ kind: 'start', time: startTime, seq, level: 'debug', ...of });
  if (end.kind === 'done') {
    entries.push({ kind: 'complete', time: end.time, seq: end.seq, level: 'debug', end, ...of });
  } else if (end.kind === 'failed') {
    entries.push({ kind: 'error', time: end.time, seq: end.seq, level: 'error', end, ...of });
  }
  return entries;
}
