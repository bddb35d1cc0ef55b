/** What the list panes have in common: the rows in view, and which of them is chosen. */

import { paneDigit } from '../layout.js';
import type { Cursor, Model, Pane } from '../model.js';
import { indexOf, windowTop } from '../select/rows.js';
import { type Line, span } from '../text/line.js';
import type { PaneRow } from './Pane.js';

export interface Slice<Row> {
  readonly rows: readonly { readonly row: Row; readonly selected: PaneRow['selected'] }[];
  /** Rows above and below the window. */
  readonly above: number;
  readonly below: number;
}

/** The `height` rows around the cursor. */
export function sliceOf<Row extends { readonly key: string }>(
  all: readonly Row[],
  model: Model,
  pane: Pane,
  height: number,
): Slice<Row> {
  const cursor = model.cursors[pane];
  const index = indexOf(
    all.map(({ key }) => key),
    cursor,
    pane,
  );
  const top = windowTop(all.length, index, height);
  const focused = model.focus === pane && model.overlay.kind === 'none';
  const rows = all
    .slice(top, top + height)
    .map((row, offset) => ({ row, selected: chosen(top + offset === index, focused, cursor) }));
  return { rows, above: top, below: Math.max(0, all.length - top - height) };
}

function chosen(here: boolean, focused: boolean, cursor: Cursor): PaneRow['selected'] {
  if (!here) return undefined;
  if (focused) return 'focus';
  return cursor.key === undefined ? undefined : 'mark';
}

/** `2 Subscribers 5`. */
export function paneTitle(pane: Pane, name: string, count: number | string): Line {
  return [span(`${paneDigit(pane)} `, 'dim'), span(name, 'title'), span(` ${count}`, 'dim')];
}

/** `+3 more`, where not everything is in view. */
export function moreNote({ above, below }: { readonly above: number; readonly below: number }): string {
  return above + below === 0 ? '' : `${above + below} more, `;
}
