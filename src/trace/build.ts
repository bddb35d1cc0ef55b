/** Records → forest. */
import type { LogRecord } from '../record/index.js';
import { type Concluded, concludeDelivery } from './conclude.js';
import { parseTime } from './dialect/time.js';
import { type DeliveryFacts, type EventFacts, Facts } from './facts.js';
import type { Cause, DeliveryNode, EventNode, InferredFact, LogGap, Trace, TraceKey } from './forest.js';
import { findCauses } from './link.js';
import { type OrderedRecords, orderRecords } from './trace-records.js';

interface Grown<T> {
  readonly node: T;
  readonly events: EventNode[];
}

/** By id of an event or a delivery what about it was concluded. */
export type Inferred = ReadonlyMap<string, readonly InferredFact[]>;

/**
 * The forest of one trace. Records of other traces and sessions are passed over; the order they come in does not
 * matter. Time and memory grow with the number of records, whatever the depth.
 */
export function buildTrace(records: Iterable<LogRecord>, key: TraceKey, inferred?: Inferred): Trace {
  const ordered = orderRecords(records, key);
  const facts = new Facts();
  for (const record of ordered.records) facts.add(record);
  const logged = facts.deliveriesLogged || ![...facts.events.values()].some(hasSubscribers);
  const links = findCauses(facts);
  const forest = assemble(facts, links.causes, logged, inferred);
  return {
    traceId: key.traceId,
    session: key.session,
    ...forest.nodes,
    deliveriesLogged: logged,
    ...(inferred === undefined ? {} : { inferred: true }),
    problems: {
      orphans: links.orphans,
      cycles: links.cycles,
      duplicates: ordered.duplicates + facts.repeats,
      outOfOrder: ordered.outOfOrder,
      effectBeforeCause: links.effectBeforeCause,
      missingPublishes: forest.nodes.events.filter((event) => event.published === undefined).length,
      missingStarts: forest.missingStarts,
      missingEndings: forest.missingEndings,
      clockBackwards: facts.clockBackwards,
      badTimestamps: facts.badTimestamps,
    },
    gaps: gapsWithin(ordered, forest.nodes, logged),
  };
}

/** The gaps between a trace's first and last record; those behind it, too, where it has not ended. */
function gapsWithin(
  { records, gaps }: OrderedRecords,
  { events, deliveries }: Assembled['nodes'],
  logged: boolean,
): LogGap[] {
  const first = records[0]?.seq ?? Number.POSITIVE_INFINITY;
  const last = records.at(-1)?.seq ?? Number.NEGATIVE_INFINITY;
  const isOpen =
    deliveries.some(({ state }) => state.kind === 'running' || state.kind === 'waiting') ||
    (logged && events.some(({ unseenDeliveries }) => unseenDeliveries > 0));
  return gaps
    .filter(({ seq, lost }) => seq > first && (isOpen || seq - lost <= last))
    .map(({ seq, lost, timestamp }) => ({ seq, lost, time: parseTime(timestamp) }));
}

function hasSubscribers(event: EventFacts): boolean {
  return event.deliveries.length > 0 || (event.published?.subscriberCount ?? 0) > 0;
}

interface Assembled {
  readonly nodes: Pick<Trace, 'roots' | 'events' | 'deliveries'>;
  readonly missingStarts: number;
  readonly missingEndings: number;
}

function assemble(
  facts: Facts,
  causes: ReadonlyMap<EventFacts, Cause>,
  logged: boolean,
  inferred: Inferred | undefined,
): Assembled {
  const deliveries = new Map<string, Grown<DeliveryNode>>();
  let missingStarts = 0;
  let missingEndings = 0;
  for (const delivery of facts.deliveries.values()) {
    const concluded = concludeDelivery(delivery, logged);
    missingStarts += concluded.missingStarts;
    missingEndings += concluded.missingEndings;
    deliveries.set(delivery.first.delivery_id, deliveryNode(delivery, concluded, inferred));
  }
  const events = new Map<string, Grown<EventNode>>();
  const bySeq = [...facts.events.values()].sort((a, b) => a.seq - b.seq || (a.id < b.id ? -1 : 1));
  for (const event of bySeq) events.set(event.id, eventNode(event, causes, deliveries, inferred));
  const roots: EventNode[] = [];
  for (const { node } of events.values()) {
    const { cause } = node;
    if (cause.kind === 'delivery') deliveries.get(cause.deliveryId)?.events.push(node);
    else if (cause.kind === 'event') events.get(cause.eventId)?.events.push(node);
    else roots.push(node);
  }
  return {
    nodes: { roots, events: nodesOf(events), deliveries: nodesOf(deliveries).sort((a, b) => a.seq - b.seq) },
    missingStarts,
    missingEndings,
  };
}

function nodesOf<T>(grown: ReadonlyMap<string, Grown<T>>): T[] {
  return Array.from(grown.values(), ({ node }) => node);
}

/** The mark of a node of which something was concluded. */
function mark(inferred: Inferred | undefined, id: string): { readonly inferred?: readonly InferredFact[] } {
  const concluded = inferred?.get(id);
  return concluded === undefined ? {} : { inferred: concluded };
}

function deliveryNode(
  { first, time }: DeliveryFacts,
  concluded: Concluded,
  inferred: Inferred | undefined,
): Grown<DeliveryNode> {
  const { attempts, state, queuedMs, durationMs } = concluded;
  const events: EventNode[] = [];
  const node: DeliveryNode = {
    ...mark(inferred, first.delivery_id),
    id: first.delivery_id,
    subscriptionId: first.subscription_id,
    eventId: first.event_id,
    eventType: first.event_type,
    service: first.service,
    handler: first.handler,
    seq: first.seq,
    time: attempts[0]?.startTime ?? time,
    attempts,
    queuedMs,
    durationMs,
    state,
    events,
  };
  return { node, events };
}

function eventNode(
  facts: EventFacts,
  causes: ReadonlyMap<EventFacts, Cause>,
  deliveries: ReadonlyMap<string, Grown<DeliveryNode>>,
  inferred: Inferred | undefined,
): Grown<EventNode> {
  const events: EventNode[] = [];
  const own = facts.deliveries
    .map((delivery) => deliveries.get(delivery.first.delivery_id)?.node)
    .filter((delivery) => delivery !== undefined);
  const { id, type, seq, source, published, noSubscribers } = facts;
  const node: EventNode = {
    ...mark(inferred, id),
    id,
    type,
    time: published === undefined ? earliest(facts.time, own) : facts.time,
    seq,
    source,
    published,
    noSubscribers,
    cause: causes.get(facts) ?? { kind: 'none' },
    deliveries: own,
    unseenDeliveries: Math.max(0, (published?.subscriberCount ?? 0) - own.length),
    events,
  };
  return { node, events };
}

/** An event without a record of its own was published before anything that is known of it. */
function earliest(mentioned: number, deliveries: readonly DeliveryNode[]): number {
  return deliveries.reduce((least, { time, queuedMs }) => Math.min(least, time - (queuedMs ?? 0)), mentioned);
}
