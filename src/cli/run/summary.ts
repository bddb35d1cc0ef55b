/** What a person reads when a run has ended: what happened, how long it took, what went wrong, what to type next. */
import { stripVTControlCharacters } from 'node:util';
import type { BusStats, CloseReport, SubscriptionStats } from '../../bus/index.js';
import { displayWidth, formatDuration, plural, safe } from '../../kernel/index.js';
import type { Judgement, RunProblem, TrafficResult } from '../../simulator/index.js';
import type { Output } from '../output.js';
import { type Column, table } from '../table.js';
import type { TraceBook, TraceSummary } from './trace-book.js';

export interface RunSummary {
  readonly scenario: string;
  readonly seed: number;
  readonly session: string;
  /** Of scenario time, in milliseconds. */
  readonly elapsed: number;
  readonly traffic: TrafficResult;
  readonly left: CloseReport;
  readonly book: TraceBook;
  readonly expectations: readonly Judgement[];
  readonly problems: readonly RunProblem[];
  /** As the user would name it; `undefined` where nothing was logged. */
  readonly logFile: string | undefined;
}

const SLOWEST = 5;
const MOST_ROWS = 30;

export function printSummary(summary: RunSummary, out: Output, ascii: boolean): void {
  const { stats } = summary.left;
  const sections = [
    headline(summary, stats, out),
    eventTypes(stats, summary.book, out),
    handlers(stats.subscriptions, out),
    slowest(summary, out, ascii),
    requestFailures(summary, out, ascii),
    leftOver(summary.left, out),
    problems(summary.problems, out, ascii),
    expectations(summary, out, ascii),
  ];
  for (const section of sections) {
    if (section.length === 0) continue;
    out.line();
    for (const line of section) out.line(line);
  }
}

function headline(summary: RunSummary, stats: BusStats, out: Output): string[] {
  const { traffic, seed, session, elapsed } = summary;
  const { deliveries } = stats;
  const events = sum(Object.values(stats.eventCounts));
  const errors = sum(Object.values(stats.errorCounts));
  const lost = deliveries.failed + deliveries.dead;
  const title = `${safe(summary.scenario)} ended after ${formatDuration(elapsed)}`;
  const facts = [
    `${plural(events, 'event')}`,
    `${plural(sum(Object.values(deliveries)), 'delivery', 'deliveries')}`,
    errors === 0 ? out.paint('green', 'no errors') : out.paint('red', plural(errors, 'error')),
    ...(lost > 0 ? [out.paint('red', `${lost} failed for good`)] : []),
    ...(deliveries.dropped > 0 ? [out.paint('yellow', `${deliveries.dropped} dropped`)] : []),
    ...(deliveries.abandoned > 0 ? [out.paint('yellow', `${deliveries.abandoned} abandoned`)] : []),
  ];
  const lines = [out.paint('bold', title), `  ${facts.join(', ')}`];
  if (traffic.started > 0) {
    const ended = [`${traffic.completed} completed`];
    if (traffic.failed > 0) ended.push(out.paint('red', `${traffic.failed} failed`));
    if (traffic.cancelled > 0) ended.push(out.paint('yellow', `${traffic.cancelled} cut off`));
    lines.push(`  ${plural(traffic.started, 'request')}: ${ended.join(', ')}`);
  }
  lines.push(
    out.paint(
      'dim',
      `  seed ${seed}, session ${session}${summary.logFile === undefined ? '' : `, log ${safe(summary.logFile)}`}`,
    ),
  );
  if (traffic.failure !== undefined) lines.push(out.paint('red', `  STOPPED: ${safe(traffic.failure.message)}`));
  return lines;
}

function eventTypes(stats: BusStats, book: TraceBook, out: Output): string[] {
  const types = new Set([...Object.keys(stats.eventCounts), ...Object.keys(stats.errorCounts)]);
  const rows = [...types]
    .map((type) => ({
      type,
      published: stats.eventCounts[type] ?? 0,
      errors: stats.errorCounts[type] ?? 0,
      unheard: book.unheard.get(type) ?? 0,
    }))
    .sort((a, b) => b.published - a.published || (a.type < b.type ? -1 : 1))
    .map(({ type, published, errors, unheard }) => [
      `  ${safe(type)}`,
      String(published),
      errors === 0 ? out.paint('dim', '-') : out.paint('red', String(errors)),
      unheard === 0 ? '' : out.paint('yellow', 'nobody subscribes to it'),
    ]);
  const columns: Column[] = [
    { title: '  EVENT TYPE' },
    { title: 'PUBLISHED', align: 'right' },
    { title: 'ERRORS', align: 'right' },
    { title: '' },
  ];
  return limited(rows, columns, out, 'event types');
}

