/**
 * Who waits for whom. A handler that awaits a publish waits for its deliveries; a queued delivery waits for one of its
 * subscription's slots, that is, for one of the handlers that hold them. A delivery that can start only once the
 * publishing handler has ended must not be waited for by that handler.
 *
 * Handlers are AND nodes (all publishes they wait for must settle), subscriptions are OR nodes (any slot will do).
 * Everything that can be shown to end, starting from handlers that wait for nothing, is free; the rest is stuck.
 */
import type { Delivery } from './delivery.js';
import type { Subscriber } from './subscriber.js';

/** True when no slot of `target` can come free while `blocked` waits. */
export function isStuckBehind(target: Subscriber, blocked: Delivery): boolean {
  if (target.hasFreeSlot) return false;
  // The usual case: some handler waits for nothing.
  if (some(target.backlog.running, (running) => running !== blocked && !waits(running))) return false;
  const handlers = new Map<Delivery, readonly (Delivery | Subscriber)[]>();
  const subscribers = new Set<Subscriber>([target]);
  // Grows while it is walked: a breadth-first walk over all that `target` may wait for.
  for (const subscriber of subscribers) {
    for (const running of subscriber.backlog.running) visit(running, blocked, handlers, subscribers);
  }
  const free = settleFree(handlers, subscribers, blocked);
  return !free.has(target);
}

/** Notes what the handler of `start`, and every handler it waits for, is waiting for. */
function visit(
  start: Delivery,
  blocked: Delivery,
  handlers: Map<Delivery, readonly (Delivery | Subscriber)[]>,
  subscribers: Set<Subscriber>,
): void {
  const stack = [start];
  for (let delivery = stack.pop(); delivery !== undefined; delivery = stack.pop()) {
    if (delivery === blocked || handlers.has(delivery)) continue;
    const needs = new Set<Delivery | Subscriber>();
    for (const publication of delivery.details?.nested ?? []) {
      for (const waited of publication.deliveries) {
        if (waited.leftOut || waited.ended) continue;
        // Without a slot it needs one; that holds for one that waits for a retry, too.
        needs.add(waited.hasSlot ? waited : waited.target);
      }
    }
    handlers.set(delivery, [...needs]);
    for (const need of needs) {
      if ('backlog' in need) subscribers.add(need);
      else stack.push(need);
    }
  }
}

function settleFree(
  handlers: ReadonlyMap<Delivery, readonly (Delivery | Subscriber)[]>,
  subscribers: ReadonlySet<Subscriber>,
  blocked: Delivery,
): ReadonlySet<Delivery | Subscriber> {
  const free = new Set<Delivery | Subscriber>();
  for (let before = -1; before !== free.size; ) {
    before = free.size;
    for (const [handler, needs] of handlers) {
      if (needs.every((need) => free.has(need))) free.add(handler);
    }
    for (const subscriber of subscribers) {
      if (
        subscriber.hasFreeSlot ||
        some(subscriber.backlog.running, (running) => running !== blocked && free.has(running))
      ) {
        free.add(subscriber);
      }
    }
  }
  return free;
}

function waits(delivery: Delivery): boolean {
  return delivery.details?.nested !== undefined && delivery.details.nested.size > 0;
}

function some(deliveries: Iterable<Delivery>, test: (delivery: Delivery) => boolean): boolean {
  for (const delivery of deliveries) if (test(delivery)) return true;
  return false;
}
