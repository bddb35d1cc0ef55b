/** Plain log lines of one request: no tree can be made of them, so they are shown by time, with the gaps between them. */
import { formatDuration, plural, safe, safeJson } from '../../kernel/index.js';
import { isoTime } from '../time.js';
import { TIMELINE_LEVELS, type Timeline, type TimelineEntry, type TimelineLevel } from '../timeline.js';
import { type LayoutOptions, layOut } from './layout.js';
import { ServiceStyles, type Span, type Style } from './palette.js';
import type { Row } from './rows.js';
import { columnsOf, truncate } from './text.js';
import { layoutOf, type RenderOptions } from './view.js';

export interface TimelineRenderOptions extends Omit<RenderOptions, 'fold'> {
  /** Leaves out lines of a level below it; lines without one stay. Default: all are shown. */
  readonly level?: TimelineLevel | undefined;
  /** Leaves out lines of services for whose name it is false, and those that name none. */
  readonly service?: ((service: string) => boolean) | undefined;
  /** Leaves out lines that tell of no error. */
  readonly errors?: boolean | undefined;
}

/** Share of the whole time from which nothing being logged is worth a line. */
const GAP_SHARE = 0.1;

interface Figures {
  readonly startTime: number | undefined;
  readonly totalMs: number;
  readonly errors: number;
  readonly warnings: number;
  readonly services: readonly string[];
  readonly files: readonly string[];
}

/** The lines of a timeline with a header, in lines that end in a line break. Text from the log is made safe to print. */
export function renderTimeline(timeline: Timeline, options: TimelineRenderOptions = {}): string {
  const figures = figuresOf(timeline.entries);
  const layout = layoutOf(options, figures.startTime ?? 0, figures.totalMs);
  const { shown, notes } = filtered(timeline.entries, options);
  const body = layOut(rowsOf(timeline.entries, shown, figures, new ServiceStyles(), layout), layout);
  if (timeline.leftOut > 0) notes.push(`${plural(timeline.leftOut, 'later line')} left out`);
  const after = notes.map((text) => layout.paint({ text, style: 'yellow' }));
  const lines = [...headerOf(timeline, figures, layout), ...(body.length === 0 ? [] : ['', ...body])];
  return `${[...lines, ...(after.length === 0 ? [] : ['', ...after])].join('\n')}\n`;
}

/** The lines that are asked for, and what is said of the others. */
function filtered(entries: readonly TimelineEntry[], { level, service, errors }: TimelineRenderOptions) {
  const least = TIMELINE_LEVELS.indexOf(level ?? 'trace');
  const filters: readonly (readonly [keeps: (entry: TimelineEntry) => boolean, others: string])[] = [
    [({ level: own }) => own === undefined || TIMELINE_LEVELS.indexOf(own) >= least, `below level ${level}`],
    [({ service: name }) => service === undefined || (name !== undefined && service(name)), 'of no such service'],
    [(entry) => errors !== true || isError(entry), 'without an error'],
  ];
  const notes: string[] = [];
  let shown = entries;
  for (const [keeps, others] of filters) {
    const kept = shown.filter(keeps);
    if (kept.length < shown.length) notes.push(`${plural(shown.length - kept.length, 'line')} ${others} hidden`);
    shown = kept;
  }
  return { shown: new Set(shown), notes };
}

