/** What stands under the cursor. */
import { findTrace, type Seen } from './data/data.js';
import { type Model, shownData } from './model.js';
import { logRows } from './select/log.js';
import { indexOf, keysOf } from './select/rows.js';
import { waterfall } from './select/waterfall.js';

/** The record under the log's cursor. */
export function selectedRecord(model: Model): Seen | undefined {
  const { rows } = logRows(model);
  return rows[indexOf(keysOf(model, 'log'), model.cursors.log, 'log')];
}

/** The key of the row in focus. */
export function selectedKey(model: Model): string | undefined {
  const keys = keysOf(model, model.focus);
  return keys[indexOf(keys, model.cursors[model.focus], model.focus)];
}

/** The id of the row in focus, for the clipboard. */
export function selectedId(model: Model): string | undefined {
  if (model.overlay.kind === 'trace') return waterfall(model)?.stats.id;
  if (model.focus === 'expectations') return undefined;
  if (model.focus === 'traces') return findTrace(shownData(model).traces, selectedKey(model) ?? '')?.id;
  if (model.focus !== 'log') return selectedKey(model);
  const id = selectedRecord(model)?.record.trace_id;
  return typeof id === 'string' ? id : undefined;
}

export interface SelectedEvent {
  readonly id: string;
  readonly type: string;
  readonly payload: unknown;
}

/** The event that the row in focus is about. */
export function selectedEvent(
  model: Model,
): { readonly id: string; readonly type: string; readonly payload: unknown } | undefined {
  const shown = waterfall(model);
  if (shown !== undefined && model.overlay.kind === 'trace') {
    const keys = shown.rows.map(({ key }) => key);
    const node = shown.rows[indexOf(keys, model.overlay.cursor, 'trace')]?.node;
    if (node?.kind === 'delivery')
      return { id: node.delivery.eventId, type: node.delivery.eventType, payload: undefined };
    return node && { id: node.event.id, type: node.event.type, payload: node.event.published?.payload };
  }
  if (model.focus === 'types') {
    const last = shownData(model).types.get(selectedKey(model) ?? '')?.last;
    return last && { id: last.event_id, type: last.event_type, payload: last.payload };
  }
  const record = model.focus === 'log' ? selectedRecord(model)?.record : undefined;
  if (typeof record?.event_id !== 'string' || typeof record.event_type !== 'string') return undefined;
  return { id: record.event_id, type: record.event_type, payload: record.payload };
}

/** The trace of the row that somebody chose: not of one that is merely the newest. */
export function selectedTraceId(model: Model): string | undefined {
  if (model.overlay.kind === 'trace') return waterfall(model)?.stats.id;
  if (model.cursors[model.focus].key === undefined) return undefined;
  return model.focus === 'log' || model.focus === 'traces' ? selectedId(model) : undefined;
}
