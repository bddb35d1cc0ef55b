/** The keys of the records that tell of a trace, and how they are known by their bytes. */
import type { TraceRecord } from '../trace-records.js';

export type TraceKind = TraceRecord['event'];

/** What a key must hold for its record to be one; see the schema. */
type Holds = 'text' | 'number' | 'flag' | 'texts';

const KEYS = {
  level: 'text',
  timestamp: 'text',
  event: 'text',
  seq: 'number',
  session: 'text',
  event_type: 'text',
  event_id: 'text',
  trace_id: 'text',
  source: 'text',
  causation_id: 'text',
  causation_delivery_id: 'text',
  subscriber_count: 'number',
  payload_keys: 'texts',
  delivery_id: 'text',
  subscription_id: 'text',
  service: 'text',
  handler: 'text',
  attempt: 'number',
  duration_ms: 'number',
  queued_ms: 'number',
  fault: 'text',
  error: 'text',
  error_name: 'text',
  will_retry: 'flag',
  reason: 'text',
} as const satisfies Readonly<Record<string, Holds>>;

export type KeyName = keyof typeof KEYS;

export interface Key {
  readonly name: KeyName;
  readonly holds: Holds;
  /** One bit. */
  readonly bit: number;
  readonly bytes: Buffer;
}

const LIST = keyNames().map((name, index): Key => {
  return { name, holds: KEYS[name], bit: 1 << index, bytes: Buffer.from(name) };
});

function keyNames(): KeyName[] {
  const isName = (name: string): name is KeyName => Object.hasOwn(KEYS, name);
  return Object.keys(KEYS).filter(isName);
}

/** By length, first and third letter: no two of them share all three. */
const SLOTS: (Key | undefined)[] = new Array(1 << 12).fill(undefined);
for (const key of LIST) {
  const slot = slotOf(key.bytes, 0, key.bytes.length);
  if (SLOTS[slot] !== undefined) throw new Error(`${key.name} is not told apart`);
  SLOTS[slot] = key;
}

function slotOf(bytes: Uint8Array, from: number, to: number): number {
  return (((to - from) << 7) ^ ((bytes[from] ?? 0) << 4) ^ (bytes[from + 2] ?? 0)) & 0xfff;
}

/** The key whose name is from `from` to `to`, if it is one of them. */
export function keyAt(bytes: Uint8Array, from: number, to: number): Key | undefined {
  const key = SLOTS[slotOf(bytes, from, to)];
  return key !== undefined && isAt(key.bytes, bytes, from, to) ? key : undefined;
}

const COMMON = ['level', 'timestamp', 'event', 'seq', 'session'] as const;
const EVENT = [...COMMON, 'event_type', 'event_id', 'trace_id'] as const;
const DELIVERY = [...EVENT, 'delivery_id', 'subscription_id', 'service', 'handler', 'attempt'] as const;
const TIMED = [...DELIVERY, 'duration_ms', 'queued_ms'] as const;

const REQUIRED: Readonly<Record<TraceKind, readonly KeyName[]>> = {
  event_published: [...EVENT, 'source', 'subscriber_count', 'payload_keys'],
  event_no_subscribers: [...EVENT, 'source'],
  event_handler_start: DELIVERY,
  event_handler_complete: TIMED,
  event_handler_error: [...TIMED, 'error', 'error_name', 'will_retry'],
  event_delivery_dropped: [...DELIVERY, 'reason'],
  event_delivery_dead: [...DELIVERY, 'reason'],
  event_delivery_abandoned: [...DELIVERY, 'reason'],
};

export interface Kind {
  readonly name: TraceKind;
  readonly bytes: Buffer;
  /** The bits of all keys that it must have. */
  readonly required: number;
}

const KINDS = kindNames().map((name): Kind => {
  const required = LIST.filter((key) => REQUIRED[name].includes(key.name)).reduce((bits, { bit }) => bits | bit, 0);
  return { name, bytes: Buffer.from(name), required };
});

function kindNames(): TraceKind[] {
  const isKind = (name: string): name is TraceKind => Object.hasOwn(REQUIRED, name);
  return Object.keys(REQUIRED).filter(isKind);
}

/** The kind whose name is from `from` to `to`, if it is one of a trace. */
export function kindAt(bytes: Uint8Array, from: number, to: number): Kind | undefined {
  for (const kind of KINDS) if (isAt(kind.bytes, bytes, from, to)) return kind;
  return undefined;
}

const LEVELS = ['debug', 'info', 'warn', 'error'].map((level) => Buffer.from(level));

export function isLevelAt(bytes: Uint8Array, from: number, to: number): boolean {
  return LEVELS.some((level) => isAt(level, bytes, from, to));
}

/** Whether the bytes from `from` to `to` are those of `word`. */
export function isAt(word: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (word.length !== to - from) return false;
  // Names differ near their ends.
  for (let index = word.length - 1; index >= 0; index--) if (word[index] !== bytes[from + index]) return false;
  return true;
}
