/** A trace as rows: what led to what, as a tree, and when, as bars. */
import {
  type Analysis,
  analyse,
  buildTrace,
  type DeliveryNode,
  type EventNode,
  type Outcome,
  type Trace,
} from '../../trace/index.js';
import { findTrace, type TraceStats } from '../data/data.js';
import { type Model, shownData, tellsDeliveries } from '../model.js';

export interface WaterfallRow {
  readonly key: string;
  readonly depth: number;
  readonly node:
    | { readonly kind: 'event'; readonly event: EventNode }
    | { readonly kind: 'delivery'; readonly delivery: DeliveryNode };
  /** Rows below it, folded away or not. */
  readonly below: number;
  readonly folded: boolean;
  /** Milliseconds from the trace's beginning. */
  readonly start: number;
  /** Length in milliseconds; 0 for an event, `undefined` for what has not ended. */
  readonly length: number | undefined;
}

export interface Waterfall {
  readonly stats: TraceStats;
  readonly trace: Trace;
  readonly analysis: Analysis;
  readonly outcome: Outcome;
  readonly rows: readonly WaterfallRow[];
}

const traces = new WeakMap<TraceStats, { readonly trace: Trace; readonly analysis: Analysis }>();

/** The open trace; `undefined` where none is open, or where it is no longer held. */
export function waterfall(model: Model): Waterfall | undefined {
  if (model.overlay.kind !== 'trace') return undefined;
  const stats = findTrace(shownData(model).traces, model.overlay.key);
  if (stats === undefined) return undefined;
  const { trace, analysis } = build(stats);
  const outcome = outcomeOf(model, stats, analysis.outcome);
  return { stats, trace, analysis, outcome, rows: rowsOf(trace, analysis.startTime, model.overlay.folded) };
}

/** A trace of which no delivery has begun yet does not tell by itself whether deliveries are logged; the rest does. */
function outcomeOf(model: Model, { open }: TraceStats, found: Outcome): Outcome {
  if (found !== 'unknown' || !tellsDeliveries(model)) return found;
  return open > 0 ? 'unfinished' : 'ok';
}

function build(stats: TraceStats): { readonly trace: Trace; readonly analysis: Analysis } {
  const known = traces.get(stats);
  if (known !== undefined) return known;
  const records = stats.records.map(({ record }) => record);
  const trace = buildTrace(records, { traceId: stats.id, session: stats.session });
  const built = { trace, analysis: analyse(trace) };
  traces.set(stats, built);
  return built;
}

function rowsOf(trace: Trace, begin: number, folded: ReadonlySet<string>): readonly WaterfallRow[] {
  const rows: WaterfallRow[] = [];
  type Task = { readonly node: WaterfallRow['node']; readonly depth: number };
  const stack: Task[] = trace.roots.map((event) => ({ node: { kind: 'event' as const, event }, depth: 0 })).reverse();
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    const { node, depth } = task;
    const children = childrenOf(node);
    const key = node.kind === 'event' ? node.event.id : node.delivery.id;
    const isFolded = folded.has(key) && children.length > 0;
    const time = node.kind === 'event' ? node.event.time : node.delivery.time;
    const length = node.kind === 'event' ? 0 : node.delivery.durationMs;
    rows.push({ key, depth, node, below: children.length, folded: isFolded, start: time - begin, length });
    if (!isFolded) for (const child of children.reverse()) stack.push({ node: child, depth: depth + 1 });
  }
  return rows;
}

function childrenOf(node: WaterfallRow['node']): WaterfallRow['node'][] {
  const events = node.kind === 'event' ? node.event.events : node.delivery.events;
  const deliveries = node.kind === 'event' ? node.event.deliveries : [];
  return [
    ...deliveries.map((delivery) => ({ kind: 'delivery' as const, delivery })),
    ...events.map((event) => ({ kind: 'event' as const, event })),
  ];
}
