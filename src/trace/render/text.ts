/** Laying out text by the columns it takes on a terminal. */
import { displayWidth, graphemes, isNarrow } from '../../kernel/index.js';
import type { Span } from './palette.js';

export function columnsOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { text }) => sum + displayWidth(text), 0);
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** As much of `text` from its start as takes at most `width` columns; no character is cut in two. */
export function take(text: string, width: number): string {
  if (isNarrow(text)) return text.slice(0, Math.max(0, width));
  let used = 0;
  let taken = '';
  for (const grapheme of graphemes(text)) {
    used += displayWidth(grapheme);
    if (used > width) break;
    taken += grapheme;
  }
  return taken;
}

/** `spans` in at most `width` columns; where they are cut, `ellipsis` says so. */
export function truncate(spans: readonly Span[], width: number, ellipsis: string): readonly Span[] {
  if (columnsOf(spans) <= width) return spans;
  let left = width - displayWidth(ellipsis);
  const kept: Span[] = [];
  for (const span of spans) {
    const text = take(span.text, left);
    kept.push({ ...span, text });
    left -= displayWidth(text);
    if (text !== span.text) break;
  }
  const last = kept.pop();
  return last === undefined ? [] : [...kept, { ...last, text: last.text + take(ellipsis, Math.max(0, width)) }];
}

/**
 * `spans` in lines of at most `width` columns, broken at spaces where possible, in at most `maxLines`; the last one
 * ends in `ellipsis` where more would follow.
 */
export function wrap(spans: readonly Span[], width: number, maxLines: number, ellipsis: string): readonly Span[][] {
  const lines: Span[][] = [];
  let rest = [...spans];
  while (columnsOf(rest) > width && lines.length < maxLines - 1) {
    const { line, after } = breakLine(rest, width);
    lines.push(line);
    rest = after;
  }
  return [...lines, [...truncate(rest, width, ellipsis)]];
}

function breakLine(spans: readonly Span[], width: number): { readonly line: Span[]; readonly after: Span[] } {
  const text = spans.map((span) => span.text).join('');
  const fitting = take(text, Math.max(1, width));
  const space =
    fitting.length < text.length && text[fitting.length] !== ' ' ? fitting.lastIndexOf(' ') : fitting.length;
  // A wide character in one column: it must go somewhere.
  const at = Math.max(1, space > fitting.length / 3 ? space : fitting.length);
  const { before, after } = split(spans, at);
  const [first, ...others] = after;
  const trimmed = first === undefined ? [] : [{ ...first, text: first.text.trimStart() }, ...others];
  return { line: before, after: trimmed };
}

/** Cuts at a position of the spans' joined text. */
function split(spans: readonly Span[], at: number): { readonly before: Span[]; readonly after: Span[] } {
  const before: Span[] = [];
  const after: Span[] = [];
  let start = 0;
  for (const span of spans) {
    const cut = Math.min(Math.max(at - start, 0), span.text.length);
    if (cut > 0) before.push({ ...span, text: span.text.slice(0, cut) });
    if (cut < span.text.length) after.push({ ...span, text: span.text.slice(cut) });
    start += span.text.length;
  }
  return { before, after };
}
