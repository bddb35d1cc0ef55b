import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoTimestamps } from '../../src/record/timestamp.js';

test('a cached timestamp is the one Date would have written', () => {
  const time = fc.oneof(
    fc.integer({ min: -8.64e15, max: 8.64e15 }),
    // Neighbours in the same second, where the cache works.
    fc.integer({ min: 946_684_800_000, max: 946_684_803_000 }),
  );
  fc.assert(
    fc.property(fc.array(time, { minLength: 1 }), (times) => {
      const iso = isoTimestamps();
      for (const ms of times) expect(iso(ms)).toBe(new Date(ms).toISOString());
    }),
  );
});

test('a fraction of a millisecond is cut off', () => {
  expect(isoTimestamps()(1_737_628_200_000.9)).toBe('2025-01-23T10:30:00.000Z');
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 9e15])('%s is written as 1970 instead of throwing', (ms) => {
  const iso = isoTimestamps();
  expect(iso(ms)).toBe('1970-01-01T00:00:00.000Z');
  expect(iso(ms)).toBe('1970-01-01T00:00:00.000Z');
});
