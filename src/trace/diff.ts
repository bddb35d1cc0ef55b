/** Two requests side by side: what the one has and the other has not, what took longer, came in another order, ended otherwise. */
import { type Analysis, analyse, roundMs } from './analysis.js';
import type { DeliveryNode, DeliveryState, EventNode, Trace } from './forest.js';
import { selfTimes } from './self-time.js';

export interface DiffOptions {
  /** From how many milliseconds on a difference in time counts. Default 1. */
  readonly leastMs?: number | undefined;
  /** From which share of the shorter time on it counts. Default 0.2. */
  readonly leastShare?: number | undefined;
}

type Node = EventNode | DeliveryNode;

/** Where a node stands in both traces. */
export type Presence<T extends Node> =
  | { readonly in: 'both'; readonly a: T; readonly b: T }
  /** Missing from the second one. */
  | { readonly in: 'a'; readonly a: T }
  /** Extra in the second one. */
  | { readonly in: 'b'; readonly b: T };

export interface Slowdown {
  readonly aMs: number;
  readonly bMs: number;
  /** At least half of it is time that the handler worked itself, not that it waited for what it published. */
  readonly own: boolean;
}

interface Common {
  /** Among its siblings, it comes elsewhere in the second one. */
  readonly reordered: boolean;
  readonly depth: number;
  /** For the lines above this one and for itself: whether more siblings follow. */
  readonly guides: readonly boolean[];
  readonly hasChildren: boolean;
}

export type DiffRow =
  | ({ readonly kind: 'event'; readonly nodes: Presence<EventNode> } & Common)
  | ({
      readonly kind: 'delivery';
      readonly nodes: Presence<DeliveryNode>;
      /** Longer or shorter by more than counts. */
      readonly slower: Slowdown | undefined;
      readonly faster: Slowdown | undefined;
      /** It ended otherwise, or at another attempt. */
      readonly ending: { readonly a: DeliveryState; readonly b: DeliveryState } | undefined;
    } & Common);

export interface DiffCounts {
  readonly missing: number;
  readonly extra: number;
  readonly slower: number;
  readonly faster: number;
  readonly reordered: number;
  readonly endedOtherwise: number;
}

export interface TraceDiff {
  readonly a: { readonly trace: Trace; readonly analysis: Analysis };
  readonly b: { readonly trace: Trace; readonly analysis: Analysis };
  /** Both trees in one, in the order of the second; what is missing from it stands where it was in the first. */
  readonly rows: readonly DiffRow[];
  readonly counts: DiffCounts;
}

/** Nodes are the same where they stand below the same ones and have the same event type, or service and handler. */
export function diffTraces(a: Trace, b: Trace, options: DiffOptions = {}): TraceDiff {
  const rows = [...new Differ(a, b, options).rows()];
  const count = (holds: (row: DiffRow) => boolean) => rows.reduce((sum, row) => (holds(row) ? sum + 1 : sum), 0);
  const ofDelivery = (row: DiffRow) => (row.kind === 'delivery' ? row : undefined);
  return {
    a: { trace: a, analysis: analyse(a) },
    b: { trace: b, analysis: analyse(b) },
    rows,
    counts: {
      missing: count(({ nodes }) => nodes.in === 'a'),
      extra: count(({ nodes }) => nodes.in === 'b'),
      slower: count((row) => ofDelivery(row)?.slower !== undefined),
      faster: count((row) => ofDelivery(row)?.faster !== undefined),
      reordered: count(({ reordered }) => reordered),
      endedOtherwise: count((row) => ofDelivery(row)?.ending !== undefined),
    },
  };
}

/** True for a row that tells of a difference. */
export function differs(row: DiffRow): boolean {
  if (row.nodes.in !== 'both' || row.reordered) return true;
  return row.kind === 'delivery' && (row.slower ?? row.faster ?? row.ending) !== undefined;
}

interface Aligned<T extends Node> {
  readonly nodes: Presence<T>;
  readonly reordered: boolean;
}

type Pending =
  | ({ readonly kind: 'event'; readonly depth: number; readonly last: boolean } & Aligned<EventNode>)
  | ({ readonly kind: 'delivery'; readonly depth: number; readonly last: boolean } & Aligned<DeliveryNode>);

const LEAST_MS = 1;
const LEAST_SHARE = 0.2;
/** More levels are never drawn. */
const MAX_GUIDES = 48;

class Differ {
  readonly #a: Trace;
  readonly #b: Trace;
  readonly #leastMs: number;
  readonly #leastShare: number;
  readonly #self: ReadonlyMap<DeliveryNode, number>;

  constructor(a: Trace, b: Trace, { leastMs = LEAST_MS, leastShare = LEAST_SHARE }: DiffOptions) {
    this.#a = a;
    this.#b = b;
    this.#leastMs = leastMs;
    this.#leastShare = leastShare;
    this.#self = new Map([...selfTimes(a.deliveries), ...selfTimes(b.deliveries)]);
  }

