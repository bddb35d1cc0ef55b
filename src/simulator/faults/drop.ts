/** The delivery is lost before the handler sees it. */
import type { Ending, FaultKind } from './plan.js';

const DROP: Ending = { kind: 'drop', reason: 'fault' };

export const drop: FaultKind<'drop'> = {
  arm: () => (plan) => {
    plan.delay = 0;
    plan.ending = DROP;
    return true;
  },
};
