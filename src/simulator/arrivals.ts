/**
 * When requests arrive: the times of a scenario's phases, one after the other. With even arrivals the n-th one comes when
 * the rate, integrated since the first phase, reaches n − 1; so the count of a whole run is that integral, rounded up, and
 * phases do not lose the fractions between them. Only logarithms, square roots and the four basic operations are used:
 * they give the same bits on every machine.
 */
import type { Random } from '../kernel/index.js';
import type { Phase } from '../scenario/index.js';

/** Arrivals this near to the end of a phase (in requests) belong to the next one: rates such as 0.1 are not exact. */
const EPSILON = 1e-9;

/** The part of a phase that has a rate, as a function of time. Rates are per millisecond here. */
interface Profile {
  /** Requests in the whole phase. */
  readonly total: number;
  /** Milliseconds from the phase's start to the moment the integrated rate reaches `count`. */
  at(count: number): number;
}

/** Milliseconds of all phases together. */
export function plannedDuration(phases: readonly Phase[]): number {
  return phases.reduce((sum, phase) => sum + phase.duration, 0);
}

/** Arrival times in milliseconds since the start, never falling. Each phase draws from a fork of its own. */
export function* arrivalTimes(phases: readonly Phase[], random: Random): Generator<number, void> {
  let start = 0;
  /** Even arrivals: what the integral still lacks to the next arrival. */
  let carry = 0;
  for (const [index, phase] of phases.entries()) {
    const own = random.fork(`phase:${index}`);
    const profile = profileOf(phase);
    if (phase.type === 'count') {
      yield* counted(phase, start, own);
    } else if (profile !== undefined && phase.type !== 'pause' && phase.arrivals === 'poisson') {
      for (let count = exponential(own); count < profile.total; count += exponential(own)) {
        yield start + Math.min(profile.at(count), phase.duration);
      }
    } else if (profile !== undefined) {
      let count = carry;
      for (let nth = 1; count < profile.total - EPSILON; count = carry + nth++) {
        yield start + Math.min(profile.at(count), phase.duration);
      }
      carry = Math.max(0, count - profile.total);
    }
    start += phase.duration;
  }
}

function profileOf(phase: Phase): Profile | undefined {
  switch (phase.type) {
    case 'constant':
      return constant(phase.arrivalRate / 1_000, phase.duration);
    case 'ramp':
      return ramp(phase.arrivalRate / 1_000, phase.rampTo / 1_000, phase.duration);
    case 'count':
    case 'pause':
      return undefined;
  }
}

function constant(rate: number, duration: number): Profile {
  return { total: rate * duration, at: (count) => count / rate };
}

/** The rate is `from + slope·t`, its integral `from·t + slope·t²/2`. */
function ramp(from: number, to: number, duration: number): Profile {
  if (duration === 0) return { total: 0, at: () => 0 };
  const slope = (to - from) / duration;
  return {
    total: ((from + to) / 2) * duration,
    at: (count) => {
      if (count <= 0) return 0;
      // The root of the quadratic in the form that stays exact for small slopes; rounding may push it below zero.
      const discriminant = Math.max(0, from * from + 2 * slope * count);
      return (2 * count) / (from + Math.sqrt(discriminant));
    },
  };
}

/** So many arrivals over a time: evenly, or as a Poisson process that happens to have that many. */
function* counted(
  { arrivalCount, duration, arrivals }: Extract<Phase, { readonly type: 'count' }>,
  start: number,
  random: Random,
): Generator<number, void> {
  if (arrivals === 'even') {
    for (let nth = 0; nth < arrivalCount; nth++) yield start + (duration * nth) / arrivalCount;
    return;
  }
  // n + 1 gaps that fill the time exactly. Drawn twice from equal generators, so that nothing has to be kept.
  const gaps = random.fork('gaps');
  let sum = 0;
  for (let nth = 0; nth <= arrivalCount; nth++) sum += exponential(gaps);
  const again = random.fork('gaps');
  let passed = 0;
  for (let nth = 0; nth < arrivalCount; nth++) {
    passed += exponential(again);
    yield start + duration * Math.min(1, passed / sum);
  }
}

/** An exponential draw of mean 1. */
function exponential(random: Random): number {
  return -Math.log(1 - random.next());
}
