import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/kernel/index.js';
import type { Phase } from '../../src/scenario/index.js';
import { arrivalTimes, plannedDuration } from '../../src/simulator/arrivals.js';

const base = { name: undefined, position: { file: 'f', line: 1, column: 1 } };
const duration = fc.integer({ min: 1, max: 60_000 });
const rate = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.double({ min: 0, max: 50, noNaN: true }));
const arrivals = fc.constantFrom('even' as const, 'poisson' as const);

const phaseWith = (way: fc.Arbitrary<'even' | 'poisson'>): fc.Arbitrary<Phase> =>
  fc.oneof(
    fc
      .record({ duration, arrivalRate: rate, arrivals: way })
      .map((rest) => ({ ...base, type: 'constant' as const, ...rest })),
    fc
      .record({ duration, arrivalRate: rate, rampTo: rate, arrivals: way })
      .map((rest) => ({ ...base, type: 'ramp' as const, ...rest })),
    fc
      .record({ duration, arrivalCount: fc.integer({ min: 0, max: 200 }), arrivals: way })
      .map((rest) => ({ ...base, type: 'count' as const, ...rest })),
    duration.map((ms) => ({ ...base, type: 'pause' as const, duration: ms })),
  );

/** The rate integrated over a phase, in requests. */
function integral(phase: Phase): number {
  if (phase.type === 'constant') return (phase.arrivalRate * phase.duration) / 1000;
  return phase.type === 'ramp' ? (((phase.arrivalRate + phase.rampTo) / 2) * phase.duration) / 1000 : 0;
}

function timesOf(phases: readonly Phase[], seed = 1): readonly number[] {
  return [...arrivalTimes(phases, seededRandom(seed))];
}

test('even arrivals are as many as the integral of the rate over all phases, plus the counted ones', () => {
  fc.assert(
    fc.property(fc.array(phaseWith(fc.constant('even')), { maxLength: 6 }), (phases) => {
      const rated = phases.reduce((sum, phase) => sum + integral(phase), 0);
      const counted = phases.reduce((sum, phase) => sum + (phase.type === 'count' ? phase.arrivalCount : 0), 0);
      const found = timesOf(phases).length - counted;
      // Rounded up; where the integral is whole but for rounding, either side of it is right.
      expect(found).toBeGreaterThanOrEqual(Math.ceil(rated - 1e-6));
      expect(found).toBeLessThanOrEqual(Math.ceil(rated + 1e-6));
    }),
  );
});

test('each even arrival comes when the integrated rate reaches its number', () => {
  fc.assert(
    fc.property(duration, rate, rate, (ms, arrivalRate, rampTo) => {
      const times = timesOf([{ ...base, type: 'ramp', duration: ms, arrivalRate, rampTo, arrivals: 'even' }]);
      const slope = (rampTo - arrivalRate) / ms;
      for (const [number, time] of times.entries()) {
        const reached = (arrivalRate * time + (slope * time * time) / 2) / 1000;
        expect(Math.abs(reached - number)).toBeLessThan(1e-6);
      }
    }),
  );
});

test('arrival times never fall and stay within their phases, whatever the phases', () => {
  fc.assert(
    fc.property(fc.array(phaseWith(arrivals), { maxLength: 5 }), fc.integer(), (phases, seed) => {
      const times = timesOf(phases, seed);
      for (const [index, time] of times.entries()) expect(time).toBeGreaterThanOrEqual(times[index - 1] ?? 0);
      expect(times.at(-1) ?? 0).toBeLessThanOrEqual(plannedDuration(phases));
    }),
  );
});

test('Poisson arrivals are about as many as the integral, with gaps that are exponential', () => {
  const times = timesOf([{ ...base, type: 'constant', duration: 1_000_000, arrivalRate: 100, arrivals: 'poisson' }]);
  // Five standard deviations of a Poisson draw of mean 100,000.
  expect(Math.abs(times.length - 100_000)).toBeLessThan(5 * Math.sqrt(100_000));
  const short = times.filter((time, index) => time - (times[index - 1] ?? 0) < 10).length;
  expect(short / times.length).toBeCloseTo(1 - Math.exp(-1), 2);
});

test('a count with Poisson arrivals is exact, and spread over its time', () => {
  const times = timesOf([{ ...base, type: 'count', duration: 10_000, arrivalCount: 10_000, arrivals: 'poisson' }]);
  expect(times.length).toBe(10_000);
  const firstHalf = times.filter((time) => time < 5_000).length;
  expect(Math.abs(firstHalf - 5_000)).toBeLessThan(5 * Math.sqrt(2_500));
});

test('a rate that binary fractions cannot hold loses no request', () => {
  const tenth: Phase = { ...base, type: 'constant', duration: 30_000, arrivalRate: 0.1, arrivals: 'even' };
  expect(timesOf([tenth])).toEqual([0, 10_000, 20_000]);
  expect(timesOf([tenth, tenth, tenth]).length).toBe(9);
});

test('a phase draws from a generator of its own: one before it changes nothing but the time', () => {
  const poisson: Phase = { ...base, type: 'constant', duration: 5_000, arrivalRate: 10, arrivals: 'poisson' };
  const pause: Phase = { ...base, type: 'pause', duration: 1_000 };
  const count: Phase = { ...base, type: 'count', duration: 1_000, arrivalCount: 7, arrivals: 'poisson' };
  const after = (first: Phase) => timesOf([first, poisson]).filter((time) => time >= 1_000);
  expect(after(count)).toEqual(after(pause));
});
