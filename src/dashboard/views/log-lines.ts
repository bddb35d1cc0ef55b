/** Records as lines of the log pane. */
import { safe, safeJson } from '../../kernel/index.js';
import type { Seen } from '../data/data.js';
import type { Marks } from '../select/marks.js';
import { clockTime, levelBadge, recordText } from '../select/message.js';
import { field, gap, type Line, span } from '../text/line.js';
import { serviceTone, type Theme } from '../text/theme.js';
import { truncateStart, wrap } from '../text/width.js';
import type { PaneRow } from './Pane.js';

export function logLine({ time, record }: Seen, width: number, theme: Theme, marks: Marks): Line {
  const badge = levelBadge(record.level);
  const { text, tone, origin } = recordText(record, theme.glyphs);
  const start: Line = [span(clockTime(time), 'dim'), gap, span(badge.text, badge.tone), gap];
  const trace = typeof record.trace_id === 'string' ? record.trace_id : '';
  // A record of no trace has the room for itself.
  const traceWidth = trace === '' ? 0 : width >= 110 ? 20 : width >= 68 ? 12 : 0;
  const originWidth = width >= 110 ? 18 : width >= 56 ? 13 : 0;
  const from: Line =
    originWidth === 0 ? [] : [field(origin, originWidth, serviceTone(origin), 'left', marks.origin), gap];
  const used = 17 + (originWidth === 0 ? 0 : originWidth + 1) + (traceWidth === 0 ? 0 : traceWidth + 1);
  const message = field(text, Math.max(1, width - used), tone, 'left', marks.message);
  return traceWidth === 0
    ? [...start, ...from, message]
    : [...start, ...from, message, gap, field(trace, traceWidth, 'dim', 'id', marksOfTrace(trace, traceWidth, marks))];
}

/** The whole id was asked for, so all that can be seen of it is what was found. */
function marksOfTrace(trace: string, width: number, { trace: words }: Marks): readonly string[] {
  return words.includes(trace) ? [truncateStart(safe(trace), width)] : words;
}

/** Characters of JSON that hold most records; of an error, what it said comes last. */
const DETAIL_CHARACTERS = 560;
/** Rows of a log that leave none for a record at length. */
const TOO_LOW = 10;

/** Rows that the chosen record gets to itself in a log of `height` rows: the same for all, so that nothing jumps. */
export function detailHeight(height: number, width: number): number {
  if (height < TOO_LOW) return 0;
  return Math.max(2, Math.min(Math.ceil(DETAIL_CHARACTERS / width), Math.floor(height / 3)));
}

/** The record as JSON, cut into `height` rows; what does not fit is shown to be missing. */
export function detailRows(seen: Seen | undefined, width: number, height: number): PaneRow[] {
  if (seen === undefined) return [];
  const rows = wrap(safe(safeJson(seen.record)), width, height);
  return Array.from({ length: height }, (_, row) => ({ line: [span(rows[row] ?? '', 'accent')] }));
}
