/** Subscribers as rows: their state, and the order in which trouble comes first. */
import { faultsOf } from '../data/control-words.js';
import type { SubscriberStats } from '../data/data.js';
import { type Model, shownData, shownNow, tellsDeliveries } from '../model.js';

export type SubscriberState =
  | { readonly kind: 'faulted'; readonly faults: readonly string[] }
  /** `lost`: deliveries died or were dropped lately; else so many of the last attempts failed. */
  | { readonly kind: 'failing'; readonly lost: boolean; readonly failed: number; readonly of: number }
  | { readonly kind: 'paused' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'ok' };

export interface SubscriberRow {
  readonly key: string;
  readonly stats: SubscriberStats;
  readonly state: SubscriberState;
}

/** Of the last outcomes, so many must have failed for "failing". */
const FAILING_SHARE = 0.25;
/** Milliseconds for which a lost delivery makes its subscriber failing. */
const LOST_FOR_MS = 10_000;

export function stateOf(stats: SubscriberStats, model: Model): SubscriberState {
  const { controls } = shownData(model);
  const faults = faultsOf(controls, stats.service, stats.handler);
  if (faults.length > 0) return { kind: 'faulted', faults };
  const failed = countOnes(stats.outcomes);
  const lostLately = stats.lostAt > 0 && shownNow(model) - stats.lostAt < LOST_FOR_MS;
  // Where successes are not logged, all outcomes that were seen are failures, and all deliveries seem to wait.
  const told = tellsDeliveries(model);
  if (lostLately || (told && failed > 0 && failed >= stats.outcomeCount * FAILING_SHARE)) {
    return { kind: 'failing', lost: lostLately, failed, of: stats.outcomeCount };
  }
  if (controls.busPaused) return { kind: 'paused' };
  return told && (stats.queued > 0 || stats.waiting > 0) ? { kind: 'busy' } : { kind: 'ok' };
}

const TROUBLE = { failing: 0, faulted: 1, busy: 2, paused: 3, ok: 4 } as const;

export function subscriberRows(model: Model): readonly SubscriberRow[] {
  const rows = [...shownData(model).subscribers.values()].map((stats) => ({
    key: stats.target,
    stats,
    state: stateOf(stats, model),
  }));
  return rows.sort((a, b) => compare(a, b, model.sorts.subscribers) || byName(a, b));
}

function compare(a: SubscriberRow, b: SubscriberRow, sort: Model['sorts']['subscribers']): number {
  switch (sort) {
    case 'trouble':
      // What failed lately comes before what did not, also where it went well in the end.
      return TROUBLE[a.state.kind] - TROUBLE[b.state.kind] || failedLately(b.stats) - failedLately(a.stats);
    case 'name':
      return 0;
    case 'delivered':
      return b.stats.delivered - a.stats.delivered;
    case 'errors':
      return b.stats.errors - a.stats.errors;
    case 'queued':
      return b.stats.queued - a.stats.queued;
    case 'p95':
      return (percentiles(b.stats)?.p95 ?? -1) - (percentiles(a.stats)?.p95 ?? -1);
  }
}

function failedLately({ outcomes }: SubscriberStats): 0 | 1 {
  return outcomes === 0 ? 0 : 1;
}

function byName(a: SubscriberRow, b: SubscriberRow): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

// Three columns and an order ask for the same; what is known of a subscriber is never changed once made.
const cache = new WeakMap<SubscriberStats, Percentiles>();

/** Of the last attempts, in milliseconds; `undefined` before the first has ended. */
export function percentiles(stats: SubscriberStats): Percentiles | undefined {
  if (stats.attempts === 0) return undefined;
  const known = cache.get(stats);
  if (known !== undefined) return known;
  const found = percentilesOf(stats);
  cache.set(stats, found);
  return found;
}

function percentilesOf({ durations, attempts }: SubscriberStats): Percentiles {
  const sorted = durations.slice(0, Math.min(attempts, durations.length)).sort();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function countOnes(bits: number): number {
  let count = 0;
  for (let left = bits; left > 0; left >>>= 1) count += left & 1;
  return count;
}
