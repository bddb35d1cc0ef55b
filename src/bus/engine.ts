/**
 * The way of an event: published, dispatched to its subscribers, given slots (what happens then is in attempts.ts).
 * Handlers start in the publishing call, through one first-in-first-out queue, so that every subscription sees events in publish order even
 * when handlers publish.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { CfBusError, type Clock, type Ids, type StepTime } from '../kernel/index.js';
import { Attempts } from './attempts.js';
import type { Context } from './context.js';
import { Delayed } from './delayed.js';
import { Delivery } from './delivery.js';
import type { Event, EventInput } from './event.js';
import { createEvent } from './event-factory.js';
import { LinkedList } from './linked-list.js';
import { checkNumber } from './options.js';
import type { ProbeHub } from './probe-hub.js';
import { Cascade, Publication } from './publication.js';
import type { PublishReport } from './report.js';
import { Ring } from './ring.js';
import type { Router } from './router.js';
import type { Subscriber } from './subscriber.js';
import { isStuckBehind } from './wait-graph.js';

export interface EngineParts {
  readonly clock: Clock;
  /** Time of the bus's own steps. */
  readonly time: StepTime;
  readonly ids: Ids;
  readonly random: () => number;
  readonly router: Router<Subscriber>;
  readonly hub: ProbeHub;
  /** Set where publishes inside handlers inherit their trace by themselves. */
  readonly ambient: AsyncLocalStorage<Context> | undefined;
  readonly limits: CascadeLimits;
  /** Told of every event, after its deliveries are made. */
  readonly onPublished: (event: Event) => void;
  /** Takes a subscriber out of the router: at `once`. */
  readonly unsubscribe: (subscriber: Subscriber) => void;
  /** Told when a subscriber has nothing under way any more. */
  readonly onQuietSubscriber: (subscriber: Subscriber) => void;
  /** Told when nothing is under way on the whole bus. */
  readonly onIdle: () => void;
}

/** Bounds on what one root event may cause; a publish beyond them is refused with `EVENT_LOOP`. */
export interface CascadeLimits {
  /** Events in a chain of causes. */
  readonly depth: number;
  /** Events in all. */
  readonly events: number;
}

/** `open`; `draining` takes only what handlers publish; `closed` takes nothing. */
export type Intake = 'open' | 'draining' | 'closed';

