import type { ReactElement } from 'react';
import type { ExpectationView } from '../door.js';
import { innerSize } from '../layout.js';
import type { Model } from '../model.js';
import { evidence } from '../select/expectation.js';
import { type Line, span } from '../text/line.js';
import type { Glyphs, Tone } from '../text/theme.js';
import { moreNote, paneTitle, sliceOf } from './list.js';
import { Pane, type PaneRow, type Ui } from './Pane.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  readonly boxed: boolean;
}

export function ExpectationsPane({ ui, model, ...size }: Props): ReactElement {
  const inner = innerSize(size);
  const all = model.expectations.map((view, index) => ({ key: String(index), view }));
  const shown = sliceOf(all, model, 'expectations', inner.height);
  const rows: readonly PaneRow[] =
    all.length === 0
      ? [{ line: [span('none in this scenario', 'dim')] }]
      : shown.rows.map(({ row, selected }) => ({ line: expectationLine(row.view, ui.theme.glyphs), selected }));
  const failed = model.expectations.filter(({ state }) => state === 'failed').length;
  const title = paneTitle('expectations', 'Expectations', all.length);
  const note = `${moreNote(shown)}${failed} failed`;
  return <Pane {...size} ui={ui} focused={model.focus === 'expectations'} title={title} note={note} rows={rows} />;
}

const SIGNS: Readonly<Record<ExpectationView['state'], readonly [keyof Glyphs, Tone, string]>> = {
  pending: ['pending', 'dim', 'open'],
  holds: ['ok', 'ok', 'holds'],
  failed: ['bad', 'bad', 'FAILED'],
};

export function expectationLine(view: ExpectationView, glyphs: Glyphs): Line {
  const { state, label } = view;
  const seen = evidence(view);
  const [glyph, tone, word] = SIGNS[state];
  const sign = glyphs[glyph];
  return [
    span(`${typeof sign === 'string' ? sign : ''} ${word.padEnd(6)} `, tone),
    span(label),
    ...(seen === '' ? [] : [span(` - ${seen}`, 'dim')]),
  ];
}
