/** Lists and their cursors, whatever the list. */
import type { Cursor, Model, Pane } from '../model.js';
import { logRows } from './log.js';
import { subscriberRows } from './subscribers.js';
import { traceRows } from './traces.js';
import { typeRows } from './types.js';

/** Keys of the rows of a pane, in the order in which it shows them. */
export function keysOf(model: Model, pane: Pane): readonly string[] {
  switch (pane) {
    case 'types':
      return typeRows(model).map(({ key }) => key);
    case 'subscribers':
      return subscriberRows(model).map(({ key }) => key);
    case 'traces':
      return traceRows(model).map(({ key }) => key);
    case 'expectations':
      return model.expectations.map((_, index) => String(index));
    case 'log':
      return logRows(model).rows.map(({ n }) => String(n));
  }
}

/** True where the cursor stands at no row, but follows what is new. */
export function follows(cursor: Cursor): boolean {
  return cursor.key === undefined;
}

/** Index of the cursor's row; where it is gone, the one that took its place. -1 for an empty list. */
export function indexOf(keys: readonly string[], cursor: Cursor, pane: Pane | 'trace'): number {
  if (keys.length === 0) return -1;
  if (cursor.key === undefined) return pane === 'log' ? keys.length - 1 : 0;
  const found = pane === 'log' ? indexOfNumber(keys, Number(cursor.key)) : keys.indexOf(cursor.key);
  return found >= 0 ? found : Math.min(Math.max(0, cursor.at), keys.length - 1);
}

/** The log is in order: a row that fell out of it is replaced by the first one after it. */
function indexOfNumber(keys: readonly string[], wanted: number): number {
  let low = 0;
  let high = keys.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(keys[middle]) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First row of the window of `height` rows in which `index` can be seen, in the middle where there is room. */
export function windowTop(count: number, index: number, height: number): number {
  const top = index - Math.floor(height / 2);
  return Math.max(0, Math.min(top, count - height));
}
