/** Event types as rows. */
import type { TypeStats } from '../data/data.js';
import { ratePerSecond } from '../data/series.js';
import { type Model, shownData, shownNow } from '../model.js';

export interface TypeRow {
  readonly key: string;
  readonly stats: TypeStats;
  /** Events a second. */
  readonly rate: number;
}

export function typeRows(model: Model): readonly TypeRow[] {
  const data = shownData(model);
  const now = shownNow(model);
  const rows = [...data.types.values()].map((stats) => ({
    key: stats.type,
    stats,
    rate: ratePerSecond(stats.series, now, data.began),
  }));
  return rows.sort((a, b) => compare(a, b, model.sorts.types) || (a.key < b.key ? -1 : 1));
}

function compare(a: TypeRow, b: TypeRow, sort: Model['sorts']['types']): number {
  switch (sort) {
    case 'type':
      return 0;
    case 'count':
      return b.stats.count - a.stats.count;
    case 'rate':
      return b.rate - a.rate;
    case 'errors':
      return b.stats.errors - a.stats.errors;
  }
}
