/** Columns that fit: those that matter least go first when the room gets small. */
import { field, type Line, type Span } from './line.js';
import type { Tone } from './theme.js';

export interface Column<Row> {
  readonly title: string;
  /** Cells it takes; at least so many where it grows. */
  readonly width: number;
  readonly align?: 'left' | 'right' | 'id';
  /** Share of the room that is left over; left out: none. */
  readonly grow?: number;
  /** A growing column's largest width. */
  readonly most?: number;
  /** 0 always stays; the highest goes first. */
  readonly rank: number;
  readonly cell: (row: Row, width: number) => { readonly text: string; readonly tone?: Tone };
}

export interface Placed<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

/** The columns that `width` cells hold, one cell between them, in their order. */
export function placeColumns<Row>(columns: readonly Column<Row>[], width: number): readonly Placed<Row>[] {
  let kept = [...columns];
  while (kept.length > 1 && widthOfAll(kept) > width) {
    const last = kept.reduce((worst, column) => (column.rank >= worst.rank ? column : worst));
    if (last.rank === 0) break;
    kept = kept.filter((column) => column !== last);
  }
  let free = width - widthOfAll(kept);
  let shares = kept.reduce((sum, { grow = 0 }) => sum + grow, 0);
  return kept.map((column) => {
    const { grow = 0, most = Number.POSITIVE_INFINITY } = column;
    const extra = grow === 0 || free <= 0 ? 0 : Math.min(Math.floor((free * grow) / shares), most - column.width);
    free -= extra;
    shares -= grow;
    return { column, width: Math.max(1, column.width + extra) };
  });
}

function widthOfAll<Row>(columns: readonly Column<Row>[]): number {
  return columns.reduce((sum, { width }) => sum + width, 0) + columns.length - 1;
}

export function headerLine<Row>(placed: readonly Placed<Row>[]): Line {
  return joinCells(placed.map(({ column, width }) => field(column.title, width, 'dim', column.align)));
}

export function rowLine<Row>(placed: readonly Placed<Row>[], row: Row): Line {
  return joinCells(
    placed.map(({ column, width }) => {
      const { text, tone } = column.cell(row, width);
      return field(text, width, tone, column.align);
    }),
  );
}

function joinCells(cells: readonly Span[]): Line {
  return cells.flatMap((cell, index): Span[] => (index === 0 ? [cell] : [{ text: ' ', tone: 'plain' }, cell]));
}
