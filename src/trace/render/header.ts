/** What comes before the tree: the answers. */
import { formatDuration, plural, safe } from '../../kernel/index.js';
import type { Analysis, Outcome, TraceCounts } from '../analysis.js';
import type { CriticalKind, CriticalSegment } from '../critical-path.js';
import type { Trace } from '../forest.js';
import { isoTime } from '../time.js';
import { formatOffset, type LayoutOptions } from './layout.js';
import type { ServiceStyles, Span, Style } from './palette.js';
import { columnsOf, truncate, wrap } from './text.js';
import type { View } from './view.js';
import { errorSpans, gapWords, handlerSpans, hiddenWords } from './words.js';

export const OUTCOMES: Readonly<Record<Outcome, { readonly word: string; readonly style: Style }>> = {
  ok: { word: 'OK', style: 'green' },
  failed: { word: 'FAILED', style: 'error' },
  unfinished: { word: 'UNFINISHED', style: 'yellow' },
  unknown: { word: 'OUTCOME NOT LOGGED', style: 'yellow' },
};

const ERROR_LINES = 3;
const NOTE_LINES = 4;
const LABEL_WIDTH = 13;
/** Services below it are left out of where the time went. */
const NOTABLE_SHARE = 0.005;

/** The lines above the tree, none wider than the width. `critical`: the path to tell of, where one is shown. */
export function headerLines(view: View, critical: readonly CriticalSegment[] = []): string[] {
  const { trace, analysis, styles, layout: options } = view;
  const { glyphs, paint } = options;
  if (trace.events.length === 0) return [`${paint({ text: safe(trace.traceId), style: 'bold' })}  no events`];
  const { word, style } = OUTCOMES[analysis.outcome];
  const took = `${analysis.outcome === 'unfinished' ? 'after' : 'in'} ${formatDuration(analysis.durationMs)}`;
  const title: Span[] = [
    { text: safe(trace.traceId), style: 'bold' },
    { text: '  ' },
    { text: word, style },
    { text: ` ${took}` },
  ];
  const begun = isoTime(analysis.startTime).replace('T', ' ').replace('Z', ' UTC');
  const session = trace.session === '' ? '' : `session ${safe(trace.session)} ${glyphs.dot} `;
  const where: Span[] = [{ text: `${session}${begun}`, style: 'dim' }];
  const counts = countWords(analysis.counts).map((text): Span[] => [{ text, style: 'dim' }]);
  const beside: Span[] = [...title, { text: '   ' }, ...flow(counts, Number.POSITIVE_INFINITY, glyphs.dot).flat()];
  const opening = columnsOf(beside) <= options.width ? [beside] : [title, ...flow(counts, options.width, glyphs.dot)];
  // Of a log that tells of failures only, the sum would mislead.
  const times = trace.deliveriesLogged ? timeItems(analysis, styles) : [];
  return [
    ...[...opening, where].map((spans) => truncate(spans, options.width, glyphs.ellipsis).map(paint).join('')),
    ...labelled('first error', firstErrorLines(analysis, styles, options), options),
    ...labelled('self time', flow(times, options.width - LABEL_WIDTH, glyphs.dot), options),
    ...labelled('critical', flow(criticalItems(critical, styles), options.width - LABEL_WIDTH, glyphs.dot), options),
    ...labelled('gap', wrapped(gapSpans(trace), NOTE_LINES, options), options),
    ...labelled('hidden', wrapped(hiddenSpans(view), NOTE_LINES, options), options),
    ...noteTexts(trace, glyphs.about).flatMap((text) =>
      labelled('note', wrapped([{ text }], NOTE_LINES, options), options),
    ),
  ];
}

/** `label  text`, the text's further lines under its first. */
function labelled(
  label: string,
  lines: readonly (readonly Span[])[],
  { width, glyphs, paint }: LayoutOptions,
): string[] {
  return lines.map((line, index) => {
    const start = (index === 0 ? label : '').padEnd(LABEL_WIDTH);
    const fitting = truncate(line, width - LABEL_WIDTH, glyphs.ellipsis);
    return paint({ text: start, style: 'dim' }) + fitting.map(paint).join('');
  });
}

function wrapped(spans: readonly Span[], maxLines: number, { width, glyphs }: LayoutOptions): readonly Span[][] {
  return spans.length === 0 ? [] : wrap(spans, Math.max(10, width - LABEL_WIDTH), maxLines, glyphs.ellipsis);
}

/** `items` one after the other in lines of at most `width` columns, none broken in two. */
function flow(items: readonly (readonly Span[])[], width: number, dot: string): readonly Span[][] {
  const lines: Span[][] = [];
  for (const item of items) {
    const last = lines.at(-1);
    const separated: Span[] = [{ text: ` ${dot} `, style: 'dim' }, ...item];
    if (last !== undefined && columnsOf(last) + columnsOf(separated) <= width) last.push(...separated);
    else lines.push([...item]);
  }
  return lines;
}

