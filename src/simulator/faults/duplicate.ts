/** The work is done twice, one after the other, as when a broker delivers twice. */
import type { FaultKind } from './plan.js';

export const duplicate: FaultKind<'duplicate'> = {
  arm: () => (plan) => {
    plan.rounds++;
    return true;
  },
};
