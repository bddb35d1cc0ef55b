/** Which keys the footer tells of, by what is in focus and how much room there is. */
import { type Action, BINDINGS, keyLabel } from '../keys.js';
import type { Model } from '../model.js';
import { type Line, lineWidth, span } from '../text/line.js';
import { placesOf } from '../update-keys.js';

/** In the order of worth, by what is in focus: what belongs to the pane comes first. */
const GENERAL: readonly Action[] = ['nextPane', 'pauseView', 'publish', 'filter', 'help', 'quit'];
const BY_PANE: Readonly<Record<Model['focus'] | 'trace' | 'log file', readonly Action[]>> = {
  types: ['open', 'sort', 'replay'],
  subscribers: ['fault', 'delay', 'outage', 'open', 'sort'],
  traces: ['open', 'sort', 'copy'],
  expectations: ['open'],
  log: ['open', 'nextProblem', 'nextOfTrace', 'filterTrace', 'replay'],
  trace: ['back', 'fold', 'nextProblem', 'copy', 'replay'],
  'log file': ['scrubBack', 'scrubForward', 'scrubErrorBack', 'scrubErrorForward'],
};

/** The keys that fit into `width` cells. */
export function keyLine(model: Model, ascii: boolean, width: number): Line {
  const places = placesOf(model);
  const esc: readonly Action[] = model.filterText !== '' || model.zoom || model.overlay.kind !== 'none' ? ['back'] : [];
  const scrub = model.source === 'log' && model.overlay.kind === 'none' ? BY_PANE['log file'] : [];
  const pane =
    model.overlay.kind === 'help' ? [] : model.overlay.kind === 'trace' ? BY_PANE.trace : BY_PANE[model.focus];
  const entries = [...new Set([...esc, ...scrub, ...pane, ...GENERAL])].flatMap((action): Entry[] => {
    const binding = BINDINGS.find((one) => one.action === action && places.has(one.place));
    const [key = ''] = binding?.keys ?? [];
    if (binding === undefined) return [];
    const line = [span(` ${keyLabel(key, ascii)}`, 'key'), span(` ${binding.label} `, 'dim')];
    return [{ line, spare: spareOf(action, pane) }];
  });
  return fitEntries(entries, width);
}

/** What goes first where there is not room for all. */
const SPARE: Partial<Readonly<Record<Action, number>>> = {
  help: 0,
  quit: 0.1,
  back: 0.2,
  filter: 1,
  scrubBack: 1.1,
  scrubForward: 1.2,
  scrubErrorBack: 1.3,
  scrubErrorForward: 1.4,
  publish: 5,
  pauseView: 6,
  nextPane: 7,
};

/** The first three keys of a pane matter more than what can be done everywhere; its other keys less. */
function spareOf(action: Action, pane: readonly Action[]): number {
  const own = pane.indexOf(action);
  return SPARE[action] ?? (own < 3 ? 2 + own : 8 + own);
}

interface Entry {
  readonly line: Line;
  /** The highest is left out first. */
  readonly spare: number;
}

function fitEntries(entries: readonly Entry[], width: number): Line {
  let kept = entries;
  while (kept.length > 1 && lineWidth(kept.flatMap(({ line }) => line)) > width) {
    const most = Math.max(...kept.map(({ spare }) => spare));
    kept = kept.filter(({ spare }) => spare !== most);
  }
  return kept.flatMap(({ line }) => line);
}
