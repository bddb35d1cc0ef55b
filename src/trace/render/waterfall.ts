/** A trace as a waterfall for a terminal: the tree on the left, bars to scale beside it. */
import { displayWidth, formatDuration } from '../../kernel/index.js';
import { type Cell, cellsOf, ticksOf } from '../cells.js';
import type { Trace } from '../forest.js';
import { type Waterfall, type WaterfallRow, waterfallOf } from '../waterfall.js';
import { headerLines } from './header.js';
import { type GuidePainter, guidePainter } from './layout.js';
import type { Span, Style } from './palette.js';
import { columnsOf, padStart, truncate } from './text.js';
import { type RenderOptions, type View, viewOf } from './view.js';
import { contentOf } from './waterfall-content.js';
import { isInferred } from './words.js';

type CellName = Exclude<Cell['kind'], 'run' | 'none'> | 'run' | 'critical';

/** What each kind of cell is drawn with, and called below. In this order. */
const CELLS: Readonly<Record<CellName, { readonly unicode: string; readonly ascii: string; readonly words: string }>> =
  {
    critical: { unicode: '█', ascii: '#', words: 'working, on the critical path' },
    run: { unicode: '▒', ascii: '=', words: 'working' },
    await: { unicode: '─', ascii: '-', words: 'waiting for what it published' },
    retry: { unicode: '╌', ascii: '~', words: 'waiting for a retry' },
    queue: { unicode: '·', ascii: '.', words: 'queued' },
    open: { unicode: '░', ascii: ':', words: 'not over' },
    outlive: { unicode: '┈', ascii: '_', words: 'what it led to goes on' },
    event: { unicode: '◆', ascii: '*', words: 'published' },
    fail: { unicode: '✗', ascii: 'X', words: 'failed' },
    lost: { unicode: '○', ascii: 'o', words: 'dropped or abandoned' },
  };

const GAP = 2;
/** Share of the width that labels may take, and the columns that are worth more to bars than to them. */
const LABEL_SHARE = 0.45;
const LEAST_BARS = 16;
const MOST_BARS = 120;
/** Columns from one mark of the scale to the next, at least. */
const TICK_COLUMNS = 8;

/** The waterfall of a trace, with its header, in lines that end in a line break. Text from the log is made safe to print. */
export function renderWaterfall(trace: Trace, options: RenderOptions = {}): string {
  const view = viewOf(trace, options);
  const waterfall = waterfallOf(trace, { analysis: view.analysis, folded: view.folded });
  const body = new Body(view, waterfall, options.ascii === true).lines();
  const header = headerLines(view, waterfall.critical);
  return `${[...header, ...body].join('\n')}\n`;
}

interface Line {
  readonly guide: string;
  readonly below: string;
  readonly label: readonly Span[];
  readonly remark: readonly Span[];
  readonly duration: string;
  readonly row: WaterfallRow;
  readonly style: Style | undefined;
}

class Body {
  readonly #view: View;
  readonly #waterfall: Waterfall;
  readonly #ascii: boolean;
  readonly #used = new Set<CellName>();

  constructor(view: View, waterfall: Waterfall, ascii: boolean) {
    this.#view = view;
    this.#waterfall = waterfall;
    this.#ascii = ascii;
  }

