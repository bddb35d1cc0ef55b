import type { ReactElement } from 'react';
import type { Model } from '../model.js';
import { type Line, lineWidth, paint, span, spread } from '../text/line.js';
import { keyLine } from './footer-keys.js';
import { Rows, type Ui } from './Pane.js';
import { promptLines } from './prompt.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly lines: number;
}

/** The line being typed, what just happened, or the keys of the pane in focus. */
export function Footer({ ui, model, lines }: Props): ReactElement {
  const { theme } = ui;
  const content =
    model.prompt.kind === 'none' ? [footerLine(model, theme.glyphs.ellipsis === '~')] : promptLines(model, theme);
  return (
    <Rows
      ui={ui}
      width={model.columns}
      painted={content.slice(-lines).map((line) => paint(line, model.columns, theme))}
    />
  );
}

function footerLine(model: Model, ascii: boolean): Line {
  if (model.notice === undefined) return keyLine(model, ascii, model.columns);
  const { text, tone } = model.notice;
  const notice = span(` ${text} `, tone);
  return spread(
    [notice],
    keyLine(model, ascii, model.columns - Math.min(lineWidth([notice]), model.columns - 18)),
    model.columns,
  );
}
