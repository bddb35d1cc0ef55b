import type { ReactElement } from 'react';
import { type Action, BINDINGS, keyLabel } from '../keys.js';
import type { Model } from '../model.js';
import { type Line, lineWidth, paint, span, spread } from '../text/line.js';
import { placesOf } from '../update-keys.js';
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

/** In the order of worth, by what is in focus: what belongs to the pane comes first. */
const GENERAL: readonly Action[] = ['filter', 'publish', 'pauseView', 'nextPane', 'help', 'quit'];
const BY_PANE: Readonly<Record<Model['focus'] | 'trace' | 'log file', readonly Action[]>> = {
  types: ['open', 'sort', 'replay'],
  subscribers: ['fault', 'delay', 'outage', 'open', 'sort'],
  traces: ['open', 'sort', 'copy'],
  expectations: ['open'],
  log: ['open', 'nextProblem', 'nextOfTrace', 'filterTrace', 'replay'],
  trace: ['back', 'fold', 'nextProblem', 'copy', 'replay'],
  'log file': ['scrubBack', 'scrubForward', 'scrubErrorBack', 'scrubErrorForward'],
};

function footerLine(model: Model, ascii: boolean): Line {
  const keys = keyLine(model, ascii);
  if (model.notice === undefined) return spread(keys, [], model.columns);
  const { text, tone } = model.notice;
  return spread([span(` ${text} `, tone)], keys.slice(-9), model.columns);
}

function keyLine(model: Model, ascii: boolean): Line {
  const places = placesOf(model);
  const own = model.overlay.kind === 'trace' ? BY_PANE.trace : BY_PANE[model.focus];
  const scrub = model.source === 'log' && model.overlay.kind === 'none' ? BY_PANE['log file'] : [];
  const own_ = model.overlay.kind === 'help' ? [] : own;
  const esc: readonly Action[] = model.filterText !== '' || model.zoom || model.overlay.kind !== 'none' ? ['back'] : [];
  const wanted = [...new Set([...esc, ...scrub, ...own_, ...GENERAL])];
  const entries = wanted.flatMap((action) => {
    const binding = BINDINGS.find((one) => one.action === action && places.has(one.place));
    const [key = ''] = binding?.keys ?? [];
    return binding === undefined ? [] : [[span(` ${keyLabel(key, ascii)}`, 'key'), span(` ${binding.label} `, 'dim')]];
  });
  return fitEntries(entries, model.columns);
}

/** What comes last always stays: help and quit must be found. */
function fitEntries(entries: readonly Line[], width: number): Line {
  const kept = [...entries];
  while (kept.length > 2 && lineWidth(kept.flat()) > width) kept.splice(kept.length - 3, 1);
  return kept.flat();
}
