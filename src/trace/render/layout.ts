/** From rows to lines of a given width: offsets on the left, the tree, durations in a column. */
import { displayWidth, formatDuration } from '../../kernel/index.js';
import type { Place } from '../items.js';
import type { Paint, Span } from './palette.js';
import type { Row } from './rows.js';
import { columnsOf, padStart, truncate, wrap } from './text.js';

export interface Glyphs {
  readonly bullet: string;
  readonly dot: string;
  readonly ellipsis: string;
  readonly tee: string;
  readonly corner: string;
  readonly pipe: string;
  readonly dash: string;
  /** Stands before what is concluded, not logged. */
  readonly about: string;
}

export const UNICODE: Glyphs = {
  bullet: '●',
  dot: '·',
  ellipsis: '…',
  tee: '├',
  corner: '└',
  pipe: '│',
  dash: '─',
  about: '≈',
};
export const ASCII: Glyphs = {
  bullet: '*',
  dot: '-',
  ellipsis: '...',
  tee: '+',
  corner: '`',
  pipe: '|',
  dash: '-',
  about: '~',
};

export interface LayoutOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly glyphs: Glyphs;
  readonly paint: Paint;
  /** Milliseconds since 1970 that offsets count from. */
  readonly startTime: number;
  /** How long the whole took. */
  readonly totalMs: number;
}

/** Wider, and the eye loses the way from a label to its duration. */
const WIDEST_CONTENT = 110;
const GAP = 2;
/** Share of the width from which the tree's own lines are drawn tighter, and that they may take at most. */
const ROOMY_SHARE = 0.25;
const GUIDE_SHARE = 0.45;
/** Share of the whole from which a duration stands out. */
const LONG_SHARE = 0.5;
const REMARK_LINES = 3;

interface Line {
  readonly offset: string;
  readonly guide: string;
  readonly below: string;
  readonly row: Row;
  readonly duration: string;
}

/** The lines, without line breaks, none wider than `width`. */
export function layOut(rows: Iterable<Row>, options: LayoutOptions): string[] {
  const { width, glyphs, paint, totalMs } = options;
  const lines = prepare(rows, options);
  const offsetWidth = widest(lines, ({ offset }) => displayWidth(offset));
  const durationWidth = widest(lines, ({ duration }) => displayWidth(duration));
  const before = offsetWidth + GAP;
  const room = Math.max(10, width - before - (durationWidth > 0 ? GAP + durationWidth : 0));
  const contentWidth = Math.min(
    room,
    widest(lines, (line) => naturalWidth(line, Math.min(room, WIDEST_CONTENT))),
  );
  // Beside what goes below a label there are no durations.
  const belowWidth = Math.min(width - before, Math.max(contentWidth, WIDEST_CONTENT));
  const printed: string[] = [];
  for (const line of lines) {
    const [first = [], ...more] = composed(line, contentWidth, belowWidth, glyphs.ellipsis);
    const start = `${paint({ text: padStart(line.offset, offsetWidth), style: 'dim' })}  `;
    const long = (line.row.durationMs ?? 0) >= totalMs * LONG_SHARE;
    const duration = padStart(line.duration, durationWidth);
    const end =
      line.duration === ''
        ? ''
        : ' '.repeat(contentWidth - columnsOf(first) + GAP) +
          paint({ text: duration, style: long ? 'bold' : undefined });
    printed.push((start + first.map(paint).join('') + end).trimEnd());
    for (const spans of more) printed.push((' '.repeat(before) + spans.map(paint).join('')).trimEnd());
  }
  return printed;
}

/** `+12ms`: whole milliseconds below a second, as timestamps have them. */
export function formatOffset(ms: number): string {
  return `+${formatDuration(Math.max(0, Math.round(ms)))}`;
}

