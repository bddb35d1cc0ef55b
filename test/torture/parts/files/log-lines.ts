/** A good log, lines that nobody can mean put between its own, and logs whose records contradict each other. */
import { generateLog, toLines } from '../../../support/log-generator.js';
import { bytes, type Content, contentOf, type FileCase } from './case.js';

/** A log case; what is put between the lines of a good one must not change what `trace` tells of it. */
export interface LogCase extends FileCase {
  readonly unchanged?: true;
  /** Its records are whole, and contradict each other: the dashboard has to make something of them. */
  readonly dashboard?: true;
}

const generated = generateLog({ seed: 7, traces: 5 });
export const GOOD = toLines(generated.records);
/** Every one of these is in it. */
export const TRACES = generated.traceIds;
export const EVENT = 'evt-s1-1';

const START = '2026-11-23T10:00:00.000Z';

/** A record of another request, with these keys. */
function record(keys: object): string {
  return JSON.stringify({
    level: 'info',
    timestamp: START,
    event: 'event_published',
    seq: 900,
    session: 's9',
    event_type: 'a.b',
    event_id: 'evt-x',
    source: 'x',
    trace_id: 'other',
    subscriber_count: 0,
    payload_keys: [],
    ...keys,
  });
}

const LINES: Readonly<Record<string, Content>> = {
  'blank lines': () => '\n'.repeat(50_000),
  'carriage returns': '\r\r\r\n\r',
  NUL: () => new Uint8Array(100_000),
  'invalid UTF-8': Buffer.from([0xff, 0xfe, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf5]),
  'escape sequences': '\u001b[2J\u001b]0;x\u0007\u009b31m\u202e\u200b',
  'an open brace': '{',
  'the beginning of a record': '{"level":"info","timestamp":"2026',
  'a line of a megabyte': () => 'x'.repeat(1 << 20),
  'a line of 24 megabytes': () => 'x'.repeat(24 << 20),
  'a JSON line of 24 megabytes': () => `{"a":"${'x'.repeat(24 << 20)}"}`,
  'lists in lists': () => '['.repeat(200_000),
  'lists in lists that end': () => `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  'maps in maps that end': () => `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
  'a map of 100,000 keys': () =>
    JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, n]))),
  __proto__: '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  'a record with __proto__': record({ payload: JSON.parse('{"__proto__":{"polluted":1}}') }),
  'a key twice': '{"level":"info","level":"error","event":"event_published","event":"log_gap"}',
  'numbers beyond all bounds': '{"level":30,"time":1e999,"a":-0,"b":123456789012345678901234567890,"c":1e-999}',
  'half surrogates': '{"msg":"\\ud800 \\udfff"}',
  'no JSON': "{level: 'info', a: undefined, b: NaN,}",
  'a list': '[1,2,3]',
  'a text': '"a text"',
  'a number': '42',
  null: 'null',
  HTML: '<html><body>502 Bad Gateway</body></html>',
  'a byte order mark': '\ufeff{"level":"info"}',
  'a syslog prefix': 'Nov 23 10:00:00 host app[1]: {"level":"info","msg":"hello"}',
  'a record without its keys': '{"level":"info","timestamp":"x","event":"event_published","seq":1,"session":"s9"}',
  'a record of a kind to come': record({ event: 'event_teleported' }),
  'a record whose seq is a text': record({ seq: 'first' }),
  'a record whose seq is negative': record({ seq: -5 }),
  'a record whose seq is huge': record({ seq: 1e300 }),
  'a record without a time': record({ timestamp: 'yesterday' }),
  'a record in the year 275760': record({ timestamp: '+275760-09-13T00:00:00.000Z' }),
  'a record in the year 99999': record({ timestamp: '99999-99-99T99:99:99.999Z' }),
  'a record that caused itself': record({ causation_id: 'evt-x', causation_delivery_id: 'dlv-x' }),
  'a record with another in its text': record({ source: record({}) }),
  'a record with a line break in its text': record({ source: `a\n${record({})}\nb` }),
  'a gap': record({ event: 'log_gap', lost: 1e15 }),
  'a gap of less than nothing': record({ event: 'log_gap', lost: -1 }),
  'a record with 100,000 payload keys': () =>
    record({ payload_keys: Array.from({ length: 100_000 }, (_, n) => `k${n}`) }),
  'a trace id of a megabyte': () => record({ trace_id: 'x'.repeat(1 << 20) }),
  'an empty trace id': record({ trace_id: '', session: '', event_id: '' }),
  'a trace id of escape sequences': record({ trace_id: '\u001b[2J\u202e', event_type: '\u009b31m' }),
  'a log in a log': JSON.stringify({ log: record({}), stream: 'stdout', time: START }),
  'a log in a log in a log': JSON.stringify({ log: JSON.stringify({ log: JSON.stringify({ log: '{' }) }) }),
  'a journal entry': JSON.stringify({ MESSAGE: [104, 101, 255], __REALTIME_TIMESTAMP: 'x', PRIORITY: '99' }),
  'a journal entry of a megabyte of bytes': () =>
    JSON.stringify({ MESSAGE: Array.from({ length: 200_000 }, () => 65) }),
  'a traceparent': '{"level":30,"time":1,"traceparent":"00-00000000000000000000000000000000-0000000000000000-00"}',
};

