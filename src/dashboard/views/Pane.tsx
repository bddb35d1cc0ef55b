/** A pane: a title, rows, and a box around them where there is room. */
import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { type Line, paint, type Span, span, spread } from '../text/line.js';
import type { Theme } from '../text/theme.js';

/** What every view needs to draw. */
export interface Ui {
  readonly theme: Theme;
  /** Takes painted rows and gives what stands for them in Ink's tree (see painter.ts). */
  readonly block: (rows: readonly string[], width: number) => string;
}

export interface PaneRow {
  readonly line: Line;
  /** `focus`: the row in focus; `mark`: chosen, in a pane that is not in focus. */
  readonly selected?: 'focus' | 'mark' | undefined;
}

export interface PaneProps {
  readonly ui: Ui;
  readonly width: number;
  readonly height: number;
  readonly boxed: boolean;
  readonly focused: boolean;
  readonly title: Line;
  /** At the right end of the title: how it is sorted, how much is shown. */
  readonly note: string;
  readonly rows: readonly PaneRow[];
}

/** Cells and rows inside the frame. */
export function innerSize({ width, height, boxed }: Pick<PaneProps, 'width' | 'height' | 'boxed'>): {
  readonly width: number;
  readonly height: number;
} {
  return { width: Math.max(1, boxed ? width - 4 : width - 1), height: Math.max(0, boxed ? height - 2 : height - 1) };
}

export function Pane(props: PaneProps): ReactElement {
  const { ui, height, boxed } = props;
  const inner = innerSize(props);
  const rows = props.rows.slice(0, inner.height);
  const painted = [titleRow(props), ...rows.map((row) => bodyRow(props, row))];
  while (painted.length < inner.height + 1) painted.push(bodyRow(props, { line: [] }));
  if (boxed) painted.push(bottomRow(props));
  return <Rows ui={ui} width={props.width} painted={painted.slice(0, height)} />;
}

interface RowsProps {
  readonly ui: Ui;
  readonly width: number;
  readonly painted: readonly string[];
}

export function Rows({ ui, width, painted }: RowsProps): ReactElement {
  return (
    <Box width={1} height={painted.length} flexShrink={0}>
      <Text>{ui.block(painted, width)}</Text>
    </Box>
  );
}

function titleRow({ ui, width, boxed, focused, title, note }: PaneProps): string {
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
function bodyRow({ ui, width, boxed, focused }: PaneProps, { line, selected }: PaneRow): string {
  const { theme } = ui;
  const mark = selected === undefined ? ' ' : theme.glyphs.select;
  const marked = [span(mark, selected === undefined ? 'plain' : 'accent'), ...line];
  if (!boxed) return paint(marked, width, theme, selected === 'focus');
  const side = paint([span(theme.glyphs.vertical, focused ? 'ruleFocus' : 'rule')], 1, theme);
  return side + paint(marked, Math.max(1, width - 2), theme, selected === 'focus') + side;
}

function bottomRow({ ui, width, focused }: PaneProps): string {
  const { glyphs } = ui.theme;
  const text = glyphs.bottomLeft + glyphs.horizontal.repeat(Math.max(0, width - 2)) + glyphs.bottomRight;
  return paint([span(text, focused ? 'ruleFocus' : 'rule')], width, ui.theme);
}
