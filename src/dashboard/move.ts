/** Cursors: in lists, in the log, in an open trace, in the help. */
import type { LogRecord } from '../record/index.js';
import type { DeliveryNode } from '../trace/index.js';
import type { Action } from './keys.js';
import type { Cursor, Model } from './model.js';
import { helpOf } from './select/help.js';
import { logRows } from './select/log.js';
import { indexOf, keysOf } from './select/rows.js';
import { waterfall } from './select/waterfall.js';
import { notify } from './step.js';

/** Rows of a page: about what a pane shows. */
function pageOf(model: Model): number {
  return Math.max(3, Math.floor(model.rows / (model.zoom || model.overlay.kind !== 'none' ? 1 : 3)) - 3);
}

/** How far an action moves; `undefined` where it moves nothing. */
function distance(model: Model, action: Action): number | undefined {
  switch (action) {
    case 'down':
      return 1;
    case 'up':
      return -1;
    case 'pageDown':
      return pageOf(model);
    case 'pageUp':
      return -pageOf(model);
    case 'top':
      return Number.NEGATIVE_INFINITY;
    case 'bottom':
      return Number.POSITIVE_INFINITY;
    default:
      return undefined;
  }
}

export function moveCursor(model: Model, action: Action): Model {
  const step = distance(model, action);
  if (step === undefined) return model.focus === 'log' ? searchLog(model, action) : model;
  const keys = keysOf(model, model.focus);
  const at = indexOf(keys, model.cursors[model.focus], model.focus);
  return at < 0 ? model : moveTo(model, keys, clamp(at + step, keys.length));
}

function moveTo(model: Model, keys: readonly string[], at: number): Model {
  // The last row of the log is the newest: standing there is following.
  const following = model.focus === 'log' && at === keys.length - 1;
  const cursor: Cursor = following ? { key: undefined, at: 0 } : { key: keys[at], at };
  const before = model.cursors[model.focus];
  if (before.key === cursor.key) return model;
  return { ...model, cursors: { ...model.cursors, [model.focus]: cursor } };
}

/** The next record that is a problem, or that belongs to the same trace. */
function searchLog(model: Model, action: Action): Model {
  const forward = action === 'nextProblem' || action === 'nextOfTrace';
  const sameTrace = action === 'nextOfTrace' || action === 'previousOfTrace';
  if (!forward && action !== 'previousProblem' && action !== 'previousOfTrace') return model;
  const { rows } = logRows(model);
  const keys = keysOf(model, 'log');
  const from = indexOf(keys, model.cursors.log, 'log');
  const trace = rows[from]?.record.trace_id;
  const step = forward ? 1 : -1;
  for (let at = from + step; at >= 0 && at < rows.length; at += step) {
    const record = rows[at]?.record;
    if (record === undefined) break;
    const found = sameTrace ? trace !== undefined && record.trace_id === trace : isProblem(record);
    if (found) return moveTo(model, keys, at);
  }
  const what = sameTrace ? 'record of this trace' : 'error';
  return notify(model, `no ${forward ? 'later' : 'earlier'} ${what} here`, 'warn');
}

/** An event that nobody subscribes to is a warning in the log, and often just where a request ends. */
function isProblem({ level, event }: LogRecord): boolean {
  return level === 'error' || (level === 'warn' && event !== 'event_no_subscribers');
}

export function moveInTrace(model: Model, action: Action): Model {
  const { overlay } = model;
  const shown = waterfall(model);
  if (overlay.kind !== 'trace' || shown === undefined) return model;
  const keys = shown.rows.map(({ key }) => key);
  const at = indexOf(keys, overlay.cursor, 'trace');
  const row = shown.rows[at];
  const step = distance(model, action);
  if (step !== undefined) return withCursor(model, keys, clamp(at + step, keys.length));
  if (row === undefined) return model;
  switch (action) {
    case 'fold':
    case 'unfold':
    case 'open': {
      const fold = action === 'open' ? !overlay.folded.has(row.key) : action === 'fold';
      const folded = new Set(overlay.folded);
      if (fold && row.below > 0) folded.add(row.key);
      else folded.delete(row.key);
      return { ...model, overlay: { ...overlay, folded, cursor: { key: row.key, at } } };
    }
    case 'nextProblem':
    case 'previousProblem': {
      const direction = action === 'nextProblem' ? 1 : -1;
      for (let next = at + direction; next >= 0 && next < keys.length; next += direction) {
        const node = shown.rows[next]?.node;
        if (node?.kind === 'delivery' && wentWrong(node.delivery)) return withCursor(model, keys, next);
      }
      return notify(model, 'no other error in this trace', 'warn');
    }
    default:
      return model;
  }
}

function wentWrong({ state, attempts }: DeliveryNode): boolean {
  return state.kind !== 'done' || attempts.some(({ end }) => end.kind === 'failed');
}

function withCursor(model: Model, keys: readonly string[], at: number): Model {
  const { overlay } = model;
  return overlay.kind === 'trace' ? { ...model, overlay: { ...overlay, cursor: { key: keys[at], at } } } : model;
}

export function moveHelp(model: Model, action: Action): Model {
  const step = distance(model, action);
  if (step === undefined || model.overlay.kind !== 'help') return model;
  const { top: from, last } = helpOf(model);
  const top = clamp(from + step, last + 1);
  return top === model.overlay.top ? model : { ...model, overlay: { ...model.overlay, top } };
}

function clamp(at: number, count: number): number {
  return Math.max(0, Math.min(at, count - 1));
}
