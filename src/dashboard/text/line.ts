/**
 * A row of the screen: spans of text with a tone. Painting one is the only way from a text to the terminal, and it
 * passes every text through `safe()`.
 */
import { safe } from '../../kernel/index.js';
import type { Theme, Tone } from './theme.js';
import { graphemes, padEnd, padStart, truncate, truncateStart, widthOf } from './width.js';

export interface Span {
  readonly text: string;
  readonly tone: Tone;
  /** What a filter found in it. */
  readonly matches?: readonly string[] | undefined;
}

export type Line = readonly Span[];

/** Everything is measured after `safe()`. */
export function span(text: string, tone: Tone = 'plain', matches: readonly string[] = []): Span {
  const clean = safe(text);
  return matches.length === 0 ? { text: clean, tone } : { text: clean, tone, matches };
}

export const gap: Span = { text: ' ', tone: 'plain' };

/** A text in a field of `width` cells; of an id it is the end that tells it from others. */
export function field(
  text: string,
  width: number,
  tone: Tone = 'plain',
  align: 'left' | 'right' | 'id' = 'left',
  matches?: readonly string[],
): Span {
  const cut = (align === 'id' ? truncateStart : truncate)(safe(text), width);
  return span(align === 'right' ? padStart(cut, width) : padEnd(cut, width), tone, matches);
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** Both ends of a row of `width` cells; the left one gives way where there is not room for both. */
export function spread(left: Line, right: Line, width: number, fill = ' ', fillTone: Tone = 'plain'): Line {
  const room = width - lineWidth(right);
  const cut = clip(left, room);
  const free = room - lineWidth(cut);
  return free > 0 ? [...cut, { text: fill.repeat(free), tone: fillTone }, ...right] : [...cut, ...right];
}

/** `line`, cut to at most `width` cells. */
export function clip(line: Line, width: number): Line {
  const kept: Span[] = [];
  let left = width;
  for (const part of line) {
    if (left <= 0) break;
    const cells = widthOf(part.text);
    kept.push(cells <= left ? part : { ...part, text: truncate(part.text, left) });
    left -= Math.min(cells, left);
  }
  return kept;
}

/** As plain text: for screen readers and tests. */
export function plainText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** Exactly `width` cells with their escape sequences. A selected row is inverse as a whole. */
export function paint(line: Line, width: number, { palette, glyphs }: Theme, selected = false): string {
  const cut = clip(line, width);
  const free = width - lineWidth(cut);
  const padding = free > 0 ? ' '.repeat(free) : '';
  const drawn = (text: string) => (glyphs.ellipsis === '…' ? text : asciiOnly(text, glyphs.ellipsis));
  if (selected) return `\u001b[7m${drawn(plainText(cut))}${padding}\u001b[27m`;
  let painted = '';
  for (const { text, tone, matches } of cut) {
    const [on, off] = palette[tone];
    const body = matches === undefined ? drawn(text) : highlight(drawn(text), matches);
    painted += on === '' ? body : `\u001b[${on}m${body}\u001b[${off}m`;
  }
  return painted + padding;
}

/** Other characters than ASCII, too, where the terminal has ASCII alone; as many cells as before. */
function asciiOnly(text: string, ellipsis: string): string {
  if (widthOf(text) === text.length && /^[ -~]*$/.test(text)) return text;
  return graphemes(text)
    .map((part) => (part === '…' ? ellipsis : /^[ -~]$/.test(part) ? part : '?'.repeat(widthOf(part))))
    .join('');
}

function highlight(text: string, matches: readonly string[]): string {
  const lower = text.toLowerCase();
  // Lower case may be longer than the text it came from; positions would be off.
  if (lower.length !== text.length) return text;
  const found = matches.flatMap((match) => placesOf(lower, match.toLowerCase())).sort((a, b) => a.from - b.from);
  let result = '';
  let end = 0;
  for (const { from, to } of found) {
    if (to <= end) continue;
    const start = Math.max(from, end);
    result += `${text.slice(end, start)}\u001b[7m${text.slice(start, to)}\u001b[27m`;
    end = to;
  }
  return result + text.slice(end);
}

function placesOf(text: string, wanted: string): { readonly from: number; readonly to: number }[] {
  const places = [];
  for (let at = text.indexOf(wanted); wanted !== '' && at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    places.push({ from: at, to: at + wanted.length });
  }
  return places;
}
