import type { ReactElement } from 'react';
import { innerSize } from '../layout.js';
import { type Model, tellsDeliveries } from '../model.js';
import { subscriberRows } from '../select/subscribers.js';
import { headerLine, placeColumns, rowLine } from '../text/table.js';
import { moreNote, paneTitle, sliceOf } from './list.js';
import { Pane, type Ui } from './Pane.js';
import { subscriberColumns } from './subscriber-columns.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  readonly boxed: boolean;
}

export function SubscribersPane({ ui, model, ...size }: Props): ReactElement {
  const inner = innerSize(size);
  const all = subscriberRows(model);
  const placed = placeColumns(subscriberColumns(ui.theme.glyphs, tellsDeliveries(model)), inner.width);
  const shown = sliceOf(all, model, 'subscribers', inner.height - 1);
  const rows = shown.rows.map(({ row, selected }) => ({ line: rowLine(placed, row), selected }));
  const title = paneTitle('subscribers', 'Subscribers', all.length);
  const note = `${moreNote(shown)}by ${model.sorts.subscribers}`;
  const focused = model.focus === 'subscribers';
  const table = [{ line: headerLine(placed) }, ...rows];
  return <Pane {...size} ui={ui} focused={focused} title={title} note={note} rows={table} />;
}
