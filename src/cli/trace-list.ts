/** `trace --list`: one line for each trace. */
import { displayWidth, formatDuration, graphemes, plural, safe, safeJson } from '../kernel/index.js';
import type { LeftOut, ListKey, Outcome, TraceList, TraceListing } from '../trace/index.js';
import type { Context } from './context.js';
import type { Paint, Style } from './paint.js';
import { longTable, type Row } from './table.js';

/** Columns of what a trace began with. */
const WIDEST_ROOT = 48;

const OUTCOMES: Readonly<Record<Outcome, readonly [word: string, style: Style]>> = {
  ok: ['ok', 'green'],
  failed: ['FAILED', 'red'],
  unfinished: ['unfinished', 'yellow'],
  unknown: ['not known', 'dim'],
};

/** What one looks for comes last, next to the prompt. */
export function* listLines(list: TraceList, key: ListKey | undefined, paint: Paint): Generator<string> {
  const lines = longTable(
    [
      { title: 'STARTED' },
      { title: 'TRACE' },
      { title: 'BEGAN WITH' },
      { title: 'DURATION', align: 'right' },
      { title: 'EVENTS', align: 'right' },
      { title: 'ERRORS', align: 'right' },
      { title: 'OUTCOME' },
    ],
    function* () {
      for (const each of list.listings(key)) yield rowOf(each, paint);
    },
    paint,
  );
  for (const line of lines) yield `${line}\n`;
}

function rowOf(
  { startTime, traceId, rootType, durationMs, events, lines, errors, outcome }: TraceListing,
  paint: Paint,
): Row {
  const [word, style] = OUTCOMES[outcome];
  return [
    paint('dim', startTime === undefined ? 'not told' : new Date(startTime).toISOString()),
    safe(traceId),
    cut(safe(rootType ?? '?')),
    startTime === undefined ? '-' : formatDuration(durationMs),
    lines > 0 ? plural(lines, 'line') : String(events),
    errors === 0 ? '-' : paint('red', String(errors)),
    paint(style, word),
  ];
}

/** Messages of other programs may be long. */
function cut(text: string): string {
  if (displayWidth(text) <= WIDEST_ROOT) return text;
  let kept = '';
  for (const grapheme of graphemes(text)) {
    if (displayWidth(kept + grapheme) >= WIDEST_ROOT) break;
    kept += grapheme;
  }
  return `${kept}…`;
}

/** A JSON array, a piece at a time. */
export function* listJson(list: TraceList, key: ListKey | undefined): Generator<string> {
  let before = '[\n';
  for (const listing of list.listings(key)) {
    yield before + safeJson(listingJson(listing), 2).replace(/^/gm, '  ');
    before = ',\n';
  }
  yield list.size === 0 ? '[]\n' : '\n]\n';
}

function listingJson(listing: TraceListing): object {
  return {
    trace_id: listing.traceId,
    session: listing.session,
    started: listing.startTime === undefined ? null : new Date(listing.startTime).toISOString(),
    duration_ms: listing.startTime === undefined ? null : listing.durationMs,
    events: listing.events,
    deliveries: listing.deliveries,
    lines: listing.lines,
    errors: listing.errors,
    root_type: listing.rootType ?? null,
    outcome: listing.outcome,
  };
}

/** Tells of traces that are not in a list, because it was full. */
export function noteLeftOut({ notices }: Context, { lines, from }: LeftOut, size: number): void {
  if (lines === 0) return;
  const since = from === undefined ? '' : ` that began from ${new Date(from).toISOString()} on`;
  notices.line(
    notices.paint(
      'yellow',
      `Left out: ${plural(lines, 'line')} of traces${since}; a list holds ${size}. The end of a log alone: tail -c 1G FILE | cf-bus trace --list -`,
    ),
  );
}
