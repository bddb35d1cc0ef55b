/** Keys that change what runs: the bus, its speed, faults of the subscriber in focus. Shown when its record comes back. */
import { faultsOf } from './data/control-words.js';
import { editorOf } from './editor.js';
import { type Model, type Step, shownData } from './model.js';
import { indexOf, keysOf } from './select/rows.js';
import { subscriberRows } from './select/subscribers.js';
import { doing, notify, still } from './step.js';

export type ControlAction = 'pauseBus' | 'faster' | 'slower' | 'fault' | 'delay' | 'outage';

/** Times real time. */
const SLOWEST = 1 / 64;
const FASTEST = 1_024;

export function pressControl(model: Model, action: ControlAction): Step {
  switch (action) {
    case 'pauseBus':
      return pauseBus(model);
    case 'faster':
      return changeSpeed(model, 2);
    case 'slower':
      return changeSpeed(model, 0.5);
    case 'fault':
    case 'outage':
    case 'delay':
      return switchFault(model, action);
  }
}

function pauseBus(model: Model): Step {
  if (!model.abilities.pauseBus) return refuse(model, 'the bus cannot be paused from here');
  return doing(model, { kind: model.data.controls.busPaused ? 'resumeBus' : 'pauseBus' });
}

export function speedOf(model: Model): number {
  return model.data.controls.speed ?? model.header.speed;
}

function changeSpeed(model: Model, factor: number): Step {
  if (!model.abilities.setSpeed) return refuse(model, 'the speed cannot be changed from here');
  // Keys may come faster than the records that tell of them.
  const now = model.askedSpeed ?? speedOf(model);
  const speed = Math.min(FASTEST, Math.max(SLOWEST, now * factor));
  return doing({ ...model, askedSpeed: speed }, { kind: 'setSpeed', speed });
}

function switchFault(model: Model, action: 'fault' | 'outage' | 'delay'): Step {
  if (!model.abilities.fault) return refuse(model, 'faults cannot be switched from here');
  const keys = keysOf(model, 'subscribers');
  const target = keys[indexOf(keys, model.cursors.subscribers, 'subscribers')];
  const stats = subscriberRows(model).find(({ key }) => key === target)?.stats;
  if (target === undefined || stats === undefined) return refuse(model, 'no subscriber is selected');
  const on = faultsOf(shownData(model).controls, stats.service, stats.handler);
  if (action !== 'delay') {
    const type = action === 'fault' ? 'error' : 'down';
    return doing(model, { kind: 'fault', change: { target, type, on: !on.includes(type) } });
  }
  if (on.includes('slow')) return doing(model, { kind: 'fault', change: { target, type: 'slow', on: false } });
  return still({ ...model, prompt: { kind: 'delay', editor: editorOf('200ms'), target, problem: undefined } });
}

function refuse(model: Model, why: string): Step {
  return still(notify(model, why, 'warn'));
}
