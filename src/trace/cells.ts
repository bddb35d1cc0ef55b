/** A waterfall's bars on a grid: which kind of thing fills each of so many equal cells. */
import type { Bar, BarKind, MarkKind, WaterfallRow } from './waterfall.js';

export interface Cell {
  readonly kind: BarKind | MarkKind | 'none';
  readonly critical: boolean;
}

const NONE: Cell = { kind: 'none', critical: false };

/** The cells of one row. Each has what takes most of it; work is never lost, however short, nor is any mark. */
export function cellsOf({ bars, marks }: Pick<WaterfallRow, 'bars' | 'marks'>, width: number): readonly Cell[] {
  const cells: Cell[] = Array.from({ length: width }, () => NONE);
  const filled = new Float64Array(width);
  for (const bar of bars) fill(bar, cells, filled);
  for (const { kind, at } of marks) {
    const cell = cellAt(at, width);
    // An attempt that failed ends before the cell in which its end would begin.
    const before = kind === 'fail' && at * width === cell && cells[cell - 1]?.kind === 'run';
    cells[before ? cell - 1 : cell] = { kind, critical: cells[cell]?.critical === true };
  }
  return cells;
}

/** How much of a cell the thin kinds must take to be seen in it. */
const LEAST_SHARE = 0.5;
/** Never lost, however short. */
const ALWAYS: ReadonlySet<Cell['kind']> = new Set(['run', 'open']);

function fill({ kind, from, to, critical }: Bar, cells: Cell[], filled: Float64Array): void {
  const width = cells.length;
  const first = cellAt(from, width);
  let shown = false;
  for (let index = first; index < width && index < to * width; index++) {
    const share = Math.min(to * width, index + 1) - Math.max(from * width, index);
    if (share <= (filled[index] ?? 0) || (!ALWAYS.has(kind) && share < LEAST_SHARE)) continue;
    cells[index] = { kind, critical };
    filled[index] = share;
    shown = true;
  }
  if (ALWAYS.has(kind) && !shown && !ALWAYS.has(cells[first]?.kind ?? 'none')) cells[first] = { kind, critical };
}

function cellAt(at: number, width: number): number {
  return Math.min(width - 1, Math.floor(at * width));
}

/** Moments at which a scale of `width` cells is marked: round ones, none closer than `least` cells to the next. */
export function ticksOf(totalMs: number, width: number, least: number): readonly number[] {
  if (!(totalMs > 0) || width < least) return [0];
  const rough = (totalMs * least) / width;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  const ticks: number[] = [];
  for (let index = 0; index * step <= totalMs; index++) ticks.push(index * step);
  return ticks;
}
