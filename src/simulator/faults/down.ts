/** An outage: every attempt that starts in a window of time fails at once, as a refused connection does. */
import { CfBusError } from '../../kernel/index.js';
import type { FaultKind } from './plan.js';

export const down: FaultKind<'down'> = {
  arm:
    ({ from, until }) =>
    (plan, { elapsed, handler }) => {
      if (elapsed < from || elapsed >= until) return false;
      plan.delay = 0;
      const failure = new CfBusError('SIMULATED_FAULT', `${handler} is down`, { name: 'SimulatedOutage' });
      plan.ending = { kind: 'fail', error: failure };
      return true;
    },
};
