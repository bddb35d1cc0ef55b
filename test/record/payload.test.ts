import { describe, expect, test } from 'vitest';
import { parseLine } from '../../src/record/index.js';
import { payloadReader } from '../../src/record/payload.js';
import { makeEvent, memoryLog } from './support.js';

/** What the log's line holds for `payload`, after a reader has read it. */
function logged(payload: object, redact?: readonly string[]): unknown {
  const { recorder, lines, seen } = memoryLog({ payload: payloadReader(redact) });
  recorder.published(makeEvent({ payload: payload as Record<string, unknown> }), 1);
  const parsed = parseLine(lines[0] ?? '');
  expect(parsed).toEqual({ kind: 'record', record: seen[0] });
  return parsed.kind === 'record' ? parsed.record.payload : parsed;
}

test('payloads stay out of the log unless asked for; their keys are there', () => {
  const { recorder, lines } = memoryLog();
  recorder.published(makeEvent({ payload: { password: 'hunter2' } }), 1);
  expect(lines[0]).not.toContain('hunter2');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ payload_keys: ['password'] });
});

describe('a hostile payload is written as far as it can be', () => {
  test("it cannot overwrite a key of the record, nor an object's prototype", () => {
    const payload = JSON.parse('{"event":"forged","seq":99,"level":"fatal","__proto__":{"admin":true}}');
    const { recorder, lines } = memoryLog({ payload: payloadReader() });
    recorder.published(makeEvent({ payload }), 1);
    const record = JSON.parse(lines[0] ?? '');
    expect(record).toMatchObject({ event: 'event_published', seq: 1, level: 'info' });
    expect(JSON.stringify(record.payload)).toBe(JSON.stringify(payload));
    expect(record.payload_keys).toEqual(['event', 'seq', 'level', '__proto__']);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  test('a getter that throws costs its own key only', () => {
    const payload = {
      good: 1,
      get bad() {
        throw new Error('no');
      },
    };
    expect(logged(payload)).toEqual({ good: 1, bad: '[threw: no]' });
  });

  test('a toJSON that throws is passed over', () => {
    const thrower = {
      size: 3,
      toJSON() {
        throw new Error('no');
      },
    };
    expect(logged({ thrower, list: [1] })).toEqual({ thrower: { size: 3 }, list: [1] });
  });

  test('BigInt is written as text', () => {
    expect(logged({ big: 2n ** 70n, small: 1 })).toEqual({ big: '1180591620717411303424', small: 1 });
  });

  test('a circle is cut where it closes, and shared parts are not circles', () => {
    const shared = { x: 1 };
    const circle: Record<string, unknown> = { a: shared, b: shared };
    circle.self = circle;
    expect(logged(circle)).toEqual({ a: { x: 1 }, b: { x: 1 }, self: '[circular]' });
  });

  test('a circle a million levels deep does not overflow the stack', () => {
    let deep: Record<string, unknown> = { big: 1n };
    for (let level = 0; level < 1_000_000; level++) deep = { deep };
    expect(JSON.stringify(logged(deep))).toContain('[nested too deep]');
  });

  test('a proxy that refuses everything leaves a note', () => {
    const payload = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no');
        },
      },
    );
    expect(logged(payload)).toBe('[unreadable]');
  });

  test('a payload whose toJSON gives nothing is null', () => {
    expect(logged({ toJSON: () => undefined })).toBeNull();
  });

  test('dates, undefined, functions and numbers that are none are as JSON has them', () => {
    const payload = { when: new Date(0), gone: undefined, run: () => 1, odd: [Number.NaN, undefined], big: 1n };
    expect(logged(payload)).toEqual({ when: '1970-01-01T00:00:00.000Z', odd: [null, null], big: '1' });
  });
});