/** The good log with this behind its first record, in its middle and at its end. */
function withLines(content: Content): Uint8Array {
  const lines = GOOD.trimEnd().split('\n');
  const middle = Math.floor(lines.length / 2);
  const put = Buffer.concat([Buffer.from(contentOf(content)), Buffer.from('\n')]);
  const part = (from: number, to: number) => Buffer.from(`${lines.slice(from, to).join('\n')}\n`);
  return Buffer.concat([part(0, 1), put, part(1, middle), put, part(middle, lines.length), put]);
}

export const lineCases: readonly LogCase[] = Object.entries(LINES).map(([name, line]) => ({
  ...bytes(`lines between its own: ${name}`, 'fine', () => withLines(line)),
  unchanged: true,
}));

function trace(records: Iterable<object>): string {
  let text = '';
  let seq = 0;
  for (const keys of records) text += `${record({ seq: ++seq, session: 's1', trace_id: 'req-2', ...keys })}\n`;
  return text;
}

function* numbered(count: number, make: (n: number) => object): Iterable<object> {
  for (let n = 0; n < count; n++) yield make(n);
}

const DELIVERY = {
  event: 'event_handler_start',
  delivery_id: 'dlv-1',
  subscription_id: 'sub-1',
  event_id: 'evt-1',
  service: 's',
  handler: 'h',
  attempt: 1,
};
const DONE = { ...DELIVERY, event: 'event_handler_complete', duration_ms: 1, queued_ms: 0 };
const FAILED = {
  ...DELIVERY,
  event: 'event_handler_error',
  duration_ms: 1,
  queued_ms: 0,
  error: 'x',
  error_name: 'E',
  will_retry: true,
};
const event = (n: number, keys: object = {}) => ({ event_id: `evt-${n}`, subscriber_count: 1, ...keys });
const caused = (n: number, by: number) => event(n, { causation_id: `evt-${by}`, causation_delivery_id: `dlv-${by}` });
const handled = (n: number) => ({ ...DONE, delivery_id: `dlv-${n}`, event_id: `evt-${n}` });

