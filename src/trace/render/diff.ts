/** Two requests as one tree: what differs stands out by a sign at the margin, and both times beside it. */
import { displayWidth, formatDuration, plural, safe } from '../../kernel/index.js';
import { type DiffCounts, type DiffRow, differs, type TraceDiff } from '../diff.js';
import type { DeliveryNode, DeliveryState } from '../forest.js';
import { isoTime } from '../time.js';
import { noteTexts, OUTCOMES } from './header.js';
import { guidePainter, type LayoutOptions } from './layout.js';
import { ServiceStyles, type Span, type Style } from './palette.js';
import { columnsOf, padStart, truncate, wrap } from './text.js';
import { layoutOf, type RenderOptions } from './view.js';
import { handlerSpans, inferredMark, isInferred } from './words.js';

/** Both traces in one tree, in lines that end in a line break. Text from the log is made safe to print. */
export function renderDiff(diff: TraceDiff, options: Omit<RenderOptions, 'fold'> = {}): string {
  const layout = layoutOf(options, diff.b.analysis.startTime, diff.b.analysis.durationMs);
  const lines = linesOf(diff, layout);
  const header = headerOf(diff, layout);
  return `${[...header, ...(lines.length === 0 ? [] : ['', ...lines])].join('\n')}\n`;
}

function headerOf({ a, b, counts }: TraceDiff, { width, glyphs, paint }: LayoutOptions): string[] {
  const sides = (
    [
      ['A', a],
      ['B', b],
    ] as const
  ).map(([name, { trace, analysis }]): readonly Span[] => {
    const { word, style } = OUTCOMES[analysis.outcome];
    const begun = isoTime(analysis.startTime).replace('T', ' ').replace('Z', ' UTC');
    return [
      { text: `${name}  `, style: 'dim' },
      { text: safe(trace.traceId), style: 'bold' },
      { text: '  ' },
      { text: word, style },
      { text: ` in ${formatDuration(analysis.durationMs)}` },
      // Records of the guide's own log know of no session.
      {
        text: `   ${trace.session === '' ? '' : `session ${safe(trace.session)} ${glyphs.dot} `}${begun}`,
        style: 'dim',
      },
    ];
  });
  const words = countWords(counts);
  const summary: readonly Span[] = [
    { text: '   ' },
    words.length === 0
      ? { text: 'no differences', style: 'green' }
      : { text: words.join(` ${glyphs.dot} `), style: 'yellow' },
    { text: `   ${times(a.analysis.durationMs, b.analysis.durationMs)} in all`, style: 'dim' },
  ];
  const lines = [...sides, summary].map((spans) => truncate(spans, width, glyphs.ellipsis));
  return [...lines, ...notesOf({ a, b }, width, glyphs)].map((spans) => spans.map(paint).join(''));
}

const MOST_NOTE_LINES = 3;

/** What the logs do not tell may look like a difference. */
function notesOf({ a, b }: Pick<TraceDiff, 'a' | 'b'>, width: number, { about, ellipsis }: LayoutOptions['glyphs']) {
  const ofA = noteTexts(a.trace, about);
  const ofB = noteTexts(b.trace, about);
  const texts = [
    ...ofA.map((text) => `${ofB.includes(text) ? 'A and B' : 'A'}: ${text}`),
    ...ofB.filter((text) => !ofA.includes(text)).map((text) => `B: ${text}`),
  ];
  return texts.flatMap((text) =>
    wrap([{ text, style: 'yellow' }], width - 3, MOST_NOTE_LINES, ellipsis).map((spans): readonly Span[] => [
      { text: '   ' },
      ...spans,
    ]),
  );
}

function countWords({ missing, extra, slower, faster, reordered, endedOtherwise }: DiffCounts): string[] {
  const all: (readonly [number, string])[] = [
    [missing, 'missing'],
    [extra, 'extra'],
    [slower, 'slower'],
    [faster, 'faster'],
    [reordered, 'reordered'],
    [endedOtherwise, 'ended otherwise'],
  ];
  return all.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
}

/** `+12ms (2.1×)` */
function times(aMs: number, bMs: number): string {
  const delta = bMs - aMs;
  const sign = delta < 0 ? '-' : '+';
  const ratio = aMs > 0 && bMs / aMs >= 1.1 ? ` (${(bMs / aMs).toFixed(bMs / aMs < 10 ? 1 : 0)}x)` : '';
  return `${sign}${formatDuration(Math.abs(delta))}${ratio}`;
}

interface Line {
  readonly below: string;
  readonly sign: Span;
  readonly label: readonly Span[];
  readonly a: string;
  readonly b: string;
  readonly remark: readonly Span[];
}

const GAP = 2;
const LABEL_SHARE = 0.55;
const REMARK_LINES = 3;