export class Engine {
  readonly clock: Clock;
  intake: Intake = 'open';
  paused = false;
  /** Deliveries that have not ended and delayed publishes that are still to come. */
  pending = 0;
  /** Publishes that are still to come. */
  readonly delayed: Delayed;
  /** Publications with deliveries that somebody waits for; how those of unlimited subscribers, which stand in no list, are found. */
  readonly unsettled = new LinkedList<Publication>();
  readonly #parts: EngineParts;
  readonly #attempts: Attempts;
  readonly #time: StepTime;
  readonly #hub: ProbeHub;
  readonly #router: Router<Subscriber>;
  /** Deliveries that have a slot and have not started, in order. */
  readonly #ready = new Ring<Delivery>();
  #draining = false;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.clock = parts.clock;
    const { clock, time, random, hub, ambient, router } = parts;
    this.#time = time;
    this.#hub = hub;
    this.#router = router;
    this.delayed = new Delayed({
      clock,
      isClosed: () => this.intake === 'closed',
      publish: (publication) => this.#dispatch(this.#stamped(publication), undefined),
      end: (cascade) => this.#endPending(cascade),
    });
    this.#attempts = new Attempts({
      clock,
      time,
      random,
      hub,
      ambient,
      publisher: this,
      pump: (subscriber) => this.pump(subscriber),
      onFailed: ({ publication }) => void router.entry(publication.event.type).errors++,
      onEnded: (delivery) => this.#ended(delivery),
    });
  }

  /** Publishes, caused by the handler of `context` where there is one (or an ambient one). */
  publish<T extends string>(input: EventInput<T>, context?: Context): Promise<PublishReport<T>> {
    const cause = context ?? this.#parts.ambient?.getStore();
    try {
      const publication = this.#publication(input, cause);
      this.#dispatch(publication, cause);
      // The report's event was made from `input`; a class cannot say that its type parameter is the same.
      return publication.wait() as Promise<PublishReport<T>>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Publishes a root event and resolves once everything it caused has ended. */
  publishCascade<T extends string>(input: EventInput<T>): { readonly event: Event<T>; readonly cascade: Cascade } {
    if (this.#parts.ambient?.getStore()?.live === true) {
      throw new CfBusError('WOULD_DEADLOCK', 'a handler cannot wait for the cascade that it is part of', {
        hint: 'publish without { wait: "cascade" } inside handlers',
      });
    }
    const publication = this.#publication(input, undefined);
    this.#dispatch(publication, undefined);
    return { event: publication.event as Event<T>, cascade: publication.cascade };
  }

  /** Publishes for nobody who waits. @throws CfBusError as `publish` rejects with. */
  send<T extends string>(input: EventInput<T>, context: Context): void {
    this.#dispatch(this.#publication(input, context), undefined);
  }

  publishAfter<T extends string>(delay: number, input: EventInput<T>, context: Context): void {
    checkNumber('delay', delay, 0, Number.MAX_SAFE_INTEGER);
    const publication = this.#publication(input, context);
    this.pending++;
    publication.cascade.add();
    this.delayed.plan(delay, publication, context);
  }

  /** Starts what waits for a slot, as far as slots and the pause allow. */
  pump(subscriber: Subscriber): void {
    while (!this.paused && this.intake !== 'closed' && subscriber.hasFreeSlot) {
      const delivery = subscriber.backlog.queue.shift();
      if (delivery === undefined) break;
      this.#giveSlot(delivery);
    }
    this.#drain();
  }

  /** Gives up a delivery that has not ended. */
  abandon(delivery: Delivery, reason: Error): void {
    this.#attempts.abandon(delivery, reason);
  }

  #publication(input: EventInput, cause: Context | undefined): Publication {
    const inHandler = cause !== undefined;
    if (this.intake === 'closed' || (this.intake === 'draining' && !inHandler)) {
      throw new CfBusError('BUS_CLOSED', 'the bus is closed and takes no more events');
    }
    const event = createEvent(input, cause?.delivery, this.#parts);
    const parent = cause?.delivery.publication;
    const cascade = parent?.cascade ?? new Cascade();
    const publication = new Publication(event, cascade, (parent?.depth ?? 0) + 1);
    const { limits } = this.#parts;
    const { depth, events } = limits;
    cascade.note(event, publication.depth, limits);
    if (publication.depth <= depth && cascade.events <= events) return publication;
    const error = cascade.loopError(publication, depth, events);
    cascade.events--;
    throw error;
  }

  /** A delayed event happens when it is published, not when it was planned. */
  #stamped(planned: Publication): Publication {
    const event: Event = { ...planned.event, timestamp: this.#time.wallTime() };
    return new Publication(event, planned.cascade, planned.depth);
  }

  #dispatch(publication: Publication, publisher: Context | undefined): void {
    const entry = this.#router.entry(publication.event.type);
    entry.published++;
    const route = this.#router.route(entry);
    if (this.#hub.active) this.#hub.published(publication.event, route.length);
    const isShort =
      entry.free && !this.#draining && !this.#hub.active && !this.paused && this.#parts.ambient === undefined;
    if (isShort) return this.#deliverFree(publication, route, publisher);
    if (route.length > 0) this.#deliver(publication, route, publisher);
    this.#parts.onPublished(publication.event);
    this.#drain();
    this.#list(publication);
  }

  #list(publication: Publication): void {
    if (publication.pending === 0) return;
    publication.listed = true;
    this.unsettled.push(publication);
  }

  /**
   * The short way: every subscriber takes any number of deliveries at a time, so that each starts where it is made, without
   * lists. What handlers publish meanwhile waits in `#ready`, behind what was published before, as ever.
   */
  #deliverFree(publication: Publication, route: readonly Subscriber[], publisher: Context | undefined): void {
    publication.publishedAt = this.#time.now();
    const deliveries = this.#make(publication, route, true);
    for (const target of route) target.due++;
    if (publisher?.live === true) this.#keepWaiting(publication, publisher.delivery);
    this.#parts.onPublished(publication.event);
    this.#draining = true;
    let done = 0;
    for (const delivery of deliveries) {
      if (!this.#attempts.startFree(delivery)) continue;
      done++;
      const { target } = delivery;
      if (!target.active && target.quiet) this.#parts.onQuietSubscriber(target);
    }
    this.#draining = false;
    if (done > 0) this.#endDone(publication, done);
    if (!this.#ready.empty) this.#drain();
    this.#list(publication);
  }

  #make(publication: Publication, route: readonly Subscriber[], hasSlot: boolean): readonly Delivery[] {
    const { length } = route;
    // Of exactly that length: an array that grows takes memory for sixteen at its first.
    const deliveries = new Array<Delivery>(length);
    let index = 0;
    for (const target of route) deliveries[index++] = new Delivery(publication, target, hasSlot);
    publication.deliveries = deliveries;
    publication.pending = length;
    publication.cascade.pending += length;
    this.pending += length;
    return deliveries;
  }

  #deliver(publication: Publication, route: readonly Subscriber[], publisher: Context | undefined): void {
    publication.publishedAt = this.#time.now();
    const deliveries = this.#make(publication, route, false);
    // Nothing starts before all are admitted: what a queue drops ends here, and the handler of an earlier subscriber that
    // then started would publish into a queue before this event is in it.
    const draining = this.#draining;
    this.#draining = true;
    for (const delivery of deliveries) {
      this.#admit(delivery);
      // Afterwards: a subscriber that ends with nothing under way is forgotten.
      if (delivery.target.limits.once) this.#parts.unsubscribe(delivery.target);
    }
    this.#draining = draining;
    if (publisher?.live === true && publication.pending > 0) this.#linkPublisher(publication, publisher.delivery);
  }

  #linkPublisher(publication: Publication, publisher: Delivery): void {
    for (const delivery of publication.deliveries) {
      if (delivery.hasSlot || delivery.ended || !isStuckBehind(delivery.target, publisher)) continue;
      delivery.detailed().leftOut = true;
      publication.leftOut++;
      const { target } = delivery;
      if (target.backlog.queue.length > target.limits.queueSize) target.own().overBound++;
      publication.settle();
    }
    if (publication.pending > 0) this.#keepWaiting(publication, publisher);
  }

  #keepWaiting(publication: Publication, publisher: Delivery): void {
    publication.publisher = publisher;
    const details = publisher.detailed();
    details.nested ??= new Set();
    details.nested.add(publication);
  }

  #admit(delivery: Delivery): void {
    const { target } = delivery;
    const { limits } = target;
    if (!this.paused && target.hasFreeSlot && target.backlog.queue.length === 0) return this.#giveSlot(delivery);
    const backlog = target.own();
    const { queue } = backlog;
    // While the bus is paused, what could have started waits in the queue, too.
    if (queue.length >= limits.queueSize + target.freeSlots) {
      if (limits.overflow === 'drop_newest') return this.#attempts.drop(delivery, 'queue_full');
      if (limits.overflow === 'drop_oldest') {
        const oldest = queue.shift();
        if (oldest === undefined) return this.#attempts.drop(delivery, 'queue_full');
        this.#attempts.drop(oldest, 'displaced');
      }
    }
    queue.push(delivery);
    backlog.notePeak();
  }

  #giveSlot(delivery: Delivery): void {
    delivery.target.takeSlot(delivery);
    this.#ready.push(delivery);
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (let delivery = this.#ready.shift(); delivery !== undefined; delivery = this.#ready.shift()) {
      if (delivery.state === 'queued') this.#attempts.start(delivery);
    }
    this.#draining = false;
  }

  #ended({ publication, target }: Delivery): void {
    if (publication.pending === 0 && publication.listed) {
      publication.listed = false;
      this.unsettled.remove(publication);
    }
    if (target.backlog.queue.length > 0) this.pump(target);
    else if (!target.active && target.quiet) this.#parts.onQuietSubscriber(target);
    this.#endPending(publication.cascade);
  }

  #endDone(publication: Publication, count: number): void {
    publication.settle(count);
    this.#endPending(publication.cascade, count);
  }

  #endPending(cascade: Cascade, count = 1): void {
    this.pending -= count;
    cascade.end(count);
    if (this.pending === 0) this.#parts.onIdle();
  }
}
