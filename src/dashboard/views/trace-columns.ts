/** The columns of the traces, and what goes first where there is not room for all. */
import type { TraceRow, TraceState } from '../select/traces.js';
import { compact, shortDuration } from '../text/sparkline.js';
import type { Column } from '../text/table.js';
import type { Glyphs, Tone } from '../text/theme.js';

export function traceColumns(glyphs: Glyphs): readonly Column<TraceRow>[] {
  return [
    { title: '', width: 1, rank: 0, cell: ({ state }) => stateCell(state, glyphs) },
    { title: 'trace', width: 10, most: 28, grow: 2, rank: 0, align: 'id', cell: ({ stats }) => ({ text: stats.id }) },
    {
      title: 'began with',
      width: 13,
      most: 28,
      grow: 2,
      rank: 4,
      cell: ({ stats }) => ({ text: stats.partial ? `…${stats.root}` : stats.root, tone: 'dim' }),
    },
    {
      title: 'ev',
      width: 3,
      rank: 3,
      align: 'right',
      cell: ({ stats }) => ({ text: compact(stats.events, 3), tone: 'dim' }),
    },
    {
      title: 'err',
      width: 3,
      rank: 2,
      align: 'right',
      cell: ({ stats }) => ({ text: compact(stats.errors, 3), tone: stats.errors > 0 ? 'bad' : 'dim' }),
    },
    { title: 'took', width: 6, rank: 1, align: 'right', cell: ({ length }) => ({ text: shortDuration(length) }) },
  ];
}

/** A sign beside the colour: failed, went well but for errors or drops, still running, ok. */
function stateCell(state: TraceState, glyphs: Glyphs): { readonly text: string; readonly tone: Tone } {
  switch (state) {
    case 'failed':
      return { text: glyphs.bad, tone: 'bad' };
    case 'errors':
      return { text: glyphs.warn, tone: 'warn' };
    case 'running':
      return { text: glyphs.running, tone: 'accent' };
    case 'ok':
      return { text: glyphs.ok, tone: 'ok' };
  }
}
