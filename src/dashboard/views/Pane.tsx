/** A pane: a title, rows, and a box around them where there is room. */
import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { innerSize } from '../layout.js';
import type { Line } from '../text/line.js';
import type { Theme } from '../text/theme.js';
import { bodyRow, bottomRow, titleRow } from './pane-rows.js';

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
