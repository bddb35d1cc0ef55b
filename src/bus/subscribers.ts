/** All subscriptions of a bus that are active or have something under way. */
import type { Delivery } from './delivery.js';
import { LinkedList } from './linked-list.js';
import type { Publication } from './publication.js';
import type { DeliveryState } from './report.js';
import { noDeliveries } from './stats.js';
import type { Subscriber } from './subscriber.js';
import type { Handler } from './subscription-options.js';

export class Subscribers implements Iterable<Subscriber> {
  readonly #all = new LinkedList<Subscriber>();
  /** Active ones. Most handlers subscribe once; a set for each would be the largest part of an idle subscription. */
  readonly #byHandler = new Map<Handler, Subscriber | Set<Subscriber>>();
  /** Deliveries of subscriptions that are forgotten. */
  readonly #retired = noDeliveries();

  [Symbol.iterator](): Iterator<Subscriber> {
    return this.#all[Symbol.iterator]();
  }

  add(subscriber: Subscriber): void {
    this.#all.push(subscriber);
    const { run } = subscriber;
    const known = this.#byHandler.get(run);
    if (known === undefined) this.#byHandler.set(run, subscriber);
    else if (known instanceof Set) known.add(subscriber);
    else this.#byHandler.set(run, new Set([known, subscriber]));
  }

  /** The active ones of a handler, in order of subscription. */
  of(handler: Handler): readonly Subscriber[] {
    const known = this.#byHandler.get(handler);
    if (known === undefined) return [];
    return known instanceof Set ? [...known] : [known];
  }

  /** It has ended: forgotten at once where nothing of it is under way. */
  end(subscriber: Subscriber): void {
    const { run } = subscriber;
    const known = this.#byHandler.get(run);
    if (known === subscriber) this.#byHandler.delete(run);
    else if (known instanceof Set && known.delete(subscriber) && known.size === 0) this.#byHandler.delete(run);
    if (subscriber.quiet) this.retire(subscriber);
  }

  /** Forgets one that has ended; its deliveries still count. */
  retire(subscriber: Subscriber): void {
    if (subscriber.retired) return;
    subscriber.retired = true;
    this.#all.remove(subscriber);
    subscriber.addDeliveries(this.#retired);
  }

  /** All deliveries made so far, by their state now. */
  deliveries(): Record<DeliveryState, number> {
    const totals = { ...this.#retired };
    for (const subscriber of this.#all) subscriber.addDeliveries(totals);
    return totals;
  }

  /** Deliveries that have not ended, by subscription, and in publish order as far as they run. */
  unfinished(unsettled: Iterable<Publication>): readonly Delivery[] {
    const running = new Map<Subscriber, Delivery[]>();
    for (const { deliveries } of unsettled) {
      for (const delivery of deliveries) {
        const { target } = delivery;
        if (!target.limits.unlimited || !delivery.hasSlot) continue;
        const others = running.get(target);
        if (others === undefined) running.set(target, [delivery]);
        else others.push(delivery);
      }
    }
    return [...this.#all].flatMap((each) => {
      const { backlog } = each;
      return [...(running.get(each) ?? backlog.running), ...backlog.queue, ...backlog.waiting];
    });
  }
}
