/** A switch thrown in the dashboard, as the control protocol has it. */
import type { FaultSwitch } from '../../dashboard/index.js';
import type { FaultChange } from '../../session/index.js';

export function faultChange(change: FaultSwitch): FaultChange {
  const { target, type } = change;
  if (!change.on) return { on: false, target, type };
  return change.type === 'slow'
    ? { on: true, target, type: 'slow', by_ms: change.byMs }
    : { on: true, target, type: change.type };
}
