/** The lines of the waterfall. Bars are SVG with places in percent: they need no script, and no style of their own. */
import { formatDuration } from '../../../kernel/index.js';
import { ticksOf } from '../../cells.js';
import { isTroubled } from '../../fold.js';
import type { DeliveryNode } from '../../forest.js';
import { hiddenWords } from '../../render/words.js';
import { type Bar, type Mark, type Waterfall, type WaterfallRow, waterfallOf } from '../../waterfall.js';
import type { ExportSource } from '../exporter.js';
import { Details } from './details.js';
import { element, percent, text } from './markup.js';

/** Colours for services in the style sheet. */
export const SERVICE_COLOURS = 8;
/** Deeper lines are not moved further to the right. */
export const MOST_INDENTS = 24;
/** Units of the scale's width, and the fewest from one of its marks to the next. */
const SCALE_UNITS = 100;
const TICK_UNITS = 10;

/** The waterfall of one trace; `prefix` begins the ids of its elements. */
export function waterfallMarkup(source: ExportSource, prefix: string, colours: ReadonlyMap<string, number>): string {
  const waterfall = waterfallOf(source.whole, { analysis: source.analysis, folded: source.folded });
  const ticks = ticksOf(waterfall.totalMs, SCALE_UNITS, TICK_UNITS);
  const at = (tick: number) => percent(waterfall.totalMs > 0 ? tick / waterfall.totalMs : 0);
  const grid = ticks.map((tick) => `<line x1="${at(tick)}" x2="${at(tick)}" y1="0" y2="100%"/>`).join('');
  const labels = ticks.map(
    (tick) => `<text x="${at(tick)}" y="14">${text(tick === 0 ? '0' : formatDuration(tick))}</text>`,
  );
  const rows = new Rows(source, prefix, colours).markup(waterfall);
  return [
    `<svg class="defs" aria-hidden="true"><symbol id="${prefix}grid">${grid}</symbol></svg>`,
    `<div class="scale" aria-hidden="true"><span></span><svg class="bars">${labels.join('')}</svg><span></span></div>`,
    `<div class="tree" role="tree" aria-label="What led to what">`,
    ...rows,
    '</div>',
  ].join('\n');
}

class Rows {
  readonly #prefix: string;
  readonly #colours: ReadonlyMap<string, number>;
  readonly #details: Details;
  /** Ids of the rows that lead to the current one. */
  readonly #path: string[] = [];
  #count = 0;

  constructor(source: ExportSource, prefix: string, colours: ReadonlyMap<string, number>) {
    this.#prefix = prefix;
    this.#colours = colours;
    this.#details = new Details(source);
  }

  markup(waterfall: Waterfall): string[] {
    return waterfall.rows.map((row) => this.#row(row));
  }

  #row(row: WaterfallRow): string {
    const { item, hasChildren } = row;
    const level = row.hidden + row.guides.length;
    const id = `${this.#prefix}r${++this.#count}`;
    this.#path.length = level - 1;
    const parent = this.#path.at(-1);
    this.#path.push(id);
    const delivery = item.kind === 'delivery' ? item.delivery : undefined;
    const attributes = [
      `class="row ${item.kind} i${Math.min(MOST_INDENTS, level - 1)}"`,
      `id="${id}" role="treeitem" aria-level="${level}" tabindex="${this.#count === 1 ? 0 : -1}"`,
      ...(hasChildren ? ['aria-expanded="true"'] : []),
      ...(parent === undefined ? [] : [`data-parent="${parent}"`]),
      ...(delivery !== undefined && isTroubled(delivery) ? ['data-trouble="1"'] : []),
    ];
    const ms = delivery === undefined || delivery.attempts.length === 0 ? undefined : delivery.durationMs;
    const colour = this.#colours.get(delivery?.service ?? '') ?? 0;
    const bars = row.bars.map((bar) => barMarkup(bar, colour)).join('') + row.marks.map(markMarkup).join('');
    const grid = `<use href="#${this.#prefix}grid" width="100%" height="100%"/>`;
    return [
      `<div ${attributes.join(' ')}>`,
      `<div class="label">${hasChildren ? '<span class="fold" aria-hidden="true"></span>' : ''}${this.#label(row)}</div>`,
      `<svg class="bars" aria-hidden="true">${grid}${bars}</svg>`,
      `<div class="took">${ms === undefined ? '' : text(formatDuration(ms))}</div>`,
      `${this.#more(row)}</div>`,
    ].join('');
  }

