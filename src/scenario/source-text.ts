/** A file's text, and how one place of it is shown: `file:line:column`, the line itself, a marker under it. */
import { displayWidth, safe } from '../kernel/index.js';
import type { Position } from './types.js';

/** Widest excerpt of a source line, in terminal columns. */
const EXCERPT_WIDTH = 100;
/** Columns kept before the marker when a long line is cut. */
const LEAD_WIDTH = 40;
const TAB = '  ';

/** Part of a text by offset; `end` is left out. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export class SourceText {
  readonly file: string;
  readonly text: string;
  #lineStarts: readonly number[] | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  position(offset: number): Position {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  /** The line that `span` starts on and a line of markers under it, both ready for a terminal. */
  excerpt(span: Span): string {
    const { line, column } = this.position(span.start);
    const start = span.start - (column - 1);
    const lineEnd = this.text.indexOf('\n', start);
    const content = this.text.slice(start, lineEnd === -1 ? undefined : lineEnd).replace(/\r$/, '');
    const from = cutFrom(content, column - 1);
    const before = show(content.slice(from, column - 1));
    const marked = Math.max(1, Math.min(span.end, start + content.length) - span.start);
    const lead = from > 0 ? '…' : '';
    const cut = cutTo(lead + before, show(content.slice(column - 1, column - 1 + EXCERPT_WIDTH + 1)));
    const width = Math.max(
      1,
      displayWidth(show(content.slice(column - 1, column - 1 + Math.min(marked, EXCERPT_WIDTH)))),
    );
    const indent = displayWidth(lead + before);
    const number = String(line);
    const markers = '^'.repeat(Math.max(1, Math.min(width, EXCERPT_WIDTH - indent)));
    return `  ${number} | ${cut}\n  ${' '.repeat(number.length)} | ${' '.repeat(indent)}${markers}`;
  }

  #starts(): readonly number[] {
    if (this.#lineStarts !== undefined) return this.#lineStarts;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#lineStarts = starts;
    return starts;
  }
}

function show(text: string): string {
  return safe(text.replaceAll('\t', TAB));
}

/** Where the shown part of a long line begins. */
function cutFrom(content: string, column: number): number {
  if (column <= LEAD_WIDTH || content.length <= EXCERPT_WIDTH) return 0;
  return column - LEAD_WIDTH;
}

function cutTo(before: string, after: string): string {
  const whole = before + after;
  if (displayWidth(whole) <= EXCERPT_WIDTH) return whole;
  let kept = '';
  for (const char of whole) {
    if (displayWidth(kept + char) >= EXCERPT_WIDTH) break;
    kept += char;
  }
  return `${kept}…`;
}
