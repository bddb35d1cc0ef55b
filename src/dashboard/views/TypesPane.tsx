import type { ReactElement } from 'react';
import { lastSeconds } from '../data/series.js';
import { innerSize } from '../layout.js';
import { type Model, shownNow } from '../model.js';
import { type TypeRow, typeRows } from '../select/types.js';
import { compact, sparkline } from '../text/sparkline.js';
import { type Column, headerLine, placeColumns, rowLine } from '../text/table.js';
import type { Glyphs } from '../text/theme.js';
import { moreNote, paneTitle, sliceOf } from './list.js';
import { Pane, type Ui } from './Pane.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  readonly boxed: boolean;
}

export function TypesPane({ ui, model, ...size }: Props): ReactElement {
  const inner = innerSize(size);
  const all = typeRows(model);
  const placed = placeColumns(columns(ui.theme.glyphs, shownNow(model)), inner.width);
  const shown = sliceOf(all, model, 'types', inner.height - 1);
  const rows = shown.rows.map(({ row, selected }) => ({ line: rowLine(placed, row), selected }));
  const title = paneTitle('types', 'Event types', all.length);
  const note = `${moreNote(shown)}by ${model.sorts.types}`;
  return (
    <Pane
      {...size}
      ui={ui}
      focused={model.focus === 'types'}
      title={title}
      note={note}
      rows={[{ line: headerLine(placed) }, ...rows]}
    />
  );
}

function columns(glyphs: Glyphs, now: number): readonly Column<TypeRow>[] {
  return [
    { title: 'type', width: 15, most: 30, grow: 2, rank: 0, cell: ({ key }) => ({ text: key }) },
    { title: 'count', width: 5, rank: 1, align: 'right', cell: ({ stats }) => ({ text: compact(stats.count, 5) }) },
    {
      title: 'per s',
      width: 5,
      rank: 3,
      align: 'right',
      cell: ({ rate }) => ({ text: compact(rate, 5), tone: rate > 0 ? 'plain' : 'dim' }),
    },
    {
      title: 'trend',
      width: 6,
      most: 60,
      grow: 3,
      rank: 4,
      cell: ({ stats }, width) => ({ text: sparkline(lastSeconds(stats.series, now, width), glyphs), tone: 'spark' }),
    },
    {
      title: 'err',
      width: 3,
      rank: 2,
      align: 'right',
      cell: ({ stats }) =>
        stats.errors > 0
          ? { text: compact(stats.errors, 3), tone: 'bad' }
          : stats.unheard > 0
            ? { text: glyphs.warn, tone: 'warn' }
            : { text: glyphs.dot, tone: 'dim' },
    },
  ];
}
