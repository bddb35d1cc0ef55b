/** What a filter found in a line of the log, to be marked there. */
import type { Filter } from '../../record/index.js';

export interface Marks {
  readonly origin: readonly string[];
  readonly message: readonly string[];
  readonly trace: readonly string[];
}

type FilterField = Filter['terms'][number]['field'];

/** Where what a term asks for stands in a line; `level`, `event` and `id` ask for what has no words there. */
const SHOWN_IN: Partial<Readonly<Record<FilterField, readonly (keyof Marks)[]>>> = {
  text: ['origin', 'message', 'trace'],
  service: ['origin'],
  source: ['origin'],
  type: ['message'],
  handler: ['message'],
  trace: ['trace'],
};

export function marksOf({ terms }: Filter): Marks {
  const marks = { origin: [] as string[], message: [] as string[], trace: [] as string[] };
  for (const { field, value, not } of terms) {
    if (not) continue;
    const words = value.split('*').filter((word) => word !== '');
    for (const place of SHOWN_IN[field] ?? []) marks[place].push(...(field === 'text' ? [value] : words));
  }
  return marks;
}
