import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationJson, fieldsJson, textJson } from '../../src/record/json-text.js';
import { milliseconds } from '../../src/record/value.js';

describe('JSON by hand is what JSON.stringify writes', () => {
  test('for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 400 })), (text) => {
        expect(textJson(text)).toBe(JSON.stringify(text));
      }),
    );
    for (let code = 0; code <= 0xffff; code++) {
      const text = String.fromCharCode(code);
      if (textJson(text) !== JSON.stringify(text)) throw new Error(`U+${code.toString(16)}`);
    }
  });

  test('for any duration, at three decimals', () => {
    const durations = fc.oneof(
      fc.double({ noNaN: false }),
      fc.double({ min: 0, max: 2e6, noNaN: true }),
      fc.double({ min: 0, max: 5, noNaN: true }),
      fc.nat(2_000_000).map((micros) => micros / 1_000),
    );
    fc.assert(
      fc.property(durations, (duration) => {
        expect(durationJson(duration)).toBe(JSON.stringify(milliseconds(duration)));
      }),
      { numRuns: 5_000 },
    );
    for (let micros = 0; micros < 3_000; micros++) {
      expect(durationJson(micros / 1_000)).toBe(JSON.stringify(micros / 1_000));
    }
  });

  test('for the keys of a record, each with a comma before it; what is undefined is left out', () => {
    expect(fieldsJson({ a: 1, b: undefined, c: ['x"'], d: { e: null } })).toBe(',"a":1,"c":["x\\""],"d":{"e":null}');
    expect(fieldsJson({ a: undefined })).toBe('');
  });
});
