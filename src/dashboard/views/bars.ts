/** When something happened in a trace, as a bar on the trace's own scale. */
import type { Analysis } from '../../trace/index.js';
import type { WaterfallRow } from '../select/waterfall.js';
import { type Line, span } from '../text/line.js';
import type { Glyphs, Tone } from '../text/theme.js';

type Cell = 'none' | 'wait' | 'run' | 'fail' | 'event';

const TONES: Readonly<Record<Cell, Tone>> = { none: 'dim', wait: 'dim', run: 'spark', fail: 'bad', event: 'accent' };

export function barSpans(row: WaterfallRow, analysis: Analysis, width: number, glyphs: Glyphs): Line {
  const span_ = Math.max(1, analysis.durationMs);
  const at = (time: number) =>
    Math.max(0, Math.min(width - 1, Math.floor(((time - analysis.startTime) / span_) * width)));
  const cells: Cell[] = Array.from({ length: width }, () => 'none');
  if (row.node.kind === 'event') cells[at(row.node.event.time)] = 'event';
  else drawDelivery(cells, row, analysis, at);
  const glyph: Readonly<Record<Cell, string>> = {
    none: ' ',
    wait: glyphs.barWait,
    run: glyphs.bar,
    fail: glyphs.bad,
    event: glyphs.event,
  };
  return joined(cells).map(({ cell, count }) => span(glyph[cell].repeat(count), TONES[cell]));
}

/** Attempts as bars, with the waits between them; an attempt that failed ends with a cross. */
function drawDelivery(
  cells: Cell[],
  row: WaterfallRow,
  { startTime, durationMs }: Analysis,
  at: (time: number) => number,
): void {
  if (row.node.kind !== 'delivery') return;
  const { attempts, time } = row.node.delivery;
  let waited = at(time);
  for (const { startTime: begin, end } of attempts) {
    const from = at(begin);
    const ending = 'durationMs' in end ? begin + end.durationMs : startTime + durationMs;
    const to = at(ending);
    for (let cell = waited; cell < from; cell++) if (cells[cell] === 'none') cells[cell] = 'wait';
    for (let cell = from; cell <= to; cell++) cells[cell] = 'run';
    if (end.kind === 'failed') cells[to] = 'fail';
    waited = to + 1;
  }
}

function joined(cells: readonly Cell[]): { readonly cell: Cell; readonly count: number }[] {
  const runs: { cell: Cell; count: number }[] = [];
  for (const cell of cells) {
    const last = runs.at(-1);
    if (last?.cell === cell) last.count++;
    else runs.push({ cell, count: 1 });
  }
  return runs;
}
