/** Draws durations. To add a distribution: its schema in the scenario room, its case here. */
import { randomExponential, randomLogNormal, randomNormal } from 'd3-random';
import type { Random } from '../kernel/index.js';
import type { Delay } from '../scenario/index.js';

/** 99 % of a standard normal distribution lie below it. */
const Z99 = 2.3263478740408408;

/** Gives a duration in milliseconds, never below zero, at each call. */
export type Sampler = () => number;

/** A sampler that draws from `random` and from nothing else; a constant delay draws nothing. */
export function sampler(delay: Delay, random: Random): Sampler {
  const source = () => random.next();
  switch (delay.type) {
    case 'constant': {
      const value = Math.max(0, delay.value);
      return () => value;
    }
    case 'uniform': {
      const { min, max } = delay;
      return () => Math.max(0, min + (max - min) * random.next());
    }
    case 'normal': {
      const draw = randomNormal.source(source)(delay.mean, delay.stddev);
      return () => Math.max(0, draw());
    }
    case 'lognormal': {
      const mu = Math.log(delay.median);
      return randomLogNormal.source(source)(mu, (Math.log(delay.p99) - mu) / Z99);
    }
    case 'exponential':
      return delay.mean > 0 ? randomExponential.source(source)(1 / delay.mean) : () => 0;
  }
}
