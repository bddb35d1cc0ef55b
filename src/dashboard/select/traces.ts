/** Traces as rows: the newest, the slowest, or those that failed. */
import type { TraceIndex, TraceStats } from '../data/data.js';
import { type Model, shownData, shownNow, tellsDeliveries } from '../model.js';

/** `errors`: not failed, but attempts did, or deliveries were dropped. */
export type TraceState = 'failed' | 'errors' | 'running' | 'ok';

export interface TraceRow {
  readonly key: string;
  readonly stats: TraceStats;
  readonly state: TraceState;
  /** Milliseconds from its first record to its last; while it runs, until now. */
  readonly length: number;
}

function traceState({ failed, lost, errors }: TraceStats, running: boolean): TraceState {
  if (failed > 0) return 'failed';
  if (running) return 'running';
  return errors > 0 || lost > 0 ? 'errors' : 'ok';
}

/** One that hangs has no records; its time passes all the same. */
function traceRow(stats: TraceStats, { now, told }: Moment): TraceRow {
  const running = told && stats.open > 0;
  const end = running ? Math.max(stats.last, now) : stats.last;
  return { key: stats.key, stats, state: traceState(stats, running), length: end - stats.start };
}

type Sort = Model['sorts']['traces'];

interface Moment {
  readonly sort: Sort;
  readonly now: number;
  /** Whether the records tell what runs. */
  readonly told: boolean;
}

// One frame asks several times; what is known of traces is never changed once made.
const cache = new WeakMap<TraceIndex, Moment & { readonly rows: readonly TraceRow[] }>();

export function traceRows(model: Model): readonly TraceRow[] {
  const { traces, time } = shownData(model);
  // Between two ticks, the records tell how late it is.
  const now = Math.max(shownNow(model), time);
  const moment: Moment = { sort: model.sorts.traces, now, told: tellsDeliveries(model) };
  const known = cache.get(traces);
  if (known?.sort === moment.sort && known.now === moment.now && known.told === moment.told) return known.rows;
  const rows = sorted(traces, moment);
  cache.set(traces, { ...moment, rows });
  return rows;
}

function sorted({ recent, failed, slow }: TraceIndex, moment: Moment): readonly TraceRow[] {
  const rowOf = (stats: TraceStats) => traceRow(stats, moment);
  switch (moment.sort) {
    case 'newest':
      return [...recent.values()].map(rowOf).sort(byStart);
    case 'slowest':
      return [...slow.values(), ...failed.values(), ...recent.values()]
        .map(rowOf)
        .sort((a, b) => b.length - a.length || b.stats.start - a.stats.start);
    case 'failed':
      return [...failed.values(), ...recent.values()]
        .filter(({ errors, lost }) => errors > 0 || lost > 0)
        .map(rowOf)
        .sort(byStart);
  }
}

function byStart(a: TraceRow, b: TraceRow): number {
  return b.stats.start - a.stats.start || (a.key < b.key ? 1 : -1);
}
