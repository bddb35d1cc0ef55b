/** The attempt does its work's time, and fails instead of finishing. */
import { CfBusError } from '../../kernel/index.js';
import type { FaultKind } from './plan.js';

export const error: FaultKind<'error'> = {
  arm:
    ({ message }) =>
    (plan) => {
      const failure = new CfBusError('SIMULATED_FAULT', message, { name: 'SimulatedFault' });
      plan.ending = { kind: 'fail', error: failure };
      return true;
    },
};
