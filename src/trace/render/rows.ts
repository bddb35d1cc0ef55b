/** The tree's lines, in order, before anyone knows how wide they may be. */
import { formatDuration, safe } from '../../kernel/index.js';
import type { Attempt, DeliveryNode, EventNode, Trace } from '../forest.js';
import type { ServiceStyles, Span } from './palette.js';
import { attemptSpans, causeSpans, type Ending, handlerSpans, plural, queuedSpans, stateSpans } from './words.js';

export interface Row {
  /** Milliseconds since 1970. */
  readonly time: number | undefined;
  /** For the rows above this one, outermost first, and for itself: whether more siblings follow. The innermost only. */
  readonly guides: readonly boolean[];
  /** Levels above those in `guides`. */
  readonly hidden: number;
  readonly hasChildren: boolean;
  /** What it is. */
  readonly label: readonly Span[];
  /** What must be read: goes below the label where there is no room beside it. */
  readonly remark: readonly Span[];
  /** What may be left out where there is no room, the last first. */
  readonly notes: readonly (readonly Span[])[];
  readonly durationMs: number | undefined;
}

export interface RowOptions {
  readonly bullet: string;
  readonly ending: Ending;
  readonly styles: ServiceStyles;
}

/** More levels are never drawn, so a row of a very deep tree need not carry them. */
const MAX_GUIDES = 48;

type Item =
  /** `publisher`: the service of the delivery that published it. */
  | { readonly kind: 'event'; readonly event: EventNode; readonly publisher: string | undefined }
  | { readonly kind: 'delivery'; readonly delivery: DeliveryNode }
  | { readonly kind: 'attempt'; readonly attempt: Attempt; readonly waitMs: number | undefined }
  | { readonly kind: 'unseen'; readonly count: number };

interface Pending {
  readonly item: Item;
  readonly depth: number;
  readonly last: boolean;
}

/** Every line of the tree, from the roots down; no depth overflows it. */
export function* treeRows(trace: Trace, options: RowOptions): Generator<Row, void, undefined> {
  const stack: Pending[] = [];
  push(
    stack,
    trace.roots.map((event) => eventItem(event, undefined)),
    0,
  );
  const guides: boolean[] = [];
  for (let pending = stack.pop(); pending !== undefined; pending = stack.pop()) {
    const { item, depth, last } = pending;
    guides.length = depth;
    guides.push(!last);
    const children = childrenOf(item, trace);
    push(stack, children, depth + 1);
    const kept = guides.slice(-MAX_GUIDES);
    yield {
      guides: kept,
      hidden: guides.length - kept.length,
      hasChildren: children.length > 0,
      ...contentOf(item, options),
    };
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

function childrenOf(item: Item, trace: Trace): readonly Item[] {
  if (item.kind === 'event') {
    const { deliveries, events, unseenDeliveries: count } = item.event;
    const children = bySeq([
      ...deliveries.map((delivery) => ({ seq: delivery.seq, item: { kind: 'delivery', delivery } as const })),
      ...events.map((event) => ({ seq: event.seq, item: eventItem(event, undefined) })),
    ]);
    return count > 0 && trace.deliveriesLogged ? [...children, { kind: 'unseen', count }] : children;
  }
  if (item.kind !== 'delivery') return [];
  const { attempts, events, service } = item.delivery;
  return bySeq([
    ...(showsAttempts(item.delivery) ? attempts.map(attemptItem) : []),
    ...events.map((event) => ({ seq: event.seq, item: eventItem(event, service) })),
  ]);
}

function bySeq(items: { readonly seq: number; readonly item: Item }[]): Item[] {
  return items.sort((a, b) => a.seq - b.seq).map(({ item }) => item);
}

/** One attempt needs no line of its own. */
function showsAttempts({ attempts }: DeliveryNode): boolean {
  return attempts.length > 1;
}

function attemptItem(attempt: Attempt, index: number, attempts: readonly Attempt[]) {
  const before = attempts[index - 1]?.end;
  const waitMs = before !== undefined && 'time' in before ? attempt.startTime - before.time : undefined;
  return { seq: attempt.seq, item: { kind: 'attempt', attempt, waitMs } as const };
}

type Content = Pick<Row, 'time' | 'label' | 'remark' | 'notes' | 'durationMs'>;

function contentOf(item: Item, options: RowOptions): Content {
  switch (item.kind) {
    case 'event':
      return eventContent(item.event, item.publisher, options);
    case 'delivery':
      return deliveryContent(item.delivery, options);
    case 'attempt':
      return attemptContent(item.attempt, item.waitMs, options);
    case 'unseen': {
      const when = options.ending === 'log' ? ' when the log ends' : ' so far';
      const text = `${plural(item.count, 'delivery', 'deliveries')} not begun${when}`;
      return { time: undefined, label: [{ text, style: 'yellow' }], remark: [], notes: [], durationMs: undefined };
    }
  }
}

function eventContent(event: EventNode, publisher: string | undefined, { bullet }: RowOptions): Content {
  const { source, published, noSubscribers } = event;
  const nobody = noSubscribers || published?.subscriberCount === 0;
  const keys = published?.payloadKeys.map(safe).join(', ') ?? '';
  const remark = [causeSpans(event.cause), nobody ? [{ text: 'no subscribers', style: 'yellow' } as const] : []];
  return {
    time: event.time,
    label: [{ text: `${bullet} ` }, { text: safe(event.type), style: 'bold' }],
    remark: joined(remark),
    notes: [
      ...(source === undefined || source === publisher
        ? []
        : [[{ text: `from ${safe(source)}`, style: 'dim' } as const]]),
      ...(keys === '' ? [] : [[{ text: `{${keys}}`, style: 'dim' } as const]]),
    ],
    durationMs: undefined,
  };
}

function deliveryContent(delivery: DeliveryNode, { ending, styles }: RowOptions): Content {
  const shown = showsAttempts(delivery);
  const only = shown ? undefined : delivery.attempts[0];
  const fault = only !== undefined && 'fault' in only.end ? only.end.fault : undefined;
  return {
    time: delivery.time,
    label: handlerSpans(delivery, styles),
    remark: joined([stateSpans(delivery, shown, ending), queuedSpans(delivery)]),
    notes: fault === undefined ? [] : [[{ text: `fault: ${safe(fault)}`, style: 'dim' }]],
    durationMs: delivery.attempts.length === 0 ? undefined : delivery.durationMs,
  };
}

function attemptContent(attempt: Attempt, waitMs: number | undefined, { ending }: RowOptions): Content {
  const { number, end, startTime } = attempt;
  const fault = 'fault' in end ? end.fault : undefined;
  const waited = waitMs !== undefined && waitMs > 0;
  return {
    time: startTime,
    label: [{ text: `attempt ${number}`, style: 'dim' }],
    remark: attemptSpans(attempt, ending),
    notes: [
      ...(waited ? [[{ text: `after waiting ${formatDuration(waitMs)}`, style: 'dim' } as const]] : []),
      ...(fault === undefined ? [] : [[{ text: `fault: ${safe(fault)}`, style: 'dim' } as const]]),
    ],
    durationMs: 'durationMs' in end ? end.durationMs : undefined,
  };
}

function joined(parts: readonly (readonly Span[])[]): Span[] {
  const filled = parts.filter((part) => part.length > 0);
  return filled.flatMap((part, index) => (index === 0 ? part : [{ text: ', ' }, ...part]));
}
