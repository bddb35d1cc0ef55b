/** Text by the cells it takes on a terminal. All of it must have gone through `safe()` before. */
import stringWidth from 'string-width';

/** One cell each: ASCII, and the signs, bars and lines that we draw with. Asking a library for these is what costs most. */
const NARROW = /^[ -~·…‖←-↓→─-▟▌▸▾◆○●✓✗]*$/;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Cells that `text` takes. */
export function widthOf(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

/** `text`, cut to at most `width` cells; what is cut is shown by `ellipsis` (one cell) in its last one. */
export function truncate(text: string, width: number, ellipsis = '…'): string {
  if (width <= 0) return '';
  if (text.length <= width && NARROW.test(text)) return text;
  if (NARROW.test(text)) return text.slice(0, width - 1) + ellipsis;
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  // Bounded: no more graphemes than cells are looked at, however long the text (combining marks pile up on one).
  for (const { segment } of segmenter.segment(text.slice(0, width * 8))) {
    const cells = stringWidth(segment);
    if (used + cells > width - 1) break;
    kept += segment;
    used += cells;
  }
  return kept + ellipsis + ' '.repeat(Math.max(0, width - 1 - used));
}

/** The end of `text` that fits into `width` cells. */
export function truncateStart(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  if (NARROW.test(text)) return ellipsis + text.slice(text.length - width + 1);
  const segments = [...segmenter.segment(text.slice(-width * 8))].map(({ segment }) => segment);
  let kept = '';
  let used = 0;
  for (let at = segments.length - 1; at >= 0; at--) {
    const segment = segments[at] ?? '';
    const cells = widthOf(segment);
    if (used + cells > width - 1) break;
    kept = segment + kept;
    used += cells;
  }
  return ellipsis + kept;
}

/** `text` in at most `height` rows of at most `width` cells; what does not fit is shown by an ellipsis in the last. */
export function wrap(text: string, width: number, height: number): readonly string[] {
  const rows: string[] = [];
  let from = 0;
  while (from < text.length && rows.length < height) {
    const fitting = beginningOf(text.slice(from), width);
    const more = rows.length === height - 1 && from + fitting.length < text.length;
    rows.push(more ? truncate(text.slice(from), width) : fitting);
    from += fitting.length;
  }
  return rows;
}

/** The beginning of `text` that fits into `width` cells; one grapheme at least. */
function beginningOf(text: string, width: number): string {
  const start = text.slice(0, width);
  if (NARROW.test(start)) return start;
  let kept = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text.slice(0, width * 8))) {
    used += widthOf(segment);
    if (used > width && kept !== '') break;
    kept += segment;
  }
  return kept;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** The graphemes of `text`: what the cursor of an editor steps over. */
export function graphemes(text: string): string[] {
  return NARROW.test(text) ? [...text] : Array.from(segmenter.segment(text), ({ segment }) => segment);
}