  #label({ item }: WaterfallRow): string {
    switch (item.kind) {
      case 'event': {
        const { type, inferred, cause, noSubscribers } = item.event;
        const notes = [
          ...(inferred === undefined ? [] : ['inferred']),
          ...(cause.kind === 'missing' ? ['orphan: its cause is not in the log'] : []),
          ...(cause.kind === 'unknown' ? ['its own record is not in the log'] : []),
          ...(noSubscribers ? ['no subscribers'] : []),
        ];
        return element('b', '', text(type)) + notes.map((note) => element('i', '', text(note))).join('');
      }
      case 'delivery': {
        const { delivery } = item;
        const service =
          delivery.service === ''
            ? ''
            : `<span class="c${this.#colours.get(delivery.service) ?? 0}">${text(delivery.service)}</span>.`;
        const guess = delivery.inferred === undefined ? '' : element('i', '', 'inferred');
        return `<span class="name">${service}${text(delivery.handler)}</span>${guess}${troubleMarkup(delivery)}`;
      }
      case 'unseen':
        return element('i', '', `${item.count} not begun when the log ends`);
      case 'hidden':
        return element('i', '', text(`${hiddenWords(item.counts)} hidden`));
      case 'attempt':
        return '';
    }
  }

  #more({ item }: WaterfallRow): string {
    if (item.kind === 'event') return `<div class="more" hidden>${this.#details.event(item.event)}</div>`;
    if (item.kind !== 'delivery') return '';
    return `<div class="more" hidden>${this.#details.delivery(item.delivery)}</div>`;
  }
}

/** What did not go well, in a word and its reason: never by colour alone. */
function troubleMarkup({ state, attempts }: DeliveryNode): string {
  const last = attempts.findLast(({ end }) => end.kind === 'failed')?.end;
  const error = last?.kind === 'failed' ? `${last.error.name}: ${last.error.message}` : '';
  if (state.kind === 'done') {
    return attempts.length > 1
      ? element('i', 'warn', text(`done at attempt ${attempts.length}; before, ${error}`))
      : '';
  }
  const bad = state.kind === 'failed' || state.kind === 'dead';
  const reason = error !== '' ? error : 'reason' in state ? state.reason : '';
  const word = `${bad ? 'ERR ' : ''}${state.kind}`;
  return element('i', bad ? 'bad' : 'warn', text(reason === '' ? word : `${word}: ${reason}`));
}

/** Waits are lines, not boxes: nothing was done in them. */
const HEIGHTS: Readonly<Record<Exclude<Bar['kind'], 'queue' | 'retry'>, readonly [y: number, height: number]>> = {
  run: [5, 14],
  open: [5, 14],
  await: [11, 2],
  outlive: [11.5, 1],
};

function barMarkup({ kind, from, to, critical }: Bar, colour: number): string {
  const place = `x="${percent(from)}" width="${percent(Math.max(0, to - from))}"`;
  const bar = shapeOf(kind, from, to, place, `${kind} c${colour}${critical ? ' on' : ''}`);
  return critical ? `${bar}<rect class="critical" ${place} y="21" height="2"/>` : bar;
}

function shapeOf(kind: Bar['kind'], from: number, to: number, place: string, className: string): string {
  if (kind === 'queue' || kind === 'retry') {
    return `<line class="${className}" x1="${percent(from)}" x2="${percent(to)}" y1="12" y2="12"/>`;
  }
  const [y, height] = HEIGHTS[kind];
  return `<rect class="${className}" ${place} y="${y}" height="${height}"/>`;
}

function markMarkup({ kind, at }: Mark): string {
  const shape =
    kind === 'event'
      ? '<path d="M-5 12 0 7 5 12 0 17z"/>'
      : kind === 'fail'
        ? '<path d="M-4 8 4 16M4 8-4 16"/>'
        : '<circle cy="12" r="4"/>';
  return `<svg class="mark ${kind}" x="${percent(at)}" overflow="visible">${shape}</svg>`;
}
