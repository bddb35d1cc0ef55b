/** A trace as the records it was built from, in order, readable. */
import { plural, safe, safeJson } from '../../kernel/index.js';
import { LEVELS, type Level } from '../../record/index.js';
import type { Trace } from '../forest.js';
import { type LogEntry, logEntries } from '../log-entries.js';
import { headerLines } from './header.js';
import { layOut } from './layout.js';
import type { Span, Style } from './palette.js';
import type { Row } from './rows.js';
import { type RenderOptions, type View, viewOf } from './view.js';
import { errorSpans, handlerSpans, inferredMark, isInferred, stateSpans } from './words.js';

export interface LogRenderOptions extends RenderOptions {
  /** Leaves out records below it. Default: all are shown. */
  readonly level?: Level | undefined;
}

/** The records of a trace with its header, in lines that end in a line break. Text from the log is made safe to print. */
export function renderLog(trace: Trace, options: LogRenderOptions = {}): string {
  const view = viewOf(trace, options);
  const least = LEVELS.indexOf(options.level ?? 'debug');
  const entries = logEntries(view.folded.trace);
  const shown = entries.filter(({ level }) => LEVELS.indexOf(level) >= least);
  const lines = layOut(
    shown.map((entry) => rowOf(entry, view, options.ascii === true)),
    view.layout,
  );
  const below = entries.length - shown.length;
  const hidden: Span = { text: `${plural(below, 'record')} below level ${options.level} hidden`, style: 'dim' };
  const notes = below === 0 ? [] : ['', view.layout.paint(hidden)];
  return `${[...headerLines(view), ...(lines.length === 0 ? [] : ['', ...lines]), ...notes].join('\n')}\n`;
}

const LEVEL_STYLES: Readonly<Record<Level, Style | undefined>> = {
  debug: 'dim',
  info: undefined,
  warn: 'yellow',
  error: 'error',
};

const MARKS: Readonly<Record<LogEntry['kind'], readonly [unicode: string, ascii: string]>> = {
  published: ['●', '*'],
  no_subscribers: ['●', '*'],
  start: ['▷', '>'],
  complete: ['✓', '+'],
  error: ['✗', 'x'],
  over: ['✗', 'x'],
};

/** A line that hangs below no other. */
const PLACE = { guides: [false], hidden: 0, hasChildren: false } as const;

type Content = Pick<Row, 'label' | 'remark' | 'notes'> & Partial<Pick<Row, 'durationMs' | 'durationInferred'>>;

function rowOf(entry: LogEntry, view: View, ascii: boolean): Row {
  const { level, kind, time } = entry;
  const node = 'event' in entry ? entry.event : entry.delivery;
  const [unicode, plain] = MARKS[kind];
  const content = contentOf(entry, view);
  const timeInferred = kind === 'start' && isInferred(node, 'start');
  return {
    ...PLACE,
    time,
    timeInferred,
    durationMs: undefined,
    durationInferred: false,
    ...content,
    label: [
      { text: `${level.padEnd(5)} `, style: LEVEL_STYLES[level] },
      { text: `${ascii ? plain : unicode} `, style: LEVEL_STYLES[level] },
      ...inferredMark(node, view.layout.glyphs.about),
      ...content.label,
    ],
  };
}

function contentOf(entry: LogEntry, { styles }: View): Content {
  if ('event' in entry) return eventContent(entry);
  const { delivery } = entry;
  const label: Span[] = [...handlerSpans(delivery, styles), { text: ` on ${safe(delivery.eventType)}`, style: 'dim' }];
  const tries: readonly (readonly Span[])[] =
    delivery.attempts.length > 1 && 'attempt' in entry
      ? [[{ text: `attempt ${entry.attempt.number}`, style: 'dim' }]]
      : [];
  switch (entry.kind) {
    case 'start':
      return { label: [...label, { text: ' starts', style: 'dim' }], remark: [], notes: tries };
    case 'complete': {
      const durationInferred = isInferred(delivery, 'duration');
      const notes = [...tries, ...faultNotes(entry.end.fault)];
      return { label, remark: [], notes, durationMs: entry.end.durationMs, durationInferred };
    }
    case 'error': {
      const next = entry.end.willRetry ? 'to be retried' : 'given up';
      const notes: readonly (readonly Span[])[] = [
        ...tries,
        [{ text: next, style: 'dim' }],
        ...faultNotes(entry.end.fault),
      ];
      return { label, remark: errorSpans(entry.end.error), notes, durationMs: entry.end.durationMs };
    }
    case 'over':
      return { label, remark: stateSpans(delivery, false, 'log'), notes: [] };
  }
}

function eventContent({ kind, event }: Extract<LogEntry, { readonly event: unknown }>): Content {
  const label: Span[] = [{ text: safe(event.type), style: 'bold' }];
  if (kind === 'no_subscribers') return { label, remark: [{ text: 'no subscribers', style: 'yellow' }], notes: [] };
  const { source, published } = event;
  const payload = published?.payload;
  const keys = published?.payloadKeys.map(safe).join(', ') ?? '';
  const from: readonly (readonly Span[])[] =
    source === undefined ? [] : [[{ text: `from ${safe(source)}`, style: 'dim' }]];
  const to: Span = { text: plural(published?.subscriberCount ?? 0, 'subscriber'), style: 'dim' };
  return {
    label,
    remark: payload === undefined ? [] : [{ text: safe(safeJson(payload)) }],
    notes: [
      ...from,
      [to],
      ...(payload === undefined && keys !== '' ? [[{ text: `{${keys}}`, style: 'dim' } as const]] : []),
    ],
  };
}

function faultNotes(fault: string | undefined): readonly (readonly Span[])[] {
  return fault === undefined ? [] : [[{ text: `fault: ${safe(fault)}`, style: 'dim' }]];
}
