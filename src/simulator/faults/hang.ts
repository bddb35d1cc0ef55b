/** The attempt never ends by itself. */
import type { Ending, FaultKind } from './plan.js';

const HANG: Ending = { kind: 'hang' };

export const hang: FaultKind<'hang'> = {
  arm: () => (plan) => {
    plan.ending = HANG;
    return true;
  },
};
