/** The rows of a pane with its frame, painted. */
import { paint, type Span, span, spread } from '../text/line.js';
import type { PaneProps, PaneRow } from './Pane.js';

export function titleRow({ ui, width, boxed, focused, title, note }: PaneProps): string {
  const { glyphs } = ui.theme;
  const tone = focused ? 'ruleFocus' : 'rule';
  const rule = (text: string): Span => span(text, tone);
  const [open, close] = focused ? ['[', ']'] : [' ', ' '];
  const start = boxed ? glyphs.topLeft + glyphs.horizontal : glyphs.horizontal;
  const end = boxed ? glyphs.horizontal + glyphs.topRight : glyphs.horizontal;
  const left = [rule(start + open), ...title, rule(close)];
  const right = note === '' ? [rule(end)] : [span(` ${note} `, 'dim'), rule(end)];
  return paint(spread(left, right, width, glyphs.horizontal, tone), width, ui.theme);
}

/** One cell stands free before the text: the mark of a chosen row goes there. */
export function bodyRow({ ui, width, boxed, focused }: PaneProps, { line, selected }: PaneRow): string {
  const { theme } = ui;
  const mark = selected === undefined ? ' ' : theme.glyphs.select;
  const marked = [span(mark, selected === undefined ? 'plain' : 'accent'), ...line];
  if (!boxed) return paint(marked, width, theme, selected === 'focus');
  const side = paint([span(theme.glyphs.vertical, focused ? 'ruleFocus' : 'rule')], 1, theme);
  return side + paint(marked, Math.max(1, width - 2), theme, selected === 'focus') + side;
}

export function bottomRow({ ui, width, focused }: PaneProps): string {
  const { glyphs } = ui.theme;
  const text = glyphs.bottomLeft + glyphs.horizontal.repeat(Math.max(0, width - 2)) + glyphs.bottomRight;
  return paint([span(text, focused ? 'ruleFocus' : 'rule')], width, ui.theme);
}
