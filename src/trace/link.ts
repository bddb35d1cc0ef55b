/** Who led to whom: each event's cause, with cycles found and cut. */
import type { EventFacts, Facts } from './facts.js';
import type { Cause } from './forest.js';

export interface Links {
  readonly causes: ReadonlyMap<EventFacts, Cause>;
  readonly orphans: number;
  readonly cycles: number;
  readonly effectBeforeCause: number;
}

export function findCauses(facts: Facts): Links {
  const causes = new Map<EventFacts, Cause>();
  const parents = new Map<EventFacts, EventFacts>();
  let orphans = 0;
  let effectBeforeCause = 0;
  for (const event of facts.events.values()) {
    const { cause, parent } = causeOf(event, facts);
    causes.set(event, cause);
    if (cause.kind === 'missing') orphans++;
    if (parent === undefined) continue;
    parents.set(event, parent);
    if (parent.published !== undefined && event.seq < parent.seq) effectBeforeCause++;
  }
  const cuts = findCuts(facts.events.values(), parents);
  for (const event of cuts) causes.set(event, { kind: 'cycle', eventId: parents.get(event)?.id ?? event.id });
  return { causes, orphans, cycles: cuts.length, effectBeforeCause };
}

function causeOf(event: EventFacts, facts: Facts): { readonly cause: Cause; readonly parent: EventFacts | undefined } {
  const { causationId, causationDeliveryId } = event;
  if (event.published === undefined) return { cause: { kind: 'unknown' }, parent: undefined };
  if (causationId === undefined && causationDeliveryId === undefined) {
    return { cause: { kind: 'none' }, parent: undefined };
  }
  const delivery = causationDeliveryId === undefined ? undefined : facts.deliveries.get(causationDeliveryId);
  if (delivery !== undefined) {
    const parent = delivery.event;
    return { cause: { kind: 'delivery', eventId: parent.id, deliveryId: delivery.first.delivery_id }, parent };
  }
  const parent = causationId === undefined ? undefined : facts.events.get(causationId);
  if (parent !== undefined) return { cause: { kind: 'event', eventId: parent.id }, parent };
  return { cause: { kind: 'missing', eventId: causationId, deliveryId: causationDeliveryId }, parent: undefined };
}

/** The earliest event of every cycle. Each event has one parent at most, so walking up from each one once finds all. */
function findCuts(events: Iterable<EventFacts>, parents: ReadonlyMap<EventFacts, EventFacts>): EventFacts[] {
  const cuts: EventFacts[] = [];
  /** The number of the walk that came by first. */
  const walks = new Map<EventFacts, number>();
  let walk = 0;
  for (const start of events) {
    walk++;
    let at: EventFacts | undefined = start;
    while (at !== undefined && !walks.has(at)) {
      walks.set(at, walk);
      at = parents.get(at);
    }
    if (at !== undefined && walks.get(at) === walk) cuts.push(earliestOfCycle(at, parents));
  }
  return cuts;
}

function earliestOfCycle(member: EventFacts, parents: ReadonlyMap<EventFacts, EventFacts>): EventFacts {
  let earliest = member;
  for (let at = parents.get(member); at !== undefined && at !== member; at = parents.get(at)) {
    if (at.seq < earliest.seq || (at.seq === earliest.seq && at.id < earliest.id)) earliest = at;
  }
  return earliest;
}
