/** The columns of the subscribers, and what goes first where there is not room for all. */
import { percentiles, type SubscriberRow } from '../select/subscribers.js';
import { compact, shortDuration } from '../text/sparkline.js';
import type { Column } from '../text/table.js';
import { type Glyphs, serviceTone, type Tone } from '../text/theme.js';

/** @param told whether the records tell when deliveries begin and go well; what nobody knows is a dash. */
export function subscriberColumns(glyphs: Glyphs, told: boolean): readonly Column<SubscriberRow>[] {
  const count = (title: string, rank: number, width: number, of: (row: SubscriberRow) => number, tone: Tone) => ({
    title,
    width,
    rank,
    align: 'right' as const,
    cell: (row: SubscriberRow) => {
      const value = of(row);
      return { text: compact(value, width), tone: value > 0 ? tone : 'dim' };
    },
  });
  const flow: typeof count = (...column) =>
    told ? count(...column) : { ...count(...column), cell: () => ({ text: '-', tone: 'dim' }) };
  const time = (title: 'p50' | 'p95' | 'p99', rank: number): Column<SubscriberRow> => ({
    title,
    width: 6,
    rank,
    align: 'right',
    cell: ({ stats }) => {
      const value = told ? percentiles(stats)?.[title] : undefined;
      return value === undefined ? { text: '-', tone: 'dim' } : { text: shortDuration(value) };
    },
  });
  return [
    { title: 'state', width: 9, rank: 0, cell: ({ state }) => stateCell(state, glyphs) },
    {
      title: 'service',
      width: 12,
      most: 20,
      grow: 1,
      rank: 3,
      cell: ({ stats }) => ({ text: stats.service, tone: serviceTone(stats.service) }),
    },
    { title: 'handler', width: 16, most: 30, grow: 2, rank: 0, cell: ({ stats }) => ({ text: stats.handler }) },
    {
      title: 'pattern',
      width: 13,
      most: 40,
      grow: 2,
      rank: 9,
      cell: ({ stats }) => ({ text: [...new Set(stats.patterns.values())].join(' '), tone: 'dim' }),
    },
    flow('fly', 2, 4, ({ stats }) => stats.inFlight, 'plain'),
    flow('queue', 2, 5, ({ stats }) => stats.queued + stats.waiting, 'warn'),
    flow('done', 1, 5, ({ stats }) => stats.delivered, 'plain'),
    count('err', 1, 4, ({ stats }) => stats.errors, 'bad'),
    flow('retry', 7, 5, ({ stats }) => stats.retries, 'warn'),
    count('dead', 2, 4, ({ stats }) => stats.dead + stats.dropped, 'bad'),
    time('p50', 6),
    time('p95', 4),
    time('p99', 8),
  ];
}

function stateCell(state: SubscriberRow['state'], glyphs: Glyphs): { readonly text: string; readonly tone: Tone } {
  switch (state.kind) {
    case 'failing':
      return { text: `${glyphs.bad} failing`, tone: 'bad' };
    case 'faulted':
      return { text: `${glyphs.warn} ${state.faults.join('+')}`, tone: 'warn' };
    case 'busy':
      return { text: `${glyphs.running} busy`, tone: 'accent' };
    case 'paused':
      return { text: `${glyphs.paused} paused`, tone: 'warn' };
    case 'ok':
      return { text: `${glyphs.ok} ok`, tone: 'ok' };
  }
}
