/**
 * The log's one schema, for the writer and for every reader. Names are the Event Bus Guide's (snake_case).
 * To add a kind of record: one entry in `RECORDS`, and the recorder's line that writes it.
 */
import * as z from 'zod/mini';

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

const text = z.string();
const count = z.number();
const milliseconds = z.number();
/** An event without a cause has no such key in old logs and `null` nowhere: the key is left out. */
const optionalText = z.optional(text);

const common = {
  level: z.enum(LEVELS),
  /** ISO 8601, UTC, with milliseconds. */
  timestamp: text,
  /** Rises by one within a session. */
  seq: count,
  /** New at every start. */
  session: text,
};

const delivery = {
  delivery_id: text,
  subscription_id: text,
  event_id: text,
  event_type: text,
  trace_id: text,
  service: text,
  handler: text,
  attempt: count,
};

const subscription = {
  event_type: text,
  subscription_id: text,
  service: text,
  handler: text,
  total_subscribers: count,
};

/** Every kind of record by its `event` key. */
export const RECORDS = {
  session_started: z.looseObject({
    ...common,
    event: z.literal('session_started'),
    scenario: optionalText,
    seed: z.optional(count),
    clock: z.enum(['real', 'virtual']),
    speed: z.optional(count),
    version: text,
    name: optionalText,
  }),
  session_stopped: z.looseObject({
    ...common,
    event: z.literal('session_stopped'),
    reason: text,
    events: count,
    deliveries: count,
    errors: count,
    dead: count,
    dropped: count,
    abandoned: count,
  }),
  event_subscription: z.looseObject({ ...common, event: z.literal('event_subscription'), ...subscription }),
  event_unsubscription: z.looseObject({ ...common, event: z.literal('event_unsubscription'), ...subscription }),
  event_published: z.looseObject({
    ...common,
    event: z.literal('event_published'),
    event_type: text,
    event_id: text,
    source: text,
    trace_id: text,
    causation_id: optionalText,
    causation_delivery_id: optionalText,
    subscriber_count: count,
    payload_keys: z.array(text),
    payload: z.optional(z.unknown()),
  }),
  event_no_subscribers: z.looseObject({
    ...common,
    event: z.literal('event_no_subscribers'),
    event_type: text,
    event_id: text,
    source: text,
    trace_id: text,
  }),
  event_handler_start: z.looseObject({ ...common, event: z.literal('event_handler_start'), ...delivery }),
  event_handler_complete: z.looseObject({
    ...common,
    event: z.literal('event_handler_complete'),
    ...delivery,
    duration_ms: milliseconds,
    queued_ms: milliseconds,
    fault: optionalText,
  }),
  event_handler_error: z.looseObject({
    ...common,
    event: z.literal('event_handler_error'),
    ...delivery,
    duration_ms: milliseconds,
    queued_ms: milliseconds,
    fault: optionalText,
    error: text,
    error_name: text,
    will_retry: z.boolean(),
  }),
  event_delivery_dropped: z.looseObject({
    ...common,
    event: z.literal('event_delivery_dropped'),
    ...delivery,
    fault: optionalText,
    reason: text,
  }),
  event_delivery_dead: z.looseObject({ ...common, event: z.literal('event_delivery_dead'), ...delivery, reason: text }),
  event_delivery_abandoned: z.looseObject({
    ...common,
    event: z.literal('event_delivery_abandoned'),
    ...delivery,
    reason: text,
  }),
  control_changed: z.looseObject({
    ...common,
    event: z.literal('control_changed'),
    action: text,
    target: text,
    by: text,
  }),
  log_gap: z.looseObject({ ...common, event: z.literal('log_gap'), lost: count }),
} as const;

export type RecordKind = keyof typeof RECORDS;

/** One record of kind `K`, as read; keys that this version does not know are kept. */
export type RecordOf<K extends RecordKind> = z.infer<(typeof RECORDS)[K]>;

/** Any record of the log, told apart by `event`. */
export type LogRecord = { [K in RecordKind]: RecordOf<K> }[RecordKind];

type WithoutIndex<T> = { [K in keyof T as string extends K ? never : K]: T[K] };

/** What the writer gives for a record of kind `K`: its keys less the common ones, and no others. */
export type RecordFields<K extends RecordKind> = Omit<
  WithoutIndex<RecordOf<K>>,
  'level' | 'timestamp' | 'seq' | 'session' | 'event'
>;

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
