import type { ReactElement } from 'react';
import { innerSize } from '../layout.js';
import { type Model, shownData } from '../model.js';
import { traceRows } from '../select/traces.js';
import { compact } from '../text/sparkline.js';
import { headerLine, placeColumns, rowLine } from '../text/table.js';
import { moreNote, paneTitle, sliceOf } from './list.js';
import { Pane, type Ui } from './Pane.js';
import { traceColumns } from './trace-columns.js';

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
  const placed = placeColumns(traceColumns(ui.theme.glyphs), inner.width);
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
