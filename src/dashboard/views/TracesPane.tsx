import type { ReactElement } from 'react';
import { type Model, shownData } from '../model.js';
import { type TraceRow, type TraceState, traceRows } from '../select/traces.js';
import { compact, shortDuration } from '../text/sparkline.js';
import { type Column, headerLine, placeColumns, rowLine } from '../text/table.js';
import type { Glyphs, Tone } from '../text/theme.js';
import { moreNote, paneTitle, sliceOf } from './list.js';
import { innerSize, Pane, type Ui } from './Pane.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  readonly boxed: boolean;
}

export function TracesPane({ ui, model, ...size }: Props): ReactElement {
  const inner = innerSize(size);
  const all = traceRows(model);
  const { skipped } = shownData(model).traces;
  const placed = placeColumns(columns(ui.theme.glyphs), inner.width);
  const shown = sliceOf(all, model, 'traces', inner.height - 1);
  const rows = shown.rows.map(({ row, selected }) => ({ line: rowLine(placed, row), selected }));
  const title = paneTitle('traces', 'Traces', all.length);
  const left = skipped > 0 ? `${compact(skipped)} left out, ` : moreNote(shown);
  const note = `${left}${model.sorts.traces}`;
  return (
    <Pane
      {...size}
      ui={ui}
      focused={model.focus === 'traces'}
      title={title}
      note={note}
      rows={[{ line: headerLine(placed) }, ...rows]}
    />
  );
}

function columns(glyphs: Glyphs): readonly Column<TraceRow>[] {
  return [
    { title: '', width: 1, rank: 0, cell: ({ state }) => stateCell(state, glyphs) },
    { title: 'trace', width: 10, most: 28, grow: 2, rank: 0, align: 'id', cell: ({ stats }) => ({ text: stats.id }) },
    {
      title: 'began with',
      width: 13,
      most: 28,
      grow: 2,
      rank: 4,
      cell: ({ stats }) => ({ text: stats.partial ? `…${stats.root}` : stats.root, tone: 'dim' }),
    },
    {
      title: 'ev',
      width: 3,
      rank: 3,
      align: 'right',
      cell: ({ stats }) => ({ text: compact(stats.events, 3), tone: 'dim' }),
    },
    {
      title: 'err',
      width: 3,
      rank: 2,
      align: 'right',
      cell: ({ stats }) => ({ text: compact(stats.errors, 3), tone: stats.errors > 0 ? 'bad' : 'dim' }),
    },
    { title: 'took', width: 6, rank: 1, align: 'right', cell: ({ length }) => ({ text: shortDuration(length) }) },
  ];
}

/** A sign beside the colour: failed, went well after errors, still running, ok. */
export function stateCell(state: TraceState, glyphs: Glyphs): { readonly text: string; readonly tone: Tone } {
  switch (state) {
    case 'failed':
      return { text: glyphs.bad, tone: 'bad' };
    case 'errors':
      return { text: glyphs.warn, tone: 'warn' };
    case 'running':
      return { text: glyphs.running, tone: 'accent' };
    case 'ok':
      return { text: glyphs.ok, tone: 'ok' };
  }
}
