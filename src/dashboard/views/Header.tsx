import type { ReactElement } from 'react';
import type { Model } from '../model.js';
import { gap, type Line, lineWidth, paint, span, spread } from '../text/line.js';
import { badges, facts, figures } from './header-lines.js';
import { Rows, type Ui } from './Pane.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly lines: 0 | 1 | 2;
}

export function Header({ ui, model, lines }: Props): ReactElement {
  const { theme } = ui;
  const width = model.columns;
  const left: Line = [
    span(' cf-bus ', 'ruleFocus'),
    span(model.header.title, 'title'),
    gap,
    gap,
    ...badges(model, theme.glyphs),
  ];
  // What is going on matters more than where: facts go, one after another, where there is not room for all.
  const known = facts(model);
  while (known.length > 0 && lineWidth(left) + known.join('  ').length + 1 > width) known.shift();
  const first = spread(left, [span(known.join('  '), 'dim'), gap], width);
  const painted = [first, figures(model, width, theme.glyphs)].map((line) => paint(line, width, theme));
  return <Rows ui={ui} width={model.columns} painted={painted.slice(0, lines)} />;
}