function countWords(counts: TraceCounts): string[] {
  const also = (count: number, words: string) => (count === 0 ? [] : [words]);
  return [
    plural(counts.events, 'event'),
    plural(counts.deliveries, 'delivery', 'deliveries'),
    ...also(counts.errors, plural(counts.errors, 'error')),
    ...also(counts.retries, plural(counts.retries, 'retry', 'retries')),
    ...also(counts.failed, `${counts.failed} failed`),
    ...also(counts.dead, `${counts.dead} dead`),
    ...also(counts.dropped, `${counts.dropped} dropped`),
    ...also(counts.abandoned, `${counts.abandoned} abandoned`),
    ...also(counts.unfinished, `${counts.unfinished} unfinished`),
    ...also(counts.orphans, plural(counts.orphans, 'orphan')),
  ];
}

/** Where it was and what it said, in one line where that fits. */
function firstErrorLines(
  { firstError, startTime }: Analysis,
  styles: ServiceStyles,
  options: LayoutOptions,
): readonly Span[][] {
  if (firstError === undefined) return [];
  const { delivery, attempt, time, error } = firstError;
  const which = delivery.attempts.length > 1 ? `, attempt ${attempt}` : '';
  const place: Span[] = [
    { text: `${formatOffset(time - startTime)} `, style: 'dim' },
    ...handlerSpans(delivery, styles),
    { text: ` on ${safe(delivery.eventType)}${which}`, style: 'dim' },
  ];
  const said = errorSpans(error);
  const room = options.width - LABEL_WIDTH;
  if (columnsOf(place) + 2 + columnsOf(said) <= room) return [[...place, { text: '  ' }, ...said]];
  return [place, ...wrapped(said, ERROR_LINES, options)];
}

/** Where the time went: self time by service. */
function timeItems({ services }: Analysis, styles: ServiceStyles): Span[][] {
  const total = services.reduce((sum, { selfMs }) => sum + selfMs, 0);
  const notable = services.filter(({ selfMs }) => selfMs / total >= NOTABLE_SHARE);
  return notable.map(({ service, selfMs }) => [
    service === '' ? { text: '(no service)' } : { text: safe(service), style: styles.of(service) },
    { text: ` ${formatDuration(selfMs)}` },
    { text: ` ${Math.round((selfMs / total) * 100)}%`, style: 'dim' },
  ]);
}

const CRITICAL_WORDS: Readonly<Record<Exclude<CriticalKind, 'run'>, string>> = {
  retry: 'waiting for a retry',
  queue: 'in queues',
  delay: 'published later',
  gap: 'nothing logged',
};

/** What the request's whole time was spent on: handlers by service, and the waits. */
function criticalItems(segments: readonly CriticalSegment[], styles: ServiceStyles): Span[][] {
  const parts = new Map<string, { readonly name: Span; ms: number }>();
  let total = 0;
  for (const { kind, from, to, delivery } of segments) {
    const service = kind === 'run' ? (delivery?.service ?? '') : undefined;
    const key = `${kind} ${service ?? ''}`;
    const name: Span =
      kind !== 'run'
        ? { text: CRITICAL_WORDS[kind] }
        : service === undefined || service === ''
          ? { text: '(no service)' }
          : { text: safe(service), style: styles.of(service) };
    const part = parts.get(key) ?? { name, ms: 0 };
    part.ms += to - from;
    total += to - from;
    parts.set(key, part);
  }
  const notable = [...parts.values()].filter(({ ms }) => ms / total >= NOTABLE_SHARE).sort((a, b) => b.ms - a.ms);
  return notable.map(({ name, ms }) => [
    name,
    { text: ` ${formatDuration(ms)}` },
    { text: ` ${Math.round((ms / total) * 100)}%`, style: 'dim' },
  ]);
}

function gapSpans(trace: Trace): Span[] {
  const words = gapWords(trace);
  return words === '' ? [] : [{ text: words, style: 'yellow' }];
}

function hiddenSpans({ folded: { hidden } }: View): Span[] {
  const words = hiddenWords(hidden);
  return words === '' ? [] : [{ text: words, style: 'yellow' }, { text: '; the figures above are of the whole trace' }];
}

/** What to know about the log before believing the tree. */
export function noteTexts({ deliveriesLogged, inferred, problems }: Trace, about: string): string[] {
  const concluded = `${about} stands before what was concluded from order and nesting: the log does not say it`;
  const unlogged = 'deliveries were not logged (the log begins at level info): only events and failures are known';
  const said: (readonly [number, string, string?])[] = [
    [problems.cycles, 'cycle of causes was cut', 'cycles of causes were cut'],
    [problems.duplicates, 'repeated record was left out', 'repeated records were left out'],
    [problems.missingPublishes, 'event has no record of its own', 'events have no record of their own'],
    [problems.missingStarts, 'attempt has no record of its start', 'attempts have no record of their start'],
    [problems.missingEndings, 'attempt has no record of its ending', 'attempts have no record of their ending'],
    [problems.effectBeforeCause, 'event comes before its cause', 'events come before their cause'],
    [
      problems.clockBackwards,
      'record is older than the one before it (the clock went back: times across it are off)',
      'records are older than the one before them (the clock went back: times across them are off)',
    ],
    [problems.badTimestamps, 'record has no valid timestamp', 'records have no valid timestamp'],
  ];
  const odd = said.filter(([count]) => count > 0).map(([count, one, many]) => plural(count, one, many));
  return [
    ...(inferred === true ? [concluded] : []),
    ...(deliveriesLogged ? [] : [unlogged]),
    ...(odd.length === 0 ? [] : [`in the log: ${odd.join(', ')}`]),
  ];
}
