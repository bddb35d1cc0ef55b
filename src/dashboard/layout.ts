/** Where the panes go. Designed for 80×24, 120×40 and up; below 80×24 panes go before anything breaks. */
import { type Model, PANES, type Pane, shownData } from './model.js';

export type Block =
  | { readonly kind: 'pane'; readonly pane: Pane; readonly width: number; readonly height: number }
  | { readonly kind: 'row' | 'column'; readonly children: readonly Block[] };

export interface Layout {
  /** Rows of the header, the line of troubles, and the footer. */
  readonly header: 0 | 1 | 2;
  readonly trouble: 0 | 1;
  readonly footer: number;
  /** What is left for the panes, or for what stands in their place. */
  readonly body: number;
  readonly boxed: boolean;
  readonly panes: Block;
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly boxed: boolean;
}

export function layoutOf(model: Model): Layout {
  const { columns, rows } = model;
  const header = rows >= 12 ? 2 : rows >= 5 ? 1 : 0;
  const trouble = rows >= 8 ? 1 : 0;
  const footer = rows < 2 ? 0 : model.prompt.kind === 'none' || rows < 6 ? 1 : 2;
  const body = Math.max(1, rows - header - trouble - footer);
  // Side by side, panes hold as much as below one another from here on.
  const boxed = columns >= 119 && rows >= 34;
  return { header, trouble, footer, body, boxed, panes: arrange(model, columns, body, boxed) };
}

function arrange(model: Model, width: number, height: number, boxed: boolean): Block {
  const { focus } = model;
  if (model.zoom || height < 9) return block(focus, width, height);
  if (boxed) return wide(model, width, height);
  if (height < 17 || width < 64) return stacked(focus, width, height);
  return small(model, width, height);
}

function block(pane: Pane, width: number, height: number): Block {
  return { kind: 'pane', pane, width, height };
}

/** Two panes: the subscribers and the log, or what is in focus in their place. */
function stacked(focus: Pane, width: number, height: number): Block {
  const top = focus === 'log' ? 'subscribers' : focus;
  const upper = Math.floor(height / 2);
  return { kind: 'column', children: [block(top, width, upper), block('log', width, height - upper)] };
}

/** 80×24: subscribers above, types and traces side by side, the log below. */
function small(model: Model, width: number, height: number): Block {
  const subscribers = Math.max(5, Math.floor(height * 0.34));
  const middle = Math.max(5, Math.floor(height * 0.28));
  const left = Math.floor(width * 0.45);
  const right = model.focus === 'expectations' ? 'expectations' : 'traces';
  return {
    kind: 'column',
    children: [
      block('subscribers', width, subscribers),
      { kind: 'row', children: [block('types', left, middle), block(right, width - left, middle)] },
      block('log', width, height - subscribers - middle),
    ],
  };
}

/** From 119×34 on: what there is on the left, what happens on the right. */
function wide(model: Model, width: number, height: number): Block {
  const left = Math.max(42, Math.min(90, Math.floor(width * 0.34)));
  const right = width - left;
  const { types: known, subscribers: subscribed } = shownData(model);
  const types = between(8, known.size + 3, Math.floor(height * 0.36));
  const count = model.expectations.length;
  const expectations = count === 0 ? 0 : Math.min(count + 2, Math.floor(height * 0.28));
  const subscribers = between(8, subscribed.size + 3, Math.floor(height * 0.4));
  const leftPanes = [block('types', left, types), block('traces', left, height - types - expectations)];
  if (expectations > 0) leftPanes.push(block('expectations', left, expectations));
  return {
    kind: 'row',
    children: [
      { kind: 'column', children: leftPanes },
      {
        kind: 'column',
        children: [block('subscribers', right, subscribers), block('log', right, height - subscribers)],
      },
    ],
  };
}

function between(least: number, wanted: number, most: number): number {
  return Math.max(least, Math.min(wanted, most));
}

/** Cells and rows inside a pane's frame: a box, or a rule above. */
export function innerSize({ width, height, boxed }: Size): { readonly width: number; readonly height: number } {
  return { width: Math.max(1, boxed ? width - 4 : width - 1), height: Math.max(0, boxed ? height - 2 : height - 1) };
}

/** The digit that goes to a pane. */
export function paneDigit(pane: Pane): number {
  return PANES.indexOf(pane) + 1;
}
