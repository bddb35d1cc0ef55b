import type { ReactElement } from 'react';
import { innerSize } from '../layout.js';
import type { Model } from '../model.js';
import { indexOf, windowTop } from '../select/rows.js';
import { type Waterfall, waterfall } from '../select/waterfall.js';
import { gap, type Line, span } from '../text/line.js';
import type { Glyphs } from '../text/theme.js';
import { barSpans } from './bars.js';
import { Pane, type PaneRow, type Ui } from './Pane.js';
import { detailOf, endOf, labelOf, summary } from './trace-lines.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  readonly boxed: boolean;
}

export function TracePane({ ui, model, ...size }: Props): ReactElement | null {
  const shown = waterfall(model);
  if (model.overlay.kind !== 'trace') return null;
  const inner = innerSize(size);
  const title: Line = [
    span('Trace ', 'title'),
    span(shown?.stats.id ?? model.overlay.key, 'accent'),
    ...(shown ? summary(shown) : []),
  ];
  const rows =
    shown === undefined
      ? [{ line: [span('this trace is no longer held here', 'warn')] }]
      : rowsOf(shown, model, inner, ui.theme.glyphs);
  return <Pane {...size} ui={ui} focused title={title} note="Esc back" rows={rows} />;
}

function rowsOf(
  shown: Waterfall,
  model: Model,
  inner: { readonly width: number; readonly height: number },
  glyphs: Glyphs,
): PaneRow[] {
  if (model.overlay.kind !== 'trace') return [];
  const { rows, analysis } = shown;
  const index = indexOf(
    rows.map(({ key }) => key),
    model.overlay.cursor,
    'trace',
  );
  const detailHeight = inner.height >= 8 ? 2 : 0;
  const height = inner.height - detailHeight;
  const top = windowTop(rows.length, index, height);
  const label = Math.max(14, Math.min(60, Math.floor(inner.width * 0.42)));
  const bar = Math.max(4, inner.width - label - 20);
  const lines: PaneRow[] = rows.slice(top, top + height).map((row, offset) => ({
    line: [...labelOf(row, label, glyphs), gap, ...barSpans(row, analysis, bar, glyphs), gap, ...endOf(row, 18)],
    selected: top + offset === index ? 'focus' : undefined,
  }));
  while (lines.length < height) lines.push({ line: [] });
  const chosen = rows[index];
  return chosen === undefined || detailHeight === 0 ? lines : [...lines, ...detailOf(chosen)];
}