  lines(): string[] {
    const { width, paint } = this.#view.layout;
    const { rows } = this.#waterfall;
    if (rows.length === 0) return [];
    const deepest = rows.reduce((most, { guides, hidden }) => Math.max(most, hidden + guides.length - 1), 0);
    const draw = guidePainter(Math.floor(width * 0.6), deepest, this.#view.layout.glyphs);
    const lines = rows.map((row) => this.#line(row, draw));
    const durationWidth = lines.reduce((most, { duration }) => Math.max(most, displayWidth(duration)), 0);
    const natural = lines.reduce((most, line) => Math.max(most, displayWidth(line.guide) + columnsOf(line.label)), 0);
    const after = durationWidth === 0 ? 0 : GAP + durationWidth;
    const labelWidth = Math.min(natural, Math.floor(width * LABEL_SHARE), width - LEAST_BARS - after - GAP);
    const bars = Math.min(MOST_BARS, width - labelWidth - GAP - after);
    const body = lines.flatMap((line) => this.#print(line, labelWidth, bars, durationWidth));
    const scale = this.#scale(bars).map((text) => ' '.repeat(labelWidth + GAP) + paint({ text, style: 'dim' }));
    return ['', ...scale, ...body.map((spans) => spans.map(paint).join('').trimEnd()), ...this.#legend()];
  }

  #line(row: WaterfallRow, draw: GuidePainter): Line {
    const { glyphs } = this.#view.layout;
    const content = contentOf(row, this.#view);
    const { item } = row;
    const delivery = item.kind === 'delivery' ? item.delivery : undefined;
    const ms = delivery === undefined || delivery.attempts.length === 0 ? undefined : delivery.durationMs;
    const about = delivery !== undefined && isInferred(delivery, 'duration') ? glyphs.about : '';
    const duration = ms === undefined ? '' : about + formatDuration(ms);
    // Colours go to services in the order of the tree.
    const style = delivery === undefined ? undefined : this.#view.styles.of(delivery.service);
    return { ...draw(row), ...content, duration, row, style };
  }

  #print(line: Line, labelWidth: number, bars: number, durationWidth: number): (readonly Span[])[] {
    const { width, glyphs } = this.#view.layout;
    const named: readonly Span[] = [{ text: line.guide, style: 'dim' }, ...line.label];
    const { kind } = line.row.item;
    if (kind === 'unseen' || kind === 'hidden') return [truncate(named, width, glyphs.ellipsis)];
    const label = truncate(named, labelWidth, glyphs.ellipsis);
    const cells = cellsOf(line.row, bars);
    const beside = placeRemark(line.remark, cells);
    const spans = [
      ...label,
      { text: ' '.repeat(labelWidth - columnsOf(label) + GAP) },
      ...this.#draw(cells, line.style, beside),
    ];
    if (line.duration !== '') {
      const style = line.row.bars.some(({ critical }) => critical) ? 'bold' : undefined;
      spans.push({ text: ' '.repeat(GAP) }, { text: padStart(line.duration, durationWidth), style });
    }
    if (line.remark.length === 0 || beside !== undefined) return [spans];
    const below: Span[] = [{ text: line.below, style: 'dim' }, ...line.remark];
    return [spans, truncate(below, width, glyphs.ellipsis)];
  }

  #draw(cells: readonly Cell[], style: Style | undefined, beside: Beside | undefined): Span[] {
    const spans: Span[] = [];
    for (let index = 0; index < cells.length; index++) {
      if (beside?.at === index) {
        spans.push(...beside.remark);
        index += beside.columns - 1;
        continue;
      }
      const cell = cells[index];
      if (cell !== undefined) spans.push(this.#cell(cell, style));
    }
    return merged(spans);
  }

  #cell({ kind, critical }: Cell, style: Style | undefined): Span {
    if (kind === 'none') return { text: ' ' };
    const name = kind === 'run' && critical ? 'critical' : kind;
    this.#used.add(name);
    const text = this.#glyph(name);
    switch (name) {
      case 'critical':
      case 'run':
        return { text, style };
      case 'fail':
        return { text, style: 'error' };
      case 'open':
      case 'lost':
      case 'retry':
        return { text, style: 'yellow' };
      case 'event':
        return { text, style: 'bold' };
      default:
        return { text, style: critical ? undefined : 'dim' };
    }
  }

  #glyph(name: CellName): string {
    return this.#ascii ? CELLS[name].ascii : CELLS[name].unicode;
  }

  /** Times, and marks on a line below them. */
  #scale(bars: number): readonly string[] {
    const { totalMs } = this.#waterfall;
    const { tee, dash } = this.#ascii ? { tee: '+', dash: '-' } : { tee: '┬', dash: '─' };
    let times = '';
    let marks = '';
    for (const tick of ticksOf(totalMs, bars, TICK_COLUMNS)) {
      const at = Math.min(bars - 1, totalMs > 0 ? Math.floor((tick / totalMs) * bars) : 0);
      const text = tick === 0 ? '0' : formatDuration(tick);
      marks = marks.padEnd(at, dash) + tee;
      if (at + text.length <= bars) times = times.padEnd(at) + text;
    }
    return [times, marks.padEnd(bars, dash)];
  }

  #legend(): readonly string[] {
    const { width, paint } = this.#view.layout;
    const lines: string[] = [];
    for (const [name, { words }] of entries(CELLS)) {
      if (!this.#used.has(name)) continue;
      const item = `${this.#glyph(name)} ${words}`;
      const last = lines.at(-1);
      const longer = last === undefined ? '' : `${last}   ${item}`;
      if (last !== undefined && displayWidth(longer) <= width) lines[lines.length - 1] = longer;
      else lines.push(item);
    }
    return lines.length === 0 ? [] : ['', ...lines.map((text) => paint({ text, style: 'dim' }))];
  }
}

function entries<K extends string, V>(table: Readonly<Record<K, V>>): readonly (readonly [K, V])[] {
  const keys: readonly K[] = Object.keys(table).filter((key): key is K => Object.hasOwn(table, key));
  return keys.map((key) => [key, table[key]]);
}

interface Beside {
  readonly at: number;
  readonly columns: number;
  readonly remark: readonly Span[];
}

/** Where among the cells a remark has room: right of all that is drawn, else left of it. */
function placeRemark(remark: readonly Span[], cells: readonly Cell[]): Beside | undefined {
  const columns = columnsOf(remark);
  if (columns === 0) return undefined;
  const first = cells.findIndex(({ kind }) => kind !== 'none');
  const last = cells.findLastIndex(({ kind }) => kind !== 'none');
  if (last + 2 + columns <= cells.length) return { at: last + 2, columns, remark };
  return first - 1 - columns >= 0 ? { at: first - 1 - columns, columns, remark } : undefined;
}

/** Neighbours of one style as one. */
function merged(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const span of spans) {
    const last = all.at(-1);
    if (last !== undefined && last.style === span.style) all[all.length - 1] = { ...last, text: last.text + span.text };
    else all.push(span);
  }
  return all;
}
