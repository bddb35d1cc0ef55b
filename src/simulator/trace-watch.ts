/** Hands each event to the requests of its trace that wait for something. One look-up an event, however many wait. */
import type { BusObserver, Event } from '../bus/index.js';

export interface TraceWaiter {
  readonly traceId: string;
  /** Must not publish: the event is on its way. */
  notice(event: Event): void;
}

export class TraceWatch {
  readonly observer: BusObserver = { published: (event) => this.#notice(event) };
  // Nearly every trace has one waiter: a set for each would cost more than all the rest.
  readonly #waiters = new Map<string, TraceWaiter | Set<TraceWaiter>>();

  get size(): number {
    return this.#waiters.size;
  }

  add(waiter: TraceWaiter): void {
    const present = this.#waiters.get(waiter.traceId);
    if (present === undefined) this.#waiters.set(waiter.traceId, waiter);
    else if (present instanceof Set) present.add(waiter);
    else this.#waiters.set(waiter.traceId, new Set([present, waiter]));
  }

  remove(waiter: TraceWaiter): void {
    const present = this.#waiters.get(waiter.traceId);
    if (present === waiter) this.#waiters.delete(waiter.traceId);
    if (!(present instanceof Set)) return;
    present.delete(waiter);
    if (present.size === 0) this.#waiters.delete(waiter.traceId);
  }

  #notice(event: Event): void {
    const present = this.#waiters.get(event.traceId);
    if (present === undefined) return;
    if (!(present instanceof Set)) present.notice(event);
    else for (const waiter of [...present]) waiter.notice(event);
  }
}
