/** A trace as text for a terminal: the answers first, then the tree. */
import type { LogRecord } from '../../record/index.js';
import { type Analysis, analyse } from '../analysis.js';
import { buildTrace } from '../build.js';
import type { Trace } from '../forest.js';
import { cascadeOf } from '../walk.js';
import { headerLines } from './header.js';
import { layOut } from './layout.js';
import { treeRows } from './rows.js';
import { type RenderOptions, viewOf } from './view.js';
import type { Ending } from './words.js';

/** The tree of a trace, with its header, in lines that end in a line break. Text from the log is made safe to print. */
export function renderTree(trace: Trace, options: RenderOptions = {}): string {
  return render(trace, analyse(trace), options, 'log');
}

export interface CascadeOptions extends RenderOptions {
  /** The event that began it. */
  readonly eventId: string;
}

export interface Cascade {
  /** That event as the only root; of a trace without events where no record tells of it. */
  readonly trace: Trace;
  readonly analysis: Analysis;
}

/** What one event caused, from records as they happen; they may be of several traces. */
export function buildCascade(records: Iterable<LogRecord>, eventId: string): Cascade {
  const all = [...records];
  const first = all.find((record) => record.event_id === eventId);
  const traceId = typeof first?.trace_id === 'string' ? first.trace_id : '';
  const whole = buildTrace(all, { traceId, session: first?.session ?? '' });
  const trace = cascadeOf(whole, eventId) ?? { ...whole, roots: [], events: [], deliveries: [] };
  return { trace, analysis: analyse(trace) };
}

/** `renderTree` for what one event caused on a bus that may still run. */
export function renderCascade(records: Iterable<LogRecord>, options: CascadeOptions): string {
  const { trace, analysis } = buildCascade(records, options.eventId);
  return render(trace, analysis, options, 'live');
}

function render(trace: Trace, analysis: Analysis, options: RenderOptions, ending: Ending): string {
  const view = viewOf(trace, options, analysis);
  const { styles, layout, folded } = view;
  const { bullet, about } = layout.glyphs;
  // Colours go to services in the order of the tree, so its rows come first.
  const tree = layOut(treeRows(folded, { bullet, about, ending, styles }), layout);
  const header = headerLines(view);
  const lines = tree.length === 0 ? header : [...header, '', ...tree];
  return `${lines.join('\n')}\n`;
}
