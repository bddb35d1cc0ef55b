/** Records as lines of the log pane. */
import { safeJson } from '../../kernel/index.js';
import type { Seen } from '../data/data.js';
import { clockTime, levelBadge, recordText } from '../select/message.js';
import { field, gap, type Line, span } from '../text/line.js';
import { serviceTone, type Theme } from '../text/theme.js';
import type { PaneRow } from './Pane.js';

/** Rows that the chosen record gets to itself, where there is room. */
const DETAIL_ROWS = 3;

export function logLine({ time, record }: Seen, width: number, theme: Theme, word: string | undefined): Line {
  const badge = levelBadge(record.level);
  const { text, tone, origin } = recordText(record, theme.glyphs);
  const start: Line = [span(clockTime(time), 'dim'), gap, span(badge.text, badge.tone), gap];
  const trace = typeof record.trace_id === 'string' ? record.trace_id : '';
  // A record of no trace has the room for itself.
  const traceWidth = trace === '' ? 0 : width >= 110 ? 20 : width >= 68 ? 12 : 0;
  const originWidth = width >= 110 ? 18 : width >= 56 ? 13 : 0;
  const from: Line = originWidth === 0 ? [] : [field(origin, originWidth, serviceTone(origin), 'left', word), gap];
  const used = 17 + (originWidth === 0 ? 0 : originWidth + 1) + (traceWidth === 0 ? 0 : traceWidth + 1);
  const message = field(text, Math.max(1, width - used), tone, 'left', word);
  return traceWidth === 0
    ? [...start, ...from, message]
    : [...start, ...from, message, gap, field(trace, traceWidth, 'dim', 'id', word)];
}

/** The whole record as JSON, cut into rows. */
export function detailRows(seen: Seen | undefined, width: number): PaneRow[] {
  if (seen === undefined) return [];
  const json = safeJson(seen.record).slice(0, width * DETAIL_ROWS);
  return Array.from({ length: DETAIL_ROWS }, (_, row) => ({
    line: [span(json.slice(row * width, (row + 1) * width), 'accent')],
  }));
}
