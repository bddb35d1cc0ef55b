/** Traces as rows: the newest, the slowest, or those that failed. */
import type { TraceIndex, TraceStats } from '../data/data.js';
import { type Model, shownData } from '../model.js';

export type TraceState = 'failed' | 'errors' | 'running' | 'ok';

export interface TraceRow {
  readonly key: string;
  readonly stats: TraceStats;
  readonly state: TraceState;
  /** Milliseconds from its first record to its last. */
  readonly length: number;
}

export function traceState({ lost, errors, open }: TraceStats): TraceState {
  if (lost > 0) return 'failed';
  if (open > 0) return 'running';
  return errors > 0 ? 'errors' : 'ok';
}

export function traceRow(stats: TraceStats): TraceRow {
  return { key: stats.key, stats, state: traceState(stats), length: stats.last - stats.start };
}

type Sort = Model['sorts']['traces'];

// One frame asks several times; what is known of traces is never changed once made.
const cache = new WeakMap<TraceIndex, { readonly sort: Sort; readonly rows: readonly TraceRow[] }>();

export function traceRows(model: Model): readonly TraceRow[] {
  const { traces } = shownData(model);
  const sort = model.sorts.traces;
  const known = cache.get(traces);
  if (known?.sort === sort) return known.rows;
  const rows = sorted(traces, sort);
  cache.set(traces, { sort, rows });
  return rows;
}

function sorted({ recent, failed, slow }: TraceIndex, sort: Sort): readonly TraceRow[] {
  switch (sort) {
    case 'newest':
      return [...recent.values()].map(traceRow).sort(byStart);
    case 'slowest':
      return [...slow.values(), ...failed.values(), ...recent.values()]
        .map(traceRow)
        .sort((a, b) => b.length - a.length || b.stats.start - a.stats.start);
    case 'failed':
      return [...failed.values(), ...recent.values()]
        .filter(({ errors, lost }) => errors > 0 || lost > 0)
        .map(traceRow)
        .sort(byStart);
  }
}

function byStart(a: TraceRow, b: TraceRow): number {
  return b.stats.start - a.stats.start || (a.key < b.key ? 1 : -1);
}
