/** The attempt takes longer. */
import { sampler } from '../delay.js';
import type { FaultKind } from './plan.js';

export const slow: FaultKind<'slow'> = {
  arm: ({ by }, random) => {
    const extra = sampler(by, random);
    return (plan) => {
      plan.delay += extra();
      return true;
    };
  },
};
