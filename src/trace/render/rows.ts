/** The tree's lines, in order, before anyone knows how wide they may be. */
import { formatDuration, plural, safe } from '../../kernel/index.js';
import type { Folded } from '../fold.js';
import type { Attempt, DeliveryNode, EventNode } from '../forest.js';
import { type Item, type Place, placedItems, showsAttempts } from '../items.js';
import type { ServiceStyles, Span } from './palette.js';
import {
  attemptSpans,
  causeSpans,
  type Ending,
  handlerSpans,
  hiddenWords,
  inferredMark,
  isInferred,
  queuedSpans,
  stateSpans,
} from './words.js';

export interface Row extends Place {
  /** Milliseconds since 1970. */
  readonly time: number | undefined;
  readonly timeInferred: boolean;
  /** What it is. */
  readonly label: readonly Span[];
  /** What must be read: goes below the label where there is no room beside it. */
  readonly remark: readonly Span[];
  /** What may be left out where there is no room, the last first. */
  readonly notes: readonly (readonly Span[])[];
  readonly durationMs: number | undefined;
  readonly durationInferred: boolean;
}

export interface RowOptions {
  readonly bullet: string;
  /** Stands before what is not in the log, but concluded from it. */
  readonly about: string;
  readonly ending: Ending;
  readonly styles: ServiceStyles;
}

/** Every line of the tree, from the roots down. */
export function* treeRows(folded: Folded, options: RowOptions): Generator<Row, void, undefined> {
  for (const { item, ...place } of placedItems(folded, { attempts: true })) {
    yield { ...place, ...PLAIN, ...contentOf(item, options) };
  }
}

type Content = Omit<Row, keyof Place>;

/** What most lines do not have. */
const PLAIN: Omit<Content, 'label'> = {
  time: undefined,
  timeInferred: false,
  remark: [],
  notes: [],
  durationMs: undefined,
  durationInferred: false,
};

function contentOf(item: Item, options: RowOptions): Pick<Content, 'label'> & Partial<Content> {
  switch (item.kind) {
    case 'event':
      return eventContent(item.event, item.publisher, options);
    case 'delivery':
      return deliveryContent(item.delivery, options);
    case 'attempt':
      return attemptContent(item.attempt, item.waitMs, options);
    case 'unseen': {
      const when = options.ending === 'log' ? ' when the log ends' : ' so far';
      return { label: [{ text: `${plural(item.count, 'delivery', 'deliveries')} not begun${when}`, style: 'yellow' }] };
    }
    case 'hidden':
      return { label: [{ text: `${hiddenWords(item.counts)} hidden`, style: 'dim' }] };
  }
}

function eventContent(event: EventNode, publisher: string | undefined, { bullet, about }: RowOptions) {
  const { source, published, noSubscribers } = event;
  const nobody = noSubscribers || published?.subscriberCount === 0;
  const keys = published?.payloadKeys.map(safe).join(', ') ?? '';
  const remark = [causeSpans(event.cause), nobody ? [{ text: 'no subscribers', style: 'yellow' } as const] : []];
  return {
    time: event.time,
    timeInferred: isInferred(event, 'start'),
    label: [{ text: `${bullet} ` }, ...inferredMark(event, about), { text: safe(event.type), style: 'bold' as const }],
    remark: joined(remark),
    notes: [
      ...(source === undefined || source === publisher
        ? []
        : [[{ text: `from ${safe(source)}`, style: 'dim' } as const]]),
      ...(keys === '' ? [] : [[{ text: `{${keys}}`, style: 'dim' } as const]]),
    ],
  };
}

function deliveryContent(delivery: DeliveryNode, { ending, styles, about }: RowOptions) {
  const shown = showsAttempts(delivery);
  const only = shown ? undefined : delivery.attempts[0];
  const fault = only !== undefined && 'fault' in only.end ? only.end.fault : undefined;
  return {
    time: delivery.time,
    timeInferred: isInferred(delivery, 'start'),
    label: [...inferredMark(delivery, about), ...handlerSpans(delivery, styles)],
    remark: joined([stateSpans(delivery, shown, ending), queuedSpans(delivery)]),
    notes: fault === undefined ? [] : [[{ text: `fault: ${safe(fault)}`, style: 'dim' as const }]],
    durationMs: delivery.attempts.length === 0 ? undefined : delivery.durationMs,
    durationInferred: isInferred(delivery, 'duration'),
  };
}

function attemptContent(attempt: Attempt, waitMs: number | undefined, { ending }: RowOptions) {
  const { number, end, startTime } = attempt;
  const fault = 'fault' in end ? end.fault : undefined;
  const waited = waitMs !== undefined && waitMs > 0;
  return {
    time: startTime,
    label: [{ text: `attempt ${number}`, style: 'dim' as const }],
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
