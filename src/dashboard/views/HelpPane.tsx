import type { ReactElement } from 'react';
import { BINDINGS, type Binding, keyLabel } from '../keys.js';
import type { Model } from '../model.js';
import { field, gap, span } from '../text/line.js';
import { innerSize, Pane, type PaneRow, type Ui } from './Pane.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  readonly boxed: boolean;
}

const WHERE: Partial<Readonly<Record<Binding['place'], string>>> = {
  log: 'log',
  traces: 'traces',
  subscribers: 'subscribers',
  trace: 'open trace',
  'log file': 'log file',
};

/** The key table, as it is. */
export function HelpPane({ ui, model, ...size }: Props): ReactElement {
  const inner = innerSize(size);
  const ascii = ui.theme.glyphs.ellipsis === '~';
  const top =
    model.overlay.kind === 'help' ? Math.min(model.overlay.top, Math.max(0, BINDINGS.length + 3 - inner.height)) : 0;
  const rows: PaneRow[] = BINDINGS.map(({ keys, place, help }) => ({
    line: [
      field(keys.map((key) => keyLabel(key, ascii)).join(' '), 12, 'key', 'right'),
      gap,
      field(WHERE[place] ?? '', 11, 'dim'),
      gap,
      span(help.replaceAll('`', '')),
    ],
  }));
  rows.push(
    { line: [] },
    { line: [span('fly: deliveries running   queue: waiting   p50 p95 p99: of the last 256 attempts', 'dim')] },
  );
  rows.push({ line: [span("Times are UTC and the scenario's own: at speed 10 they pass ten times as fast.", 'dim')] });
  const more = BINDINGS.length + 3 > inner.height ? 'j k scroll, Esc back' : 'Esc back';
  return <Pane {...size} ui={ui} focused title={[span('Keys', 'title')]} note={more} rows={rows.slice(top)} />;
}