function linesOf({ rows }: TraceDiff, layout: LayoutOptions): string[] {
  const { width, glyphs, paint } = layout;
  const styles = new ServiceStyles();
  const deepest = rows.reduce((most, { depth }) => Math.max(most, depth), 0);
  const draw = guidePainter(width, deepest, glyphs);
  const lines = rows.map((row): Line => {
    const hidden = row.depth + 1 - row.guides.length;
    const { guide, below } = draw({ guides: row.guides, hidden, hasChildren: row.hasChildren });
    const label = [{ text: guide, style: 'dim' as const }, ...labelOf(row, styles, glyphs)];
    return { ...lineOf(row, glyphs.about), label, below };
  });
  const most = (measure: (line: Line) => number) => lines.reduce((so, line) => Math.max(so, measure(line)), 0);
  const aWidth = most(({ a }) => displayWidth(a));
  const bWidth = most(({ b }) => displayWidth(b));
  const labelWidth = Math.min(
    most(({ label }) => columnsOf(label)),
    Math.floor(width * LABEL_SHARE),
  );
  const printed = lines.flatMap(({ sign, label, below, a, b, remark }) => {
    const name = truncate(label, labelWidth, glyphs.ellipsis);
    const figures = `${' '.repeat(labelWidth - columnsOf(name) + GAP)}${padStart(a, aWidth)}${' '.repeat(GAP)}${padStart(b, bWidth)}`;
    const first: readonly Span[] = [sign, { text: ' ' }, ...name, { text: figures }];
    const beside: readonly Span[] = [...first, { text: ' '.repeat(GAP) }, ...remark];
    if (columnsOf(beside) <= width) return [beside];
    const start: Span = { text: `  ${below}`, style: 'dim' };
    const more = wrap(remark, Math.max(10, width - columnsOf([start])), REMARK_LINES, glyphs.ellipsis);
    return [first, ...more.map((spans): readonly Span[] => [start, ...spans])];
  });
  if (lines.length === 0) return [];
  const head = `${' '.repeat(2 + labelWidth + GAP)}${padStart('A', aWidth)}${' '.repeat(GAP)}${padStart('B', bWidth)}`;
  const text = (spans: readonly Span[]) => truncate(spans, width, glyphs.ellipsis).map(paint).join('').trimEnd();
  return [paint({ text: head, style: 'dim' }), ...printed.map(text)];
}

function labelOf(row: DiffRow, styles: ServiceStyles, { bullet, about }: LayoutOptions['glyphs']): readonly Span[] {
  const { nodes } = row;
  if (row.kind === 'event') {
    const event = row.nodes.in === 'a' ? row.nodes.a : row.nodes.b;
    const name = { text: safe(event.type), style: nodes.in === 'both' ? ('bold' as const) : styleOf(row) };
    return [{ text: `${bullet} ` }, ...inferredMark(event, about), name];
  }
  const delivery = row.nodes.in === 'a' ? row.nodes.a : row.nodes.b;
  return [...inferredMark(delivery, about), ...handlerSpans(delivery, styles)];
}

function styleOf(row: DiffRow): Style | undefined {
  if (row.nodes.in === 'a') return 'red';
  if (row.nodes.in === 'b') return 'green';
  return differs(row) ? 'yellow' : undefined;
}

function lineOf(row: DiffRow, about: string): Omit<Line, 'label' | 'below'> {
  const style = styleOf(row);
  const durations = row.kind === 'delivery' ? durationsOf(row, about) : { a: '', b: '' };
  const remark: Span[] = remarksOf(row).map((text, index) => ({ text: index === 0 ? text : `, ${text}`, style }));
  return { sign: { text: signOf(row), style }, ...durations, remark };
}

function signOf(row: DiffRow): string {
  if (row.nodes.in === 'a') return '-';
  if (row.nodes.in === 'b') return '+';
  if (row.kind === 'delivery' && (row.ending ?? row.slower) !== undefined) return '!';
  return differs(row) ? '~' : ' ';
}

function durationsOf(
  { nodes }: Extract<DiffRow, { readonly kind: 'delivery' }>,
  about: string,
): { readonly a: string; readonly b: string } {
  const told = (node: DeliveryNode) => {
    if (node.durationMs === undefined) return '?';
    return `${isInferred(node, 'duration') ? about : ''}${formatDuration(node.durationMs)}`;
  };
  return { a: nodes.in === 'b' ? '' : told(nodes.a), b: nodes.in === 'a' ? '' : told(nodes.b) };
}

function remarksOf(row: DiffRow): string[] {
  if (row.nodes.in === 'a') return ['missing'];
  if (row.nodes.in === 'b') return ['extra'];
  const remarks = row.reordered ? ['reordered'] : [];
  if (row.kind === 'event') return remarks;
  const { slower, faster, ending, nodes } = row;
  if (slower !== undefined)
    remarks.push(`${times(slower.aMs, slower.bMs)} slower${slower.own ? '' : ' by what it waited for'}`);
  if (faster !== undefined) remarks.push(`${times(faster.aMs, faster.bMs)} faster`);
  if (ending !== undefined && nodes.in === 'both') {
    const { a, b } = nodes;
    const same = ending.a.kind === ending.b.kind;
    const tries = `${plural(b.attempts.length, 'attempt')} instead of ${a.attempts.length}`;
    const became = `${endingWords(ending.a, a.attempts.length)} became ${endingWords(ending.b, b.attempts.length)}`;
    remarks.push(same ? tries : became);
  }
  return remarks;
}

function endingWords(state: DeliveryState, attempts: number): string {
  const error =
    'error' in state && state.error !== undefined
      ? ` (${safe(state.error.name)}: ${safe(state.error.message.split('\n', 1)[0] ?? '')})`
      : '';
  const reason = state.kind === 'dropped' || state.kind === 'abandoned' ? ` (${safe(state.reason)})` : '';
  return `${state.kind} after ${plural(attempts, 'attempt')}${error}${reason}`;
}
