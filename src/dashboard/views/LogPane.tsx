import type { ReactElement } from 'react';
import { innerSize } from '../layout.js';
import { type Model, shownData } from '../model.js';
import { logRows } from '../select/log.js';
import { marksOf } from '../select/marks.js';
import { indexOf, windowTop } from '../select/rows.js';
import { type Line, span } from '../text/line.js';
import { compact } from '../text/sparkline.js';
import { paneTitle } from './list.js';
import { detailHeight, detailRows, logLine } from './log-lines.js';
import { Pane, type PaneRow, type Ui } from './Pane.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  readonly boxed: boolean;
}

export function LogPane({ ui, model, ...size }: Props): ReactElement {
  const inner = innerSize(size);
  const { rows, of } = logRows(model);
  const { key } = model.cursors.log;
  const index =
    key === undefined
      ? rows.length - 1
      : indexOf(
          rows.map(({ n }) => String(n)),
          model.cursors.log,
          'log',
        );
  const detail = key === undefined ? [] : detailRows(rows[index], inner.width, detailHeight(inner.height, inner.width));
  const height = inner.height - detail.length;
  const top = key === undefined ? Math.max(0, rows.length - height) : windowTop(rows.length, index, height);
  const marks = marksOf(model.filter);
  const focused = model.focus === 'log' && model.overlay.kind === 'none';
  const shown: PaneRow[] = rows.slice(top, top + height).map((seen, offset) => ({
    line: logLine(seen, inner.width, ui.theme, marks),
    selected: key !== undefined && top + offset === index ? (focused ? 'focus' : 'mark') : undefined,
  }));
  if (shown.length === 0) shown.push({ line: [span(emptyText(model), 'dim')] });
  while (detail.length > 0 && shown.length < height) shown.push({ line: [] });
  const title = [...paneTitle('log', 'Log', compact(shownData(model).total)), ...filterTitle(model, rows.length, of)];
  return (
    <Pane
      {...size}
      ui={ui}
      focused={focused}
      title={title}
      note={noteOf(model, rows.length - 1 - index)}
      rows={[...shown, ...detail]}
    />
  );
}

function emptyText(model: Model): string {
  if (model.filterText !== '') return 'no record matches; Esc takes the filter away';
  return model.source === 'log' ? 'nothing before this point' : 'waiting for the first record';
}

function filterTitle(model: Model, found: number, of: number): Line {
  if (model.filterText === '') return [];
  return [span('  / ', 'key'), span(model.filterText, 'accent'), span(` ${found} of ${of}`, 'dim')];
}

/** What the pane does, and how much of what came it cannot show. */
function noteOf(model: Model, newer: number): string {
  const { unread } = shownData(model);
  const place = placeOf(model, newer);
  if (unread === 0) return place;
  return `${compact(unread)} only counted${place === '' ? '' : `, ${place}`}`;
}

function placeOf(model: Model, newer: number): string {
  if (model.cursors.log.key !== undefined) return `${newer} newer, G follows`;
  return model.source === 'log' ? '' : model.frozen === undefined ? 'following' : 'held';
}
