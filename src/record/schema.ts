/**
 * The log's one schema, for the writer and for every reader: types and checks come from the same table. Names are the
 * Event Bus Guide's (snake_case). To add a kind of record: one entry in `RECORDS`, and the recorder's line that writes
 * it.
 */
import { anything, count, type Fields, flag, oneOf, optional, text, texts, type Values } from './field.js';

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

const milliseconds = count;
/** An event without a cause has no such key in old logs and `null` nowhere: the key is left out. */
const optionalText = optional(text);

/** What every record has, besides its `event`. */
export const COMMON = {
  level: oneOf(LEVELS),
  /** ISO 8601, UTC, with milliseconds. */
  timestamp: text,
  /** Rises by one within a session. */
  seq: count,
  /** New at every start. */
  session: text,
} as const satisfies Fields;

const delivery = {
  delivery_id: text,
  subscription_id: text,
  event_id: text,
  event_type: text,
  trace_id: text,
  service: text,
  handler: text,
  attempt: count,
} as const;

const subscription = {
  event_type: text,
  subscription_id: text,
  service: text,
  handler: text,
  total_subscribers: count,
} as const;

const timing = { duration_ms: milliseconds, queued_ms: milliseconds, fault: optionalText } as const;

/** Every kind of record by its `event` key. */
export const RECORDS = {
  session_started: {
    scenario: optionalText,
    seed: optional(count),
    clock: oneOf(['real', 'virtual']),
    speed: optional(count),
    version: text,
    name: optionalText,
  },
  session_stopped: {
    reason: text,
    events: count,
    deliveries: count,
    errors: count,
    dead: count,
    dropped: count,
    abandoned: count,
  },
  event_subscription: subscription,
  event_unsubscription: subscription,
  event_published: {
    event_type: text,
    event_id: text,
    source: text,
    trace_id: text,
    causation_id: optionalText,
    causation_delivery_id: optionalText,
    subscriber_count: count,
    payload_keys: texts,
    payload: anything,
  },
  event_no_subscribers: { event_type: text, event_id: text, source: text, trace_id: text },
  event_handler_start: delivery,
  event_handler_complete: { ...delivery, ...timing },
  event_handler_error: { ...delivery, ...timing, error: text, error_name: text, will_retry: flag },
  event_delivery_dropped: { ...delivery, fault: optionalText, reason: text },
  event_delivery_dead: { ...delivery, reason: text },
  event_delivery_abandoned: { ...delivery, reason: text },
  control_changed: { action: text, target: text, by: text },
  log_gap: { lost: count },
} as const satisfies Readonly<Record<string, Fields>>;

export type RecordKind = keyof typeof RECORDS;

type Known<K extends RecordKind> = Values<typeof COMMON> & { event: K } & Values<(typeof RECORDS)[K]>;

/** One record of kind `K`, as read; keys that this version does not know are kept. */
export type RecordOf<K extends RecordKind> = { [key: string]: unknown } & { [P in keyof Known<K>]: Known<K>[P] };

/** Any record of the log, told apart by `event`. */
export type LogRecord = { [K in RecordKind]: RecordOf<K> }[RecordKind];

/** What the writer gives for a record of kind `K`: its keys less the common ones, and no others. */
export type RecordFields<K extends RecordKind> = Values<(typeof RECORDS)[K]>;

/** The level each kind is written at. */
export const RECORD_LEVELS = {
  session_started: 'info',
  session_stopped: 'info',
  event_subscription: 'info',
  event_unsubscription: 'info',
  event_published: 'info',
  event_no_subscribers: 'warn',
  event_handler_start: 'debug',
  event_handler_complete: 'debug',
  event_handler_error: 'error',
  event_delivery_dropped: 'warn',
  event_delivery_dead: 'error',
  event_delivery_abandoned: 'warn',
  control_changed: 'info',
  log_gap: 'error',
} as const satisfies Record<RecordKind, Level>;

/** True for a word that is the `event` of one of our records. */
export function isRecordKind(word: unknown): word is RecordKind {
  return typeof word === 'string' && Object.hasOwn(RECORDS, word);
}
