/** `control_changed` records → what is switched on. Lenient about words: logs of later versions may have others. */
import type { LogRecord } from '../../record/index.js';
import type { ControlState } from './data.js';

type ControlRecord = Extract<LogRecord, { readonly event: 'control_changed' }>;

const OFF = /\b(?:off|remove|removed|clear|cleared|end)\b/;
const FAULT = /\b(?:error|hang|drop|duplicate|slow|down|delay|outage|all)\b/;
const SAME: Readonly<Record<string, string>> = { delay: 'slow', outage: 'down' };

/** The state after `record`; the same object where it changes nothing. */
export function applyControl(state: ControlState, record: ControlRecord): ControlState {
  const action = record.action.toLowerCase().replaceAll('_', ' ');
  if (/\bresume/.test(action)) return state.busPaused ? { ...state, busPaused: false } : state;
  if (/\bpause/.test(action)) return state.busPaused ? state : { ...state, busPaused: true };
  if (/\bspeed\b/.test(action)) {
    const speed = Number.parseFloat(/[\d.]+/.exec(`${record.target} ${action}`)?.[0] ?? '');
    return Number.isFinite(speed) && speed > 0 ? { ...state, speed } : state;
  }
  const word = FAULT.exec(action)?.[0];
  return word === undefined ? state : switchFault(state, record.target, SAME[word] ?? word, !OFF.test(action));
}

function switchFault(state: ControlState, target: string, type: string, on: boolean): ControlState {
  const before = state.faults.get(target) ?? new Set<string>();
  const after = new Set(type === 'all' && !on ? [] : before);
  if (on) after.add(type);
  else after.delete(type);
  const faults = new Map(state.faults);
  if (after.size > 0) faults.set(target, after);
  else faults.delete(target);
  return { ...state, faults };
}

/** Types of the faults that are on for `service.handler`, those of its whole service and of the bare handler included. */
export function faultsOf({ faults }: ControlState, service: string, handler: string): readonly string[] {
  if (faults.size === 0) return [];
  const targets = [service === '' ? handler : `${service}.${handler}`, service, handler];
  return [...new Set(targets.flatMap((target) => [...(faults.get(target) ?? [])]))];
}
