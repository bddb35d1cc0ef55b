/** What `update` gives back. */
import type { Effect, Model, Notice, Step } from './model.js';

const NOTICE_TICKS = 4;

export function still(model: Model): Step {
  return { model, effects: [] };
}

export function doing(model: Model, ...effects: readonly Effect[]): Step {
  return { model, effects };
}

export function notify(model: Model, text: string, tone: Notice['tone'] = 'plain'): Model {
  return { ...model, notice: { text, tone, ticks: NOTICE_TICKS } };
}
