/** Columns of text. */
import { displayWidth } from '../kernel/index.js';
import type { Paint } from './paint.js';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

/** Lines of a table with a title row; cells must be safe already, and may be coloured. The last column is not padded. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], paint: Paint): string[] {
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, index) => Math.max(...[titles, ...rows].map((row) => displayWidth(row[index] ?? ''))));
  const format = (row: readonly string[]) =>
    columns
      .map(({ align }, index) => {
        const cell = row[index] ?? '';
        const padding = ' '.repeat((widths[index] ?? 0) - displayWidth(cell));
        return align === 'right' ? padding + cell : index === columns.length - 1 ? cell : cell + padding;
      })
      .join('  ')
      .trimEnd();
  return [paint('dim', format(titles)), ...rows.map(format)];
}
