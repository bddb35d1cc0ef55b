import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPayload, MAX_PAYLOAD_BYTES, MAX_PAYLOAD_DEPTH } from '../../src/kernel/index.js';

function nested(levels: number): Record<string, unknown> {
  let value: Record<string, unknown> = {};
  for (let level = 1; level < levels; level++) value = { a: value };
  return value;
}

const refused = (message: string | RegExp) =>
  expect.objectContaining({ code: 'INVALID_PAYLOAD', message: expect.stringMatching(message) });

describe('a payload', () => {
  test('is any JSON object within the limits, and comes back as it is', () => {
    const values = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 20 }), { maxKeys: 10 });
    fc.assert(
      fc.property(values, (value) => {
        expect(checkPayload(value)).toBe(value);
      }),
    );
  });

  test.each([
    [null, 'not null'],
    [[], 'not an array'],
    ['text', 'not a string'],
    [7, 'not a number'],
    [true, 'not a boolean'],
    [undefined, 'not a undefined'],
  ])('is not %j', (value, message) => {
    expect(() => checkPayload(value)).toThrow(refused(message));
  });

  test(`may have ${MAX_PAYLOAD_DEPTH} levels and no more; the error names the path`, () => {
    expect(() => checkPayload(nested(MAX_PAYLOAD_DEPTH))).not.toThrow();
    expect(() => checkPayload(nested(MAX_PAYLOAD_DEPTH + 1))).toThrow(refused(/deeper than 64 levels, at \$\.a\.a/));
    expect(() => checkPayload({ list: [nested(64)] })).toThrow(refused(/at \$\.list\[0\]\.a/));
  });

  test('nested a million deep, or in a circle, is refused and breaks nothing', () => {
    expect(() => checkPayload(nested(1_000_000))).toThrow(refused('deeper'));
    const circle: Record<string, unknown> = {};
    circle.self = { again: circle };
    expect(() => checkPayload(circle)).toThrow(refused('deeper'));
  });

  test('may have 256 KiB as UTF-8 JSON and no more', () => {
    const frame = '{"a":""}'.length;
    expect(() => checkPayload({ a: 'x'.repeat(MAX_PAYLOAD_BYTES - frame) })).not.toThrow();
    expect(() => checkPayload({ a: 'x'.repeat(MAX_PAYLOAD_BYTES - frame + 1) })).toThrow(refused('262145 bytes'));
    expect(() => checkPayload({ a: 'é'.repeat((MAX_PAYLOAD_BYTES - frame) / 2 + 1) })).toThrow(refused('262146 bytes'));
  });

  test.each(['1e999', '-1e999'])('holds no number that would come out as another: %s', (text) => {
    expect(() => checkPayload(JSON.parse(`{ "list": [1, { "deep": ${text} }] }`))).toThrow(
      refused(/^\$\.list\[1\]\.deep is -?Infinity, which JSON cannot hold$/),
    );
  });

  test.each([
    ['bigint', 1n],
    ['function', () => {}],
    ['symbol', Symbol('s')],
  ])('holds no %s', (type, value) => {
    expect(() => checkPayload({ list: [1, { deep: value }] })).toThrow(
      refused(`\\$\\.list\\[1\\]\\.deep is a ${type}`),
    );
  });
});
