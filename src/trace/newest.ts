/** The request that began last, in logs of any size: looked for at their ends first. */
import { analyse } from './analysis.js';
import { findTrace } from './find.js';
import type { FindOptions, FoundTimeline, FoundTrace, ReadReport } from './find-result.js';
import { listEnd, listTraces, type TraceListing } from './list.js';
import { type LogInput, openInputs } from './read/input.js';
import { isPackedFile } from './read/unpack.js';

export interface NewestOptions extends FindOptions {
  /** Only among those that failed. */
  readonly failed?: boolean | undefined;
  /** Bytes at the end of each log that are looked at first. Default: 32 MiB. */
  readonly endBytes?: number | undefined;
}

export type NewestTrace =
  | FoundTrace
  | FoundTimeline
  /** There is none. */
  | { readonly found: false; readonly read: ReadReport };

const END_BYTES = 32 << 20;
/** Requests at the end that are looked at whole, before all are listed. */
const MOST_TRIES = 3;

/**
 * Finds the request that began last.
 * @throws CfBusError `FILE_UNREADABLE` naming the file; for streams, which can be read once only, where there are any.
 */
export async function findNewest(inputs: readonly string[], options: NewestOptions = {}): Promise<NewestTrace> {
  const atEnd = await newestAtEnd(inputs, options);
  if (atEnd !== undefined) return atEnd;
  const { session, field, since, until, failed, onProgress } = options;
  const { newest, read } = await listTraces(inputs, { session, field, since, until, failed, onProgress });
  return newest === undefined
    ? { found: false, read }
    : ((await whole(inputs, newest, options)) ?? { found: false, read });
}

/**
 * Of the requests that are at the ends of the logs, the one that began last, if it is certain that none began later: what
 * is before the ends is older.
 */
async function newestAtEnd(
  inputs: readonly LogInput[],
  options: NewestOptions,
): Promise<FoundTrace | FoundTimeline | undefined> {
  const { candidates, floor } = await listEnds(inputs, options);
  let best: { readonly start: number; readonly found: FoundTrace | FoundTimeline } | undefined;
  for (const candidate of candidates.slice(0, MOST_TRIES)) {
    if (best !== undefined && best.start >= candidate.startTime) break;
    const found = await whole(inputs, candidate, options);
    const start = found === undefined ? undefined : startOf(found);
    if (found === undefined || start === undefined || !isWithin(start, options)) continue;
    // It may have begun before the end of the log.
    if (best === undefined || start > best.start) best = { start, found };
  }
  return best !== undefined && best.start >= floor ? best.found : undefined;
}

type TimedListing = TraceListing & { readonly startTime: number };

interface Ends {
  /** The one that seems to have begun last first. */
  readonly candidates: readonly TimedListing[];
  /** What is not at the ends began before that. */
  readonly floor: number;
}

async function listEnds(inputs: readonly LogInput[], options: NewestOptions): Promise<Ends> {
  const { session, field, failed, endBytes = END_BYTES } = options;
  const candidates: TimedListing[] = [];
  let floor = Number.NEGATIVE_INFINITY;
  for (const input of inputs) {
    const parts = openInputs([input]);
    const part = parts.at(-1);
    // A log that is all at the end is listed as fast as a whole one.
    if (part === undefined || part.size <= endBytes || isPackedFile(part.name)) return { candidates: [], floor: 0 };
    const all = await listEnd(part, endBytes, { session, field });
    let oldest = Number.POSITIVE_INFINITY;
    for (const each of all.listings('start')) {
      const { startTime, outcome } = each;
      if (startTime === undefined) continue;
      oldest = Math.min(oldest, startTime);
      if (isWithin(startTime, options) && (failed !== true || outcome === 'failed')) {
        candidates.push({ ...each, startTime });
      }
    }
    floor = Math.max(floor, oldest);
  }
  return { candidates: candidates.sort((a, b) => b.startTime - a.startTime), floor };
}

async function whole(
  inputs: readonly LogInput[],
  { traceId, session }: TraceListing,
  options: NewestOptions,
): Promise<FoundTrace | FoundTimeline | undefined> {
  // Lines of other programs have no session. A request that began in time is shown to its end.
  const { since: _since, until: _until, session: _session, ...others } = options;
  const found = await findTrace(inputs, traceId, session === '' ? others : { ...others, session });
  return found.found ? found : undefined;
}

function isWithin(
  start: number,
  { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: NewestOptions,
) {
  return start >= since && start <= until;
}

function startOf(found: FoundTrace | FoundTimeline): number | undefined {
  if (found.kind === 'trace') return analyse(found.traces[0]).startTime;
  return found.timeline.entries.find(({ time }) => time !== undefined)?.time;
}
