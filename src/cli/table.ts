/** Columns of text. */
import { displayWidth } from '../kernel/index.js';
import type { Paint } from './paint.js';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

export type Row = readonly string[];

/** Lines of a table with a title row; cells must be safe already, and may be coloured. The last column is not padded. */
export function table(columns: readonly Column[], rows: readonly Row[], paint: Paint): string[] {
  return [...longTable(columns, () => rows, paint)];
}

/** The same, a line at a time; `rows` is asked for them twice, for their widths and to show them. */
export function* longTable(columns: readonly Column[], rows: () => Iterable<Row>, paint: Paint): Generator<string> {
  const titles = columns.map(({ title }) => title);
  const widths = titles.map(displayWidth);
  for (const row of rows()) {
    for (const [index, width] of widths.entries()) widths[index] = Math.max(width, displayWidth(row[index] ?? ''));
  }
  yield paint('dim', format(columns, widths, titles));
  for (const row of rows()) yield format(columns, widths, row);
}

function format(columns: readonly Column[], widths: readonly number[], row: Row): string {
  return columns
    .map(({ align }, index) => {
      const cell = row[index] ?? '';
      const padding = ' '.repeat((widths[index] ?? 0) - displayWidth(cell));
      return align === 'right' ? padding + cell : index === columns.length - 1 ? cell : cell + padding;
    })
    .join('  ')
    .trimEnd();
}
