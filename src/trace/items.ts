/** What a tree shows, one item a line, in order and with its place; no depth overflows it. */
import type { Folded, HiddenCounts } from './fold.js';
import type { Attempt, DeliveryNode, EventNode } from './forest.js';

export type Item =
  /** `publisher`: the service of the delivery that published it. */
  | { readonly kind: 'event'; readonly event: EventNode; readonly publisher: string | undefined }
  | { readonly kind: 'delivery'; readonly delivery: DeliveryNode }
  | { readonly kind: 'attempt'; readonly attempt: Attempt; readonly waitMs: number | undefined }
  /** Deliveries that had not begun. */
  | { readonly kind: 'unseen'; readonly count: number }
  /** Left out of a big trace. */
  | { readonly kind: 'hidden'; readonly counts: HiddenCounts };

export interface Place {
  /** For the items above this one, outermost first, and for itself: whether more siblings follow. The innermost only. */
  readonly guides: readonly boolean[];
  /** Levels above those in `guides`. */
  readonly hidden: number;
  readonly hasChildren: boolean;
}

export interface PlacedItem extends Place {
  readonly item: Item;
}

export interface ItemOptions {
  /** Whether the attempts of a delivery that was retried are items of their own. */
  readonly attempts: boolean;
}

/** More levels are never drawn, so an item of a very deep tree need not carry them. */
const MAX_GUIDES = 48;

interface Pending {
  readonly item: Item;
  readonly depth: number;
  readonly last: boolean;
}

/** Every item, from the roots down. */
export function* placedItems(folded: Folded, options: ItemOptions): Generator<PlacedItem, void, undefined> {
  const { trace, hiddenRoots } = folded;
  const stack: Pending[] = [];
  push(stack, [...trace.roots.map((event) => eventItem(event, undefined)), ...hiddenItem(hiddenRoots)], 0);
  const guides: boolean[] = [];
  for (let pending = stack.pop(); pending !== undefined; pending = stack.pop()) {
    const { item, depth, last } = pending;
    guides.length = depth;
    guides.push(!last);
    const children = childrenOf(item, folded, options);
    push(stack, children, depth + 1);
    const kept = guides.slice(-MAX_GUIDES);
    yield { item, guides: kept, hidden: guides.length - kept.length, hasChildren: children.length > 0 };
  }
}

function push(stack: Pending[], items: readonly Item[], depth: number): void {
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index];
    if (item !== undefined) stack.push({ item, depth, last: index === items.length - 1 });
  }
}

function eventItem(event: EventNode, publisher: string | undefined): Item {
  return { kind: 'event', event, publisher };
}

function hiddenItem(counts: HiddenCounts | undefined): readonly Item[] {
  return counts === undefined || counts.events + counts.deliveries === 0 ? [] : [{ kind: 'hidden', counts }];
}

function childrenOf(item: Item, { trace, below }: Folded, options: ItemOptions): readonly Item[] {
  if (item.kind === 'event') {
    const { deliveries, events, unseenDeliveries: count } = item.event;
    const children = bySeq([
      ...deliveries.map((delivery) => ({ seq: delivery.seq, item: { kind: 'delivery', delivery } as const })),
      ...events.map((event) => ({ seq: event.seq, item: eventItem(event, undefined) })),
    ]);
    const unseen: readonly Item[] = count > 0 && trace.deliveriesLogged ? [{ kind: 'unseen', count }] : [];
    return [...children, ...unseen, ...hiddenItem(below.get(item.event))];
  }
  if (item.kind !== 'delivery') return [];
  const { attempts, events, service } = item.delivery;
  const shown = options.attempts && showsAttempts(item.delivery);
  const children = bySeq([
    ...(shown ? attempts.map(attemptItem) : []),
    ...events.map((event) => ({ seq: event.seq, item: eventItem(event, service) })),
  ]);
  return [...children, ...hiddenItem(below.get(item.delivery))];
}

function bySeq(items: { readonly seq: number; readonly item: Item }[]): Item[] {
  return items.sort((a, b) => a.seq - b.seq).map(({ item }) => item);
}

/** One attempt needs no line of its own. */
export function showsAttempts({ attempts }: DeliveryNode): boolean {
  return attempts.length > 1;
}

function attemptItem(attempt: Attempt, index: number, attempts: readonly Attempt[]) {
  const before = attempts[index - 1]?.end;
  const waitMs = before !== undefined && 'time' in before ? attempt.startTime - before.time : undefined;
  return { seq: attempt.seq, item: { kind: 'attempt', attempt, waitMs } as const };
}
