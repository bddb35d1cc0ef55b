/** A record as one readable line: when, what kind, which service, what, which trace, how it went. */

import { displayWidth, formatDuration, plural, safe } from '../../kernel/index.js';
import type { LogRecord } from '../../record/index.js';
import type { Paint, Style } from '../paint.js';

export interface LineOptions {
  readonly paint: Paint;
  readonly ascii: boolean;
  /** Widths of the columns, in cells; longer texts push the rest to the right. */
  readonly serviceWidth: number;
  readonly whatWidth: number;
  readonly traceWidth: number;
  /** Time of day (UTC) instead of seconds since the first record. Default false. */
  readonly timeOfDay?: boolean;
}

interface Line {
  readonly mark: Mark;
  readonly service: string;
  readonly what: string;
  readonly trace: string;
  readonly details: string;
}

type Mark = 'published' | 'done' | 'error' | 'warning' | 'note';

const MARKS: Readonly<Record<Mark, readonly [symbol: string, ascii: string, style: Style]>> = {
  published: ['●', '*', 'bold'],
  done: ['✓', '+', 'green'],
  error: ['✗', 'x', 'red'],
  warning: ['▲', '!', 'yellow'],
  note: ['·', '-', 'dim'],
};

const SERVICE_STYLES: readonly Style[] = ['cyan', 'magenta', 'blue', 'green', 'yellow'];

/** Makes lines of one run; `undefined` for records that a reader of lines need not see (starts, subscriptions). */
export function lineFormatter(options: LineOptions): (record: LogRecord) => string | undefined {
  let begin: number | undefined;
  return (record) => {
    const time = Date.parse(record.timestamp);
    begin ??= time;
    const line = describe(record, options);
    if (line === undefined) return undefined;
    const when = options.timeOfDay === true ? timeOfDay(record.timestamp) : `${((time - begin) / 1_000).toFixed(3)}s`;
    return layOut(line, when.padStart(9), options);
  };
}

/** `13:05:01.250` of an ISO timestamp. */
function timeOfDay(timestamp: string): string {
  return safe(timestamp.slice(11, 23));
}

function layOut(line: Line, when: string, { paint, ascii, serviceWidth, whatWidth, traceWidth }: LineOptions): string {
  const [symbol, plain, style] = MARKS[line.mark];
  const service = pad(safe(line.service), serviceWidth);
  const what = pad(line.what, whatWidth);
  return [
    paint('dim', when),
    paint(style, ascii ? plain : symbol),
    paint(styleOf(line.service), service),
    line.mark === 'published' ? paint('bold', what) : line.mark === 'error' ? paint('red', what) : what,
    paint('dim', pad(safe(line.trace), traceWidth)),
    line.details,
  ]
    .join('  ')
    .trimEnd();
}

function describe(record: LogRecord, { paint, ascii }: LineOptions): Line | undefined {
  const arrow = ascii ? '->' : '→';
  switch (record.event) {
    case 'event_published': {
      const count = record.subscriber_count;
      const details =
        count === 0 ? paint('yellow', 'nobody subscribes to it') : paint('dim', `${arrow} ${subscribers(count)}`);
      return {
        mark: 'published',
        service: record.source,
        what: safe(record.event_type),
        trace: record.trace_id,
        details,
      };
    }
    case 'event_handler_complete':
      return handled(record, ascii, 'done', took(record, paint));
    case 'event_handler_error': {
      const next = record.will_retry
        ? `attempt ${record.attempt}, trying again`
        : `attempt ${record.attempt}, given up`;
      const error = paint('red', `ERR ${safe(record.error)}`);
      return handled(
        record,
        ascii,
        'error',
        `${error} ${paint('dim', `(${next}, after ${formatDuration(record.duration_ms)})`)}`,
      );
    }
    case 'event_delivery_dead':
      return handled(record, ascii, 'error', paint('red', `DEAD after ${record.attempt} attempts`));
    case 'event_delivery_dropped':
      return handled(record, ascii, 'warning', paint('yellow', `DROPPED ${safe(record.reason)}`));
    case 'event_delivery_abandoned':
      return handled(record, ascii, 'warning', paint('yellow', 'ABANDONED at the end of the run'));
    case 'control_changed':
      return note(`${safe(record.action)} ${safe(record.target)}`.trim(), `by ${safe(record.by)}`);
    case 'log_gap':
      return { ...note('log gap', paint('red', `ERR ${record.lost} records could not be written`)), mark: 'error' };
    default:
      return undefined;
  }
}

function note(what: string, details: string): Line {
  return { mark: 'note', service: '', what, trace: '', details };
}

interface Handled {
  readonly service: string;
  readonly handler: string;
  readonly event_type: string;
  readonly trace_id: string;
}

function handled(record: Handled, ascii: boolean, mark: Mark, details: string): Line {
  const what = `${safe(record.handler)} ${ascii ? '<-' : '←'} ${safe(record.event_type)}`;
  return { mark, service: record.service, what, trace: record.trace_id, details };
}

function took(record: LogRecord & { readonly event: 'event_handler_complete' }, paint: Paint): string {
  const parts = [formatDuration(record.duration_ms)];
  // Waiting is worth a word where it is a part of the whole that people can feel.
  if (record.queued_ms >= 1) parts.push(paint('dim', `queued ${formatDuration(record.queued_ms)}`));
  if (record.attempt > 1) parts.push(paint('yellow', `attempt ${record.attempt}`));
  if (record.fault !== undefined) parts.push(paint('yellow', `fault: ${safe(record.fault)}`));
  return parts.join('  ');
}

function subscribers(count: number): string {
  return plural(count, 'subscriber');
}

/** The same service has the same colour in every run. */
function styleOf(service: string): Style {
  let sum = 0;
  for (let index = 0; index < service.length; index++) sum = (sum * 31 + service.charCodeAt(index)) >>> 0;
  return SERVICE_STYLES[sum % SERVICE_STYLES.length] ?? 'cyan';
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}
