import type { ReactElement } from 'react';
import { keyLabel } from '../keys.js';
import type { Model } from '../model.js';
import { type HelpRow, helpOf, KEYS_WIDTH, WHERE_WIDTH } from '../select/help.js';
import { field, gap, type Line, span } from '../text/line.js';
import { Pane, type Ui } from './Pane.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  readonly boxed: boolean;
}

/** The key table, as it is. */
export function HelpPane({ ui, model, ...size }: Props): ReactElement {
  const ascii = ui.theme.glyphs.ellipsis === '~';
  const { rows, top, last } = helpOf(model);
  const shown = rows.slice(top).map((row) => ({ line: helpLine(row, ascii) }));
  const note = last > 0 ? `${rows.length - last + top} of ${rows.length}, j k scroll, Esc back` : 'Esc back';
  return <Pane {...size} ui={ui} focused title={[span('Keys', 'title')]} note={note} rows={shown} />;
}

function helpLine({ keys, where, text, note }: HelpRow, ascii: boolean): Line {
  if (note) return [span(text, 'dim')];
  const labels = keys.map((key) => keyLabel(key, ascii)).join(' ');
  return [field(labels, KEYS_WIDTH, 'key', 'right'), gap, field(where, WHERE_WIDTH, 'dim'), gap, span(text)];
}
