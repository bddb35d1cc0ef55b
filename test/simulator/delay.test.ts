import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/kernel/index.js';
import type { Delay } from '../../src/scenario/index.js';
import { sampler } from '../../src/simulator/delay.js';

const DRAWS = 20_000;
const positive = fc.double({ min: 0.1, max: 10_000, noNaN: true });

function draws(delay: Delay, seed: number): readonly number[] {
  const draw = sampler(delay, seededRandom(seed));
  return Array.from({ length: DRAWS }, draw);
}

/** The share of draws at or below \`limit\` is \`share\`, within five standard deviations. */
function expectShare(values: readonly number[], limit: number, share: number): void {
  const found = values.filter((value) => value <= limit).length / values.length;
  expect(Math.abs(found - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / values.length));
}

test('a lognormal delay has the median and the p99 that were asked for', () => {
  fc.assert(
    fc.property(positive, fc.double({ min: 1.01, max: 100, noNaN: true }), fc.integer(), (median, times, seed) => {
      const values = draws({ type: 'lognormal', median, p99: median * times }, seed);
      expectShare(values, median, 0.5);
      expectShare(values, median * times, 0.99);
    }),
    { numRuns: 20 },
  );
});

test('an exponential delay has its mean', () => {
  fc.assert(
    fc.property(positive, fc.integer(), (mean, seed) => {
      const values = draws({ type: 'exponential', mean }, seed);
      expectShare(values, mean, 1 - Math.exp(-1));
      expectShare(values, 3 * mean, 1 - Math.exp(-3));
    }),
    { numRuns: 20 },
  );
});

test('a normal delay has its mean and its spread, and draws below zero are zero', () => {
  fc.assert(
    fc.property(positive, positive, fc.integer(), (mean, stddev, seed) => {
      const values = draws({ type: 'normal', mean, stddev }, seed);
      expectShare(values, mean, 0.5);
      expectShare(values, mean + stddev, 0.841344746);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 20 },
  );
});

test('a uniform delay fills its range evenly', () => {
  fc.assert(
    fc.property(positive, positive, fc.integer(), (min, width, seed) => {
      const values = draws({ type: 'uniform', min, max: min + width }, seed);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(min);
      expect(Math.max(...values)).toBeLessThanOrEqual(min + width);
      expectShare(values, min + width / 4, 0.25);
    }),
    { numRuns: 20 },
  );
});

test('a constant delay draws nothing', () => {
  const random = seededRandom(1);
  const draw = sampler({ type: 'constant', value: 80 }, random);
  expect([draw(), draw()]).toEqual([80, 80]);
  expect(random.next()).toBe(seededRandom(1).next());
});
