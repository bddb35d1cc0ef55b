/** `trace --list`: one line for each trace. */
import { formatDuration, safe } from '../kernel/index.js';
import type { Outcome, TraceListing } from '../trace/index.js';
import type { SortKey } from './definitions/reading.js';
import type { Paint, Style } from './paint.js';
import { table } from './table.js';

export interface ListingChoice {
  /** Default `start`. */
  readonly sort?: SortKey | undefined;
  /** Those alone that failed. */
  readonly failed?: boolean | undefined;
}

/** What one looks for comes last, next to the prompt. */
export function chooseListings(
  all: readonly TraceListing[],
  { sort: key = 'start', failed }: ListingChoice,
): readonly TraceListing[] {
  const listings = failed === true ? all.filter(({ outcome }) => outcome === 'failed') : all;
  if (key === 'start') return listings;
  const value = (listing: TraceListing) => (key === 'duration' ? listing.durationMs : listing.errors);
  return listings.toSorted((a, b) => value(a) - value(b));
}

const OUTCOMES: Readonly<Record<Outcome, readonly [word: string, style: Style]>> = {
  ok: ['ok', 'green'],
  failed: ['FAILED', 'red'],
  unfinished: ['unfinished', 'yellow'],
  unknown: ['not known', 'dim'],
};

export function listLines(listings: readonly TraceListing[], paint: Paint): string[] {
  const rows = listings.map(({ startTime, traceId, rootType, durationMs, events, lines, errors, outcome }) => {
    const [word, style] = OUTCOMES[outcome];
    return [
      paint('dim', new Date(startTime).toISOString()),
      safe(traceId),
      safe(rootType ?? '?'),
      formatDuration(durationMs),
      lines > 0 ? `${lines} ${lines === 1 ? 'line' : 'lines'}` : String(events),
      errors === 0 ? '-' : paint('red', String(errors)),
      paint(style, word),
    ];
  });
  return table(
    [
      { title: 'STARTED' },
      { title: 'TRACE' },
      { title: 'BEGAN WITH' },
      { title: 'DURATION', align: 'right' },
      { title: 'EVENTS', align: 'right' },
      { title: 'ERRORS', align: 'right' },
      { title: 'OUTCOME' },
    ],
    rows,
    paint,
  );
}

export function listJson(listings: readonly TraceListing[]): readonly object[] {
  return listings.map((listing) => ({
    trace_id: listing.traceId,
    session: listing.session,
    started: new Date(listing.startTime).toISOString(),
    duration_ms: listing.durationMs,
    events: listing.events,
    deliveries: listing.deliveries,
    lines: listing.lines,
    errors: listing.errors,
    root_type: listing.rootType ?? null,
    outcome: listing.outcome,
  }));
}