test('a record keeps the payload of its moment, whatever a handler does to it later', () => {
  const payload: Record<string, unknown> = { files: [1] };
  const { recorder, seen } = memoryLog({ payload: payloadReader() });
  recorder.published(makeEvent({ payload }), 1);
  payload.files = 'changed';
  expect(seen[0]).toMatchObject({ payload: { files: [1] } });
});

describe('redaction', () => {
  const payload = {
    user: { name: 'ada', password: 'hunter2' },
    items: [{ card: '4111', n: 1 }, { card: '4242' }],
    'odd key': { secret: 's' },
    token: 't',
  };

  test.each([
    ['token', { ...payload, token: '[Redacted]' }],
    ['payload.token', { ...payload, token: '[Redacted]' }],
    ['user.password', { ...payload, user: { name: 'ada', password: '[Redacted]' } }],
    ['*.password', { ...payload, user: { name: 'ada', password: '[Redacted]' } }],
    ['items[*].card', { ...payload, items: [{ card: '[Redacted]', n: 1 }, { card: '[Redacted]' }] }],
    ['items[1].card', { ...payload, items: [{ card: '4111', n: 1 }, { card: '[Redacted]' }] }],
    ['["odd key"].secret', { ...payload, 'odd key': { secret: '[Redacted]' } }],
    ['payload["odd key"].secret', { ...payload, 'odd key': { secret: '[Redacted]' } }],
    ['user', { ...payload, user: '[Redacted]' }],
    ['not.there', payload],
  ])('%s, in the file and for watchers; the event itself is untouched', (path, expected) => {
    const before = structuredClone(payload);
    expect(logged(payload, [path])).toEqual(expected);
    expect(payload).toEqual(before);
  });

  test('several paths at once, overlapping ones too', () => {
    expect(logged(payload, ['*.password', 'user.name', 'token', 'items[*].card'])).toMatchObject({
      user: { name: '[Redacted]', password: '[Redacted]' },
      items: [{ card: '[Redacted]' }, { card: '[Redacted]' }],
      token: '[Redacted]',
    });
  });

  test('keys that objects have are keys like others', () => {
    const odd = JSON.parse(
      '{"__proto__":{"token":"t","x":1},"a":{"__proto__":{"token":"t"}},"length":[{"token":"t"}]}',
    );
    expect(
      JSON.stringify(logged(odd, ['*.token', 'a.*.token', 'length[*].token', 'length.length', 'toString.name'])),
    ).toBe(
      '{"__proto__":{"token":"[Redacted]","x":1},"a":{"__proto__":{"token":"[Redacted]"}},"length":[{"token":"[Redacted]"}]}',
    );
    expect(JSON.stringify(logged(odd, ['nothing']))).toBe(JSON.stringify(odd));
  });

  test('of a payload with a key called payload, both that may be meant are redacted', () => {
    expect(logged({ token: 't', payload: { token: 't', n: 1 } }, ['payload.token'])).toEqual({
      token: '[Redacted]',
      payload: { token: '[Redacted]', n: 1 },
    });
  });

  test.each(['a["b.c"]', "a['b.c']", '["a"]["b.c"]'])('%s is a path', (path) => {
    expect(logged({ a: { 'b.c': 1, d: 2 } }, [path])).toEqual({ a: { 'b.c': '[Redacted]', d: 2 } });
  });

  test('a secret behind a getter or a toJSON is redacted as what it turns into', () => {
    const sly = { user: { toJSON: () => ({ password: 'hunter2', big: 1 }) } };
    expect(logged(sly, ['user.password'])).toEqual({ user: { password: '[Redacted]', big: 1 } });
  });

  test.each([
    '',
    ' ',
    'a..b',
    '.a',
    'a.',
    'a[',
    'a]',
    '[]',
    'a[0',
    '__proto__.x',
    'a.constructor',
    '["prototype"]',
    '**.x',
    'a,b',
    'a b',
    'a["b',
    'a["b]',
    'a.[b]',
    'a["b"]c',
    '"a"',
  ])('%j is refused', (path) => {
    expect(() => payloadReader([path])).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });
});
