/** The log's rows: the newest records, or those the filter finds. */

import { type Filter, recordTest } from '../../record/index.js';
import { type Data, findTrace, type Seen } from '../data/data.js';
import { type Model, shownData } from '../model.js';

export interface LogRows {
  /** Oldest first. */
  readonly rows: readonly Seen[];
  /** Records looked through. */
  readonly of: number;
}

// One frame asks several times (the rows, the cursor, the title); data and filter are never changed once made.
const cache = new WeakMap<Data, { readonly filter: Filter; readonly rows: LogRows }>();

export function logRows(model: Model): LogRows {
  const data = shownData(model);
  const { filter } = model;
  const cached = cache.get(data);
  if (cached?.filter === filter) return cached.rows;
  const rows = find(data, filter);
  cache.set(data, { filter, rows });
  return rows;
}

function find(data: Data, filter: Filter): LogRows {
  if (filter.terms.length === 0) return { rows: data.records, of: data.records.length };
  const candidates = candidatesOf(data, filter);
  const test = recordTest(filter);
  return { rows: candidates.filter(({ record }) => test(record)), of: candidates.length };
}

/** A trace's own records reach back further than the log, and so do errors and warnings. */
function candidatesOf(data: Data, filter: Filter): readonly Seen[] {
  const trace = filter.trace === undefined ? undefined : findTrace(data.traces, filter.trace);
  if (trace !== undefined) return merged(trace.records, data.records);
  const oldest = data.records[0]?.n ?? Number.POSITIVE_INFINITY;
  const before = data.problems.filter(({ n }) => n < oldest);
  return before.length === 0 ? data.records : [...before, ...data.records];
}

/** Both, in order, each record once: a trace of a flood may have records that the log does not. */
function merged(some: readonly Seen[], others: readonly Seen[]): readonly Seen[] {
  const all = new Map([...some, ...others].map((seen) => [seen.n, seen]));
  return [...all.values()].sort((a, b) => a.n - b.n);
}