function figuresOf(entries: readonly TimelineEntry[]): Figures {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const services = new Set<string>();
  const files = new Set<string>();
  for (const { time, service, file } of entries) {
    files.add(file);
    if (service !== undefined) services.add(service);
    if (time === undefined) continue;
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  const known = first <= last;
  return {
    startTime: known ? first : undefined,
    totalMs: known ? last - first : 0,
    errors: entries.filter(isError).length,
    warnings: entries.filter(({ level }) => level === 'warn').length,
    services: [...services],
    files: [...files],
  };
}

function isError({ level, error }: TimelineEntry): boolean {
  return level === 'error' || level === 'fatal' || error !== undefined;
}

function headerOf({ traceId, entries, idFields }: Timeline, figures: Figures, layout: LayoutOptions): string[] {
  const { width, glyphs, paint, totalMs } = layout;
  const counts = [
    ...(figures.errors === 0 ? [] : [plural(figures.errors, 'error')]),
    ...(figures.warnings === 0 ? [] : [plural(figures.warnings, 'warning')]),
    ...(figures.services.length === 0 ? [] : [plural(figures.services.length, 'service')]),
    plural(figures.files.length, 'file'),
  ];
  const outcome: Span =
    figures.errors > 0 ? { text: 'ERRORS', style: 'error' } : { text: 'NO ERRORS LOGGED', style: 'green' };
  const title: Span[] = [
    { text: safe(traceId), style: 'bold' },
    { text: '  ' },
    outcome,
    { text: `  ${plural(entries.length, 'line')} in ${formatDuration(totalMs)}` },
  ];
  const beside: Span = { text: counts.join(` ${glyphs.dot} `), style: 'dim' };
  const opening: Span[][] =
    columnsOf(title) + 3 + columnsOf([beside]) <= width ? [[...title, { text: '   ' }, beside]] : [title, [beside]];
  const begun =
    figures.startTime === undefined
      ? 'no line tells a time'
      : isoTime(figures.startTime).replace('T', ' ').replace('Z', ' UTC');
  const fields = idFields.map(safe).join(', ');
  const where: Span[] = [{ text: `${begun}${fields === '' ? '' : ` ${glyphs.dot} id in ${fields}`}`, style: 'dim' }];
  const note: Span[] = [
    { text: 'note         ', style: 'dim' },
    { text: 'a timeline: these lines do not tell what led to what' },
  ];
  const failed = entries.find(isError);
  const said = failed === undefined ? '' : safe(oneLine(failed.error ?? failed.message ?? ''));
  const at =
    failed?.time === undefined || figures.startTime === undefined
      ? ''
      : `+${formatDuration(failed.time - figures.startTime)} `;
  const first: Span[] = [
    { text: 'first error  ', style: 'dim' },
    { text: at, style: 'dim' },
    ...(failed?.service === undefined ? [] : [{ text: `${safe(failed.service)}  ` }]),
    { text: said, style: 'red' },
  ];
  const lines = [...opening, where, ...(failed === undefined ? [] : [first]), note];
  return lines.map((spans) => truncate(spans, width, glyphs.ellipsis).map(paint).join('').trimEnd());
}

const LEVEL_STYLES: Readonly<Record<TimelineLevel, Style | undefined>> = {
  trace: 'dim',
  debug: 'dim',
  info: undefined,
  warn: 'yellow',
  error: 'error',
  fatal: 'error',
};

const PLAIN = {
  guides: [false],
  hidden: 0,
  hasChildren: false,
  timeInferred: false,
  remark: [],
  notes: [],
  durationMs: undefined,
  durationInferred: false,
} as const;

/** Of lines that are not shown, the gaps between them are: a gap is where nothing was logged. */
function* rowsOf(
  entries: readonly TimelineEntry[],
  shown: ReadonlySet<TimelineEntry>,
  { totalMs, services }: Figures,
  styles: ServiceStyles,
  { glyphs }: LayoutOptions,
): Generator<Row, void, undefined> {
  const serviceWidth = Math.min(24, Math.max(0, ...services.map((service) => columnsOf([{ text: safe(service) }]))));
  let before: number | undefined;
  for (const entry of entries) {
    const gap = entry.time === undefined || before === undefined ? 0 : entry.time - before;
    if (gap >= 1 && gap >= totalMs * GAP_SHARE) {
      const share = `${Math.round((gap / totalMs) * 100)}%`;
      const text = `${glyphs.pipe} ${formatDuration(gap)} in which nothing was logged (${share})`;
      yield { ...PLAIN, time: undefined, label: [{ text, style: 'yellow' }] };
    }
    before = entry.time ?? before;
    if (!shown.has(entry)) continue;
    yield {
      ...PLAIN,
      time: entry.time,
      durationMs: entry.durationMs,
      ...contentOf(entry, serviceWidth, styles, glyphs.ellipsis),
    };
  }
}

function contentOf(
  { level, service, message, error, fields }: TimelineEntry,
  serviceWidth: number,
  styles: ServiceStyles,
  ellipsis: string,
): Pick<Row, 'label' | 'remark' | 'notes'> {
  const label: Span[] = [
    { text: `${(level ?? '').padEnd(5)} `, style: level === undefined ? undefined : LEVEL_STYLES[level] },
  ];
  if (serviceWidth > 0) {
    const name: Span = { text: safe(service ?? ''), style: service === undefined ? undefined : styles.of(service) };
    const fitting = truncate([name], serviceWidth, ellipsis);
    label.push(...fitting, { text: ' '.repeat(serviceWidth - columnsOf(fitting) + 1) });
  }
  const bad = level === 'error' || level === 'fatal';
  label.push({ text: safe(oneLine(message ?? '')), style: bad ? 'red' : undefined });
  const said =
    error === undefined || error === message
      ? []
      : ([
          { text: 'ERR ', style: 'error' },
          { text: safe(oneLine(error)), style: 'red' },
        ] satisfies Span[]);
  const values = Object.entries(fields).map(([key, value]) => `${safe(key)}=${fieldText(value)}`);
  const rest: Span[] = values.length === 0 ? [] : [{ text: values.join(' '), style: 'dim' }];
  return {
    label,
    remark: said.length > 0 && rest.length > 0 ? [...said, { text: '  ' }, ...rest] : [...said, ...rest],
    notes: [],
  };
}

function fieldText(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? safe(value) : safe(safeJson(value));
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}