function prepare(rows: Iterable<Row>, { width, glyphs, startTime }: LayoutOptions): Line[] {
  const all = [...rows];
  const deepest = all.reduce((most, { guides, hidden }) => Math.max(most, hidden + guides.length - 1), 0);
  const draw = guidePainter(width, deepest, glyphs);
  return all.map((row) => ({
    row,
    offset: row.time === undefined ? '' : (row.timeInferred ? glyphs.about : '') + formatOffset(row.time - startTime),
    duration:
      row.durationMs === undefined ? '' : (row.durationInferred ? glyphs.about : '') + formatDuration(row.durationMs),
    ...draw(row),
  }));
}

export type GuidePainter = (place: Place) => Pick<Line, 'guide' | 'below'>;

/** Draws the lines that lead to a row, and those that go on below it. Very deep rows keep their innermost ones. */
export function guidePainter(width: number, deepest: number, glyphs: Glyphs): GuidePainter {
  const { tee, corner, pipe, dash, ellipsis } = glyphs;
  const roomy = deepest * 3 <= width * ROOMY_SHARE;
  const branch = roomy ? `${dash} ` : ' ';
  const gap = roomy ? '  ' : ' ';
  const levels = Math.max(3, Math.floor((width * GUIDE_SHARE) / (gap.length + 1)));
  const digits = String(Math.max(0, deepest - levels)).length;
  return ({ guides, hidden, hasChildren }) => {
    // A root stands at the margin: the first level of lines is that of its children.
    const inner = hidden + guides.length - 1 > levels ? guides.slice(-levels) : guides.slice(1);
    const left = hidden + guides.length - 1 - inner.length;
    const own = inner.at(-1);
    let shared = left > 0 ? `${ellipsis}${String(left).padEnd(digits)} ` : '';
    for (const more of inner.slice(0, -1)) shared += (more ? pipe : ' ') + gap;
    if (own === undefined) return { guide: shared, below: `${hasChildren ? pipe : ' '}   ` };
    return {
      guide: shared + (own ? tee : corner) + branch,
      below: `${shared}${own ? pipe : ' '}${gap}${hasChildren ? pipe : ' '}   `,
    };
  };
}

function widest(lines: readonly Line[], measure: (line: Line) => number): number {
  let most = 0;
  for (const line of lines) most = Math.max(most, measure(line));
  return most;
}

/** Columns a line takes with as many of its notes as go into `room`; without its remark where that must go below. */
function naturalWidth({ guide, row }: Line, room: number): number {
  let used = displayWidth(guide) + columnsOf(row.label);
  const remark = row.remark.length === 0 ? 0 : GAP + columnsOf(row.remark);
  if (used + remark <= room) used += remark;
  for (const note of row.notes) {
    const more = GAP + columnsOf(note);
    if (used + more > room) break;
    used += more;
  }
  return Math.min(used, room);
}

/** The line, and what must go below it, as styled text of at most `width` and `belowWidth` columns. */
function composed(
  { guide, below, row }: Line,
  width: number,
  belowWidth: number,
  ellipsis: string,
): readonly (readonly Span[])[] {
  const tree: Span = { text: guide, style: 'dim' };
  let first: Span[] = [tree, ...row.label];
  const remarkWidth = columnsOf(row.remark);
  const beside = remarkWidth > 0 && columnsOf(first) + GAP + remarkWidth <= width;
  if (beside) first.push({ text: '  ' }, ...row.remark);
  for (const note of row.notes) {
    const longer: Span[] = [...first, { text: '  ' }, ...note];
    if (columnsOf(longer) > width) break;
    first = longer;
  }
  const lines = [truncate(first, width, ellipsis)];
  if (remarkWidth === 0 || beside) return lines;
  const room = Math.max(10, belowWidth - displayWidth(below));
  const wrapped = wrap(row.remark, room, REMARK_LINES, ellipsis);
  return [...lines, ...wrapped.map((spans): Span[] => [{ text: below, style: 'dim' }, ...spans])];
}