interface Figure {
  readonly title: string;
  readonly value: (stats: SubscriptionStats) => number;
  readonly style?: 'red' | 'yellow';
  /** Shown where all are zero, too. */
  readonly always?: true;
}

const FIGURES: readonly Figure[] = [
  { title: 'DONE', value: (stats) => stats.delivered, always: true },
  { title: 'ERRORS', value: (stats) => stats.errors, style: 'red', always: true },
  { title: 'RETRIES', value: (stats) => stats.retries, style: 'yellow' },
  { title: 'FAILED', value: (stats) => stats.failed, style: 'red' },
  { title: 'DEAD', value: (stats) => stats.dead, style: 'red' },
  { title: 'DROPPED', value: (stats) => stats.dropped, style: 'yellow' },
  { title: 'ABANDONED', value: (stats) => stats.abandoned, style: 'yellow' },
];

function handlers(subscriptions: readonly SubscriptionStats[], out: Output): string[] {
  const figures = FIGURES.filter(
    ({ always, value }) => always === true || subscriptions.some((stats) => value(stats) > 0),
  );
  const none = out.paint('dim', '-');
  const cell = ({ value, style }: Figure, stats: SubscriptionStats) => {
    const number = value(stats);
    return number === 0 ? none : style === undefined ? String(number) : out.paint(style, String(number));
  };
  const time = (value: number | undefined) => (value === undefined ? none : formatDuration(value));
  const rows = subscriptions.map((stats) => [
    `  ${safe(stats.service === '' ? stats.handler : `${stats.service}.${stats.handler}`)}`,
    ...figures.map((figure) => cell(figure, stats)),
    ...[stats.p50, stats.p95, stats.p99].map(time),
  ]);
  const titles = [...figures.map(({ title }) => title), 'P50', 'P95', 'P99'];
  const columns: Column[] = [{ title: '  HANDLER' }, ...titles.map((title): Column => ({ title, align: 'right' }))];
  const p50 = figures.length + 1;
  const droppable = [p50 + 2, p50, ...figures.map((_, index) => index + 1).slice(2)];
  return limited(rows, columns, out, 'handlers', droppable);
}

function slowest({ book, logFile }: RunSummary, out: Output, ascii: boolean): string[] {
  const traces = book.slowest(SLOWEST);
  if (traces.length === 0) return [];
  const option = logFile === undefined ? undefined : logOption(logFile);
  const rows = traces.map((trace) => [
    `  ${safe(trace.traceId)}`,
    formatDuration(trace.durationMs),
    String(trace.events),
    trace.errors === 0 ? out.paint('dim', '-') : out.paint('red', String(trace.errors)),
    outcome(trace, out, ascii),
    option === undefined ? '' : out.paint('dim', traceCommand(trace.traceId, option)),
  ]);
  const title = book.count > traces.length ? `  SLOWEST OF ${book.count} TRACES` : '  TRACE';
  const columns: Column[] = [
    { title },
    { title: 'TOOK', align: 'right' },
    { title: 'EVENTS', align: 'right' },
    { title: 'ERRORS', align: 'right' },
    { title: '' },
    { title: '' },
  ];
  const lines = fitted(columns, rows, out, [3, 2, 5]);
  // Where the commands do not fit, one stands for all.
  const commandsShown = lines.some((line) => line.includes('cf-bus trace'));
  const [first] = traces;
  if (commandsShown || option === undefined || first === undefined) return lines;
  return [...lines, out.paint('dim', `  ${traceCommand(first.traceId, option)}`)];
}

/** A table that fits the terminal: columns of `droppable` (by index, the least important first) go until it does. */
function fitted(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  out: Output,
  droppable: readonly number[],
): string[] {
  const width = out.isTerminal ? out.columns : Number.POSITIVE_INFINITY;
  for (let dropped = 0; ; dropped++) {
    const gone = new Set(droppable.slice(0, dropped));
    const keep = <T>(cells: readonly T[]) => cells.filter((_, index) => !gone.has(index));
    const lines = table(keep(columns), rows.map(keep), out.paint);
    const fits = lines.every((line) => displayWidth(stripVTControlCharacters(line)) <= width);
    if (fits || dropped >= droppable.length) return lines;
  }
}

