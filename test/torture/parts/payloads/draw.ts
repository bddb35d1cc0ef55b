/** Payloads as nobody wants them, drawn by fast-check. */
import fc from 'fast-check';
import { isObject, MAX_PAYLOAD_BYTES, MAX_PAYLOAD_DEPTH } from '../../../../src/kernel/index.js';

export type Payload = { [key: string]: unknown };

/** What records call their own keys, and what objects do. */
const KEYS = [
  'level',
  'event',
  'seq',
  'session',
  'timestamp',
  'time',
  'msg',
  'pid',
  'hostname',
  'err',
  'payload',
  'payload_keys',
  'event_id',
  'event_type',
  'trace_id',
  'source',
  'subscriber_count',
  'will_retry',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'toJSON',
  'hasOwnProperty',
  'length',
  'then',
  '',
  ' ',
  '0',
  '-1',
  'a.b',
  'a[0]',
  '$',
  '*',
  '\n',
  '"',
  '\\',
  '\u0000',
  '\u2028',
  '\ud800',
];

const FORGED =
  '"}\n{"level":"error","timestamp":"2026-11-23T10:00:00.000Z","event":"event_published","seq":1,"session":"forged"}';

const texts = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    FORGED,
    '","event":"log_gap","lost":5,"x":"',
    '\\',
    '\\"',
    '\\u0022',
    '\u001b[2J',
    '\u009b31m',
    '\r\n',
    '\u202e\u200b\u2028',
    '\ud800',
    '\udfff\ud800',
    '[Redacted]',
    'NaN',
    '{{ event.payload }}',
    '</script><script>alert(1)</script>',
    '-->',
    '=cmd|x',
    '`rm x`',
  ),
);

const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(0, -0, 5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER + 1, -1e21, 1e-7, 123456789012345680000),
);

const keys = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...KEYS) }, fc.string({ maxLength: 10 }), texts);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(texts, numbers, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(keys, tie('value')), { maxLength: 6 }).map(object),
  ),
}));

/** An object with these keys of its own, `__proto__` among them. */
export function object(entries: readonly (readonly [string, unknown])[]): Payload {
  return Object.fromEntries(entries);
}

function nested(levels: number, kind: 'list' | 'map'): Payload {
  let inner: unknown = 'bottom';
  for (let level = 1; level < levels; level++) inner = kind === 'list' ? [inner] : object([['k', inner]]);
  return { deep: inner };
}

/** Any JSON object, as deep and as large as it may be and beyond. */
export const payloads: fc.Arbitrary<Payload> = fc.oneof(
  { weight: 30, arbitrary: fc.array(fc.tuple(keys, value), { maxLength: 8 }).map(object) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.integer({ min: MAX_PAYLOAD_DEPTH - 2, max: MAX_PAYLOAD_DEPTH + 3 }), fc.constantFrom('list', 'map'))
      .map(([levels, kind]) => nested(levels, kind)),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1_000, max: 20_000 }).map((levels) => nested(levels, 'list')) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: -12, max: 12 }), fc.constantFrom('x', '\u0000', '日', '"', '\ud800'))
      .map(([over, letter]) => filled(letter, MAX_PAYLOAD_BYTES + over)),
  },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1_000, max: 30_000 })
      .map((count) => object(Array.from({ length: count }, (_, n) => [`k${n}`, n]))),
  },
  // Only written JSON can hold these: `1e999` is read as Infinity.
  { weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity).map((huge) => ({ list: [1, { huge }] })) },
);

/** A payload of so many bytes, or a few less. */
function filled(letter: string, bytes: number): Payload {
  const each = Buffer.byteLength(JSON.stringify(letter)) - 2;
  return { text: letter.repeat(Math.floor((bytes - '{"text":""}'.length) / each)) };
}

/** What programs in the same process may publish besides: things that JSON cannot hold, or that fight back. */
export const strangeThings: fc.Arbitrary<Payload> = fc
  .constantFrom<(base: Payload) => Payload>(
    (base) => ({ ...base, a: undefined, b: Number.NaN, c: Number.NEGATIVE_INFINITY }),
    (base) => ({ ...base, f: () => 'x', s: Symbol('x') }),
    (base) => ({ ...base, big: 2n ** 80n }),
    (base) => ({ ...base, at: new Date(8.64e15), bad: new Date(Number.NaN), map: new Map([[1, 2]]), re: /x/g }),
    (base) => Object.assign(base, { self: base, list: [base] }),
    (base) => Object.defineProperty(base, 'trap', { enumerable: true, get: () => JSON.parse('{') }),
    (base) => ({ ...base, toJSON: () => ({ event: 'forged', seq: -1 }) }),
    (base) => ({ ...base, toJSON: () => 'a text' }),
    (base) => ({ ...base, toJSON: () => JSON.parse('{') }),
    (base) =>
      Object.defineProperty(base, 'then', {
        enumerable: true,
        value: (resolve: (of: unknown) => void) => resolve('thenable'),
      }),
    (base) => ({ ...base, buffer: Buffer.from('abc'), error: new Error('x'), weak: new WeakMap() }),
    (base) => new Proxy(base, { ownKeys: () => JSON.parse('{'), get: () => JSON.parse('{') }),
    (base) => Object.assign(Object.create({ inherited: 1 }), base),
    (base) => Object.assign(Object.create(null), base),
    (base) => Object.freeze({ ...base, list: Object.freeze([1]) }),
  )
  .chain((make) => fc.array(fc.tuple(keys, value), { maxLength: 3 }).map((entries) => make(object(entries))));

/** Whether a payload may come from outside; said a second time, and plainly. */
export function isAllowed(payload: Payload): boolean {
  return levelsOf(payload) <= MAX_PAYLOAD_DEPTH && Buffer.byteLength(JSON.stringify(payload)) <= MAX_PAYLOAD_BYTES;
}

/** Levels of objects and lists; `Infinity` where there is a number that JSON cannot hold. */
export function levelsOf(payload: unknown): number {
  let level: unknown[] = [payload];
  let levels = 0;
  for (; level.length > 0; levels++) {
    if (level.some((each) => typeof each === 'number' && !Number.isFinite(each))) return Number.POSITIVE_INFINITY;
    level = level.flatMap((each) => (Array.isArray(each) ? each : isObject(each) ? Object.values(each) : []));
  }
  // The last round held no containers.
  return levels - (containsOnlyScalars(payload) ? 0 : 1);
}

function containsOnlyScalars(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
