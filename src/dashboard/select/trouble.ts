/** What is wrong, worst first: the first thing seen on the screen. */
import { lastSeconds } from '../data/series.js';
import { type Model, shownData, shownNow } from '../model.js';
import { expectationText } from './expectation.js';
import { subscriberRows } from './subscribers.js';

export interface Trouble {
  readonly level: 'bad' | 'warn';
  readonly text: string;
}

export function troubles(model: Model): readonly Trouble[] {
  const data = shownData(model);
  const found: Trouble[] = [];
  const bad = (text: string) => found.push({ level: 'bad', text });
  const warn = (text: string) => found.push({ level: 'warn', text });
  if (model.gone !== undefined) bad(`the session is gone: ${model.gone}`);
  const subscribers = subscriberRows(model);
  for (const { key, state, stats } of subscribers) {
    if (state.kind !== 'failing') continue;
    const what = state.lost ? 'is losing deliveries' : `is failing: ${state.failed} of the last ${state.of} attempts`;
    bad(`${key} ${what}${stats.lastError === undefined ? '' : ` - ${stats.lastError}`}`);
  }
  for (const view of model.expectations) {
    if (view.state === 'failed') bad(`expectation failed: ${expectationText(view)}`);
  }
  for (const { key, state } of subscribers) {
    if (state.kind === 'faulted') warn(`${key} has a fault switched on: ${state.faults.join(', ')}`);
  }
  if (data.controls.busPaused) warn('the bus is paused (P lets it go on)');
  if (data.leftOut > 0) warn(`${data.leftOut} records did not reach this view: counts are too low`);
  return found;
}

/** Failed attempts in the last whole minute. */
export function errorsLately(model: Model): number {
  return lastSeconds(shownData(model).failures, shownNow(model) + 1_000, 60).reduce((sum, count) => sum + count, 0);
}