function outcome(trace: TraceSummary, out: Output, ascii: boolean): string {
  if (trace.lost > 0) return out.paint('red', ascii ? 'FAILED' : '✗ failed');
  return trace.errors > 0
    ? out.paint('yellow', ascii ? 'recovered' : '▲ recovered')
    : out.paint('green', ascii ? 'ok' : '✓ ok');
}

function requestFailures({ traffic }: RunSummary, out: Output, ascii: boolean): string[] {
  if (traffic.failures.length === 0) return [];
  const shown = traffic.failures.slice(0, SLOWEST);
  const more = traffic.failed - shown.length;
  return [
    out.paint('dim', '  REQUESTS THAT FAILED'),
    ...shown.map(
      (each) =>
        `  ${out.paint('red', ascii ? 'x' : '✗')} ${safe(each.request)} ${safe(each.traceId)}: ${safe(each.message)}`,
    ),
    ...(more > 0 ? [out.paint('dim', `    and ${more} more`)] : []),
  ];
}

function leftOver({ abandoned, cancelled }: CloseReport, out: Output): string[] {
  if (abandoned.length === 0 && cancelled === 0) return [];
  const names = new Map<string, number>();
  for (const { subscriber, state } of abandoned) {
    const key = `${subscriber.service === '' ? '' : `${subscriber.service}.`}${subscriber.handler} (${state})`;
    names.set(key, (names.get(key) ?? 0) + 1);
  }
  return [
    out.paint('yellow', '  ABANDONED: still under way when the time to drain was over'),
    ...[...names].map(([name, times]) => `  ${times} ${safe(name)}`),
    ...(cancelled > 0 ? [`  ${plural(cancelled, 'delayed publish', 'delayed publishes')} cancelled`] : []),
  ];
}

function problems(found: readonly RunProblem[], out: Output, ascii: boolean): string[] {
  if (found.length === 0) return [];
  return [
    out.paint('dim', '  PROBLEMS IN THE SCENARIO'),
    ...found
      .slice(0, MOST_ROWS)
      .map(
        ({ message, count: times }) =>
          `  ${out.paint('red', ascii ? 'x' : '✗')} ${safe(message)}${times > 1 ? ` (${times} times)` : ''}`,
      ),
  ];
}

function expectations({ expectations: judged, logFile }: RunSummary, out: Output, ascii: boolean): string[] {
  if (judged.length === 0) return [];
  return [out.paint('dim', '  EXPECTATIONS'), ...judged.flatMap((each) => judgementLines(each, logFile, out, ascii))];
}

/** One line for an expectation; for one that failed, a second with the command that traces the first failure. */
export function judgementLines(
  judgement: Judgement,
  logFile: string | undefined,
  out: Output,
  ascii: boolean,
): string[] {
  const text = safe(judgement.expectation.text);
  const found = safe(judgement.sentence);
  switch (judgement.verdict) {
    case 'passed':
      return [`  ${out.paint('green', ascii ? 'ok  ' : '✓')} ${text}`];
    case 'inconclusive':
      return [`  ${out.paint('yellow', ascii ? '?   ' : '?')} ${text}  ${out.paint('dim', found)}`];
    case 'failed': {
      const [first] = judgement.traces.ids;
      const line = `  ${out.paint('red', ascii ? 'FAIL' : '✗')} ${out.paint('red', text)}  ${found}`;
      if (first === undefined || logFile === undefined) return [line];
      return [line, `      ${out.paint('dim', traceCommand(first, logOption(logFile)))}`];
    }
  }
}

/** A command that people can paste. */
export function traceCommand(traceId: string, option: string): string {
  const id = /^[A-Za-z0-9_.:/@%+=-]+$/.test(traceId) ? safe(traceId) : `'${safe(traceId).replaceAll("'", "'\\''")}'`;
  return `cf-bus trace ${id.startsWith('-') ? '-- ' : ''}${id}${option}`;
}

const DEFAULT_LOG = 'logs/cf-bus.log';

export function logOption(logFile: string): string {
  if (logFile === DEFAULT_LOG) return '';
  return /^[A-Za-z0-9_./-]+$/.test(logFile)
    ? ` --log ${logFile}`
    : ` --log '${safe(logFile).replaceAll("'", "'\\''")}'`;
}

function limited(
  rows: readonly (readonly string[])[],
  columns: readonly Column[],
  out: Output,
  what: string,
  droppable: readonly number[] = [],
): string[] {
  if (rows.length === 0) return [];
  const lines = fitted(columns, rows.slice(0, MOST_ROWS), out, droppable);
  if (rows.length > MOST_ROWS) lines.push(out.paint('dim', `  and ${rows.length - MOST_ROWS} more ${what}`));
  return lines;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