  /** No depth overflows it. */
  *rows(): Generator<DiffRow, void, undefined> {
    const stack: Pending[] = [];
    pushAll(stack, alignEvents(this.#a.roots, this.#b.roots).map(asEvent), 0);
    const guides: boolean[] = [];
    for (let pending = stack.pop(); pending !== undefined; pending = stack.pop()) {
      const { depth, last } = pending;
      guides.length = depth;
      guides.push(!last);
      const children = childrenOf(pending);
      pushAll(stack, children, depth + 1);
      const place = { depth, guides: guides.slice(-MAX_GUIDES), hasChildren: children.length > 0 };
      yield this.#row(pending, place);
    }
  }

  #row(pending: Pending, place: Pick<Common, 'depth' | 'guides' | 'hasChildren'>): DiffRow {
    const { reordered } = pending;
    if (pending.kind === 'event') return { kind: 'event', nodes: pending.nodes, reordered, ...place };
    const { nodes } = pending;
    const change = nodes.in === 'both' ? this.#compare(nodes.a, nodes.b) : SAME;
    return { kind: 'delivery', nodes, reordered, ...place, ...change };
  }

  #compare(a: DeliveryNode, b: DeliveryNode) {
    const times = this.#compareTimes(a, b);
    const same = a.state.kind === b.state.kind && a.attempts.length === b.attempts.length;
    return {
      slower: times !== undefined && times.bMs > times.aMs ? times : undefined,
      faster: times !== undefined && times.bMs < times.aMs ? times : undefined,
      ending: same ? undefined : { a: a.state, b: b.state },
    };
  }

  #compareTimes(a: DeliveryNode, b: DeliveryNode): Slowdown | undefined {
    const { durationMs: aMs } = a;
    const { durationMs: bMs } = b;
    if (aMs === undefined || bMs === undefined || a.attempts.length === 0 || b.attempts.length === 0) return undefined;
    const delta = Math.abs(bMs - aMs);
    if (delta < this.#leastMs || delta < Math.min(aMs, bMs) * this.#leastShare) return undefined;
    const ownDelta = (this.#self.get(b) ?? 0) - (this.#self.get(a) ?? 0);
    return {
      aMs: roundMs(aMs),
      bMs: roundMs(bMs),
      own: Math.sign(ownDelta) === Math.sign(bMs - aMs) && Math.abs(ownDelta) >= delta / 2,
    };
  }
}

const SAME = { slower: undefined, faster: undefined, ending: undefined } as const;

type Child =
  | ({ readonly kind: 'event' } & Aligned<EventNode>)
  | ({ readonly kind: 'delivery' } & Aligned<DeliveryNode>);

function pushAll(stack: Pending[], children: readonly Child[], depth: number): void {
  for (let index = children.length - 1; index >= 0; index--) {
    const child = children[index];
    if (child !== undefined) stack.push({ ...child, depth, last: index === children.length - 1 });
  }
}

function asEvent(aligned: Aligned<EventNode>): Child {
  return { kind: 'event', ...aligned };
}

function childrenOf(pending: Pending): Child[] {
  if (pending.kind === 'delivery') {
    const { a, b } = both(pending.nodes);
    return alignEvents(a?.events ?? [], b?.events ?? []).map(asEvent);
  }
  const { a, b } = both(pending.nodes);
  const deliveries = align(a?.deliveries ?? [], b?.deliveries ?? [], ({ service, handler }) =>
    JSON.stringify([service, handler]),
  );
  return [
    ...deliveries.map((aligned): Child => ({ kind: 'delivery', ...aligned })),
    ...alignEvents(a?.events ?? [], b?.events ?? []).map(asEvent),
  ];
}

function both<T extends Node>(nodes: Presence<T>): { readonly a: T | undefined; readonly b: T | undefined } {
  return { a: nodes.in === 'b' ? undefined : nodes.a, b: nodes.in === 'a' ? undefined : nodes.b };
}

function alignEvents(a: readonly EventNode[], b: readonly EventNode[]): Aligned<EventNode>[] {
  return align(a, b, ({ type }) => type);
}

/** The n-th of a name in the one is the n-th of that name in the other. */
function align<T extends Node>(a: readonly T[], b: readonly T[], nameOf: (node: T) => string): Aligned<T>[] {
  const waiting = new Map<string, number[]>();
  for (const [index, node] of a.entries()) {
    const name = nameOf(node);
    const known = waiting.get(name);
    if (known === undefined) waiting.set(name, [index]);
    else known.push(index);
  }
  const partners = b.map((node) => waiting.get(nameOf(node))?.shift());
  const inOrder = longestRising(partners.filter((index) => index !== undefined));
  const aligned: { readonly after: number; readonly item: Aligned<T> }[] = [];
  const taken = new Set<number>();
  for (const [index, node] of b.entries()) {
    const partner = partners[index];
    const other = partner === undefined ? undefined : a[partner];
    if (partner === undefined || other === undefined) {
      aligned.push({ after: -1, item: { nodes: { in: 'b', b: node }, reordered: false } });
      continue;
    }
    taken.add(partner);
    const item: Aligned<T> = { nodes: { in: 'both', a: other, b: node }, reordered: !inOrder.has(partner) };
    aligned.push({ after: partner, item });
  }
  for (const [index, node] of a.entries()) {
    if (taken.has(index)) continue;
    // After the one that it came after.
    const before = aligned.findLastIndex(({ after, item }) => after !== -1 && after < index && !item.reordered);
    aligned.splice(before + 1, 0, { after: index, item: { nodes: { in: 'a', a: node }, reordered: false } });
  }
  return aligned.map(({ item }) => item);
}

/** As many of the numbers as possible that rise from one to the next: these have kept their order. */
function longestRising(numbers: readonly number[]): ReadonlySet<number> {
  const tails: number[] = [];
  const before: (number | undefined)[] = [];
  for (const [index, value] of numbers.entries()) {
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[tails[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? tails[low - 1] : undefined;
    tails[low] = index;
  }
  const rising = new Set<number>();
  for (let at = tails.at(-1); at !== undefined; at = before[at]) rising.add(numbers[at] ?? 0);
  return rising;
}