const CONTRADICTIONS: Readonly<Record<string, () => string>> = {
  'two events that cause each other': () => trace([caused(1, 2), caused(2, 1), handled(1), handled(2)]),
  'an event that causes itself': () => trace([caused(1, 1), handled(1)]),
  'a circle of a hundred events': () => trace(numbered(100, (n) => caused(n, (n + 1) % 100))),
  'a chain of twenty thousand events': () => trace(numbered(20_000, (n) => (n === 0 ? event(0) : caused(n, n - 1)))),
  'a chain of ten thousand events and deliveries': () =>
    trace(
      (function* () {
        for (let n = 0; n < 10_000; n++) {
          yield n === 0 ? event(0) : caused(n, n - 1);
          yield handled(n);
        }
      })(),
    ),
  'a chain told from its end': () => trace(numbered(5_000, (n) => caused(5_000 - n, 4_999 - n))),
  'twenty thousand children': () => trace(numbered(20_000, (n) => (n === 0 ? event(0) : caused(n, 0)))),
  'causes that nobody knows': () => trace(numbered(1_000, (n) => caused(n, n + 5_000))),
  'deliveries of nothing': () =>
    trace(numbered(1_000, (n) => ({ ...DONE, delivery_id: `dlv-${n}`, event_id: 'evt-none' }))),
  'the same event a thousand times': () => trace(numbered(1_000, () => event(1))),
  'the same delivery done a thousand times': () => trace([event(1), ...numbered(1_000, () => DONE)]),
  'ends before starts': () => trace([DONE, FAILED, DELIVERY, event(1)]),
  'attempts without order': () => trace([event(1), ...numbered(200, (n) => ({ ...FAILED, attempt: (n * 7) % 200 }))]),
  'an attempt of number 1e15': () => trace([event(1), { ...DELIVERY, attempt: 1e15 }, { ...DONE, attempt: 1e15 }]),
  'an attempt of number 0 and -1': () => trace([event(1), { ...DELIVERY, attempt: 0 }, { ...DONE, attempt: -1 }]),
  'a duration of 1e300 ms': () => trace([event(1), DELIVERY, { ...DONE, duration_ms: 1e300 }]),
  'a negative duration': () => trace([event(1), DELIVERY, { ...DONE, duration_ms: -1e9, queued_ms: -5 }]),
  'a million subscribers that are not there': () => trace([event(1, { subscriber_count: 1e6 })]),
  'minus one subscriber': () => trace([event(1, { subscriber_count: -1 })]),
  'time that runs backwards': () =>
    trace(numbered(500, (n) => event(n, { timestamp: new Date(1e12 - n * 1e7).toISOString() }))),
  'ten thousand years between two events': () =>
    trace([event(1, { timestamp: '0000-01-01T00:00:00.000Z' }), event(2, { timestamp: '9999-12-31T23:59:59.999Z' })]),
  'seq that falls': () => trace(numbered(500, (n) => event(n, { seq: 500 - n }))),
  'the same seq always': () => trace(numbered(500, (n) => event(n, { seq: 1 }))),
  'a thousand sessions': () => trace(numbered(1_000, (n) => event(1, { session: `s${n}` }))),
  'twenty thousand traces': () =>
    `${trace(numbered(20_000, (n) => event(n, { trace_id: `t${n}` })))}${trace([event(1)])}`,
  'a payload of half a megabyte': () => trace([event(1, { payload: { a: 'x'.repeat(500_000) } })]),
  'a payload sixty deep': () => trace([event(1, { payload: JSON.parse(`${'{"a":'.repeat(60)}1${'}'.repeat(60)}`) })]),
  'names of ten thousand characters': () =>
    trace([
      event(1, { event_type: 'a.'.repeat(5_000), source: 'x'.repeat(10_000) }),
      { ...DONE, service: 's'.repeat(10_000), handler: 'h'.repeat(10_000) },
    ]),
  'names that are empty': () =>
    trace([event(1, { event_type: '', source: '' }), { ...DONE, service: '', handler: '' }]),
  'names that objects have': () =>
    trace([
      event(1, { event_type: 'constructor', source: '__proto__' }),
      { ...DONE, service: '__proto__', handler: 'toString' },
    ]),
  'types that are numbers': () =>
    trace([event(1, { event_type: '0' }), event(2, { event_type: '-1' }), event(3, { event_type: '1e3' })]),
  'an error of a megabyte': () =>
    trace([event(1), DELIVERY, { ...FAILED, error: 'x\n'.repeat(500_000), will_retry: false }]),
  'dropped, dead and abandoned at once': () =>
    trace([
      event(1),
      ...['dropped', 'dead', 'abandoned'].map((how) => ({ ...DELIVERY, event: `event_delivery_${how}`, reason: how })),
    ]),
  'a session that stops before it starts': () =>
    `${record({ event: 'session_stopped', session: 's1', reason: 'x', events: -1, deliveries: 1e18, errors: 0, dead: 0, dropped: 0, abandoned: 0 })}\n${trace([event(1)])}`,
};

export const contradictionCases: readonly LogCase[] = Object.entries(CONTRADICTIONS).map(([name, text]) => ({
  ...bytes(name, 'either', text),
  dashboard: true,
}));
