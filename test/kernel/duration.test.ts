import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/kernel/index.js';

describe('parseDuration', () => {
  test.each([
    ['80ms', 80],
    ['2s', 2_000],
    ['1.5s', 1_500],
    ['2m30s', 150_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['250us', 0.25],
    ['0', 0],
    ['0ms', 0],
    [' 5s ', 5_000],
    ['1h2m3s4ms', 3_723_004],
  ])('%s is %d milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    '5',
    '-5s',
    '5 s',
    's',
    '1e3ms',
    '.5s',
    '5.s',
    '5S',
    'five seconds',
    '5s!',
    '1s 2s',
    '∞',
    '9'.repeat(400).concat('d'),
  ])('%j is no duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('never throws, and gives a finite number from zero on or nothing', () => {
    const like = fc.stringMatching(/^[0-9.smhdu ]{0,12}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), like), (text) => {
        const parsed = parseDuration(text);
        expect(parsed === undefined || (Number.isFinite(parsed) && parsed >= 0)).toBe(true);
      }),
    );
  });

  test('sums its parts, in any order', () => {
    const part = fc.tuple(fc.nat(999), fc.constantFrom(['ms', 1], ['s', 1_000], ['m', 60_000], ['h', 3_600_000]));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const text = parts.map(([amount, [unit]]) => `${amount}${unit}`).join('');
        const sum = parts.reduce((total, [amount, [, ms]]) => total + amount * Number(ms), 0);
        expect(parseDuration(text)).toBe(sum);
      }),
    );
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0ms'],
    [0.004, '0.004ms'],
    [0.4, '0.4ms'],
    [0.999, '1ms'],
    [1.25, '1.3ms'],
    [9.96, '10ms'],
    [12.4, '12ms'],
    [999.4, '999ms'],
    [999.6, '1s'],
    [1_250, '1.25s'],
    [59_994, '59.99s'],
    [59_995, '1m 00s'],
    [125_000, '2m 05s'],
    [3_599_600, '1h 00m'],
    [3_720_000, '1h 02m'],
    [90_000_000, '25h 00m'],
    [-1_250, '-1.25s'],
    [-125_000, '-2m 05s'],
    [Number.NaN, '?'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('%d ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('what it writes reads back as the same duration, to within a hundredth', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 59_000, noNaN: true }), (ms) => {
        const back = parseDuration(formatDuration(ms)) ?? Number.NaN;
        expect(Math.abs(back - ms)).toBeLessThanOrEqual(Math.max(0.05, 0.05 * ms));
      }),
    );
  });

  test('longer durations never read shorter', () => {
    const ms = fc.double({ min: 0, max: 3_000_000, noNaN: true });
    const read = (value: number) => parseDuration(formatDuration(value).replaceAll(' ', '')) ?? Number.NaN;
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        expect(read(Math.min(a, b))).toBeLessThanOrEqual(read(Math.max(a, b)));
      }),
    );
  });
});
