/**
 * The way of an event: published, dispatched to its subscribers, attempted, retried, ended. Handlers start in the
 * publishing call, through one first-in-first-out queue, so that every subscription sees events in publish order even
 * when handlers publish.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { CfBusError, type Clock, type Ids } from '../kernel/index.js';
import { Context } from './context.js';
import { Delivery } from './delivery.js';
import { isDropDelivery } from './drop-delivery.js';
import type { Event, EventInput } from './event.js';
import { createEvent } from './event-factory.js';
import { retryDelay } from './options.js';
import type { ProbeHub } from './probe-hub.js';
import { Cascade, Publication } from './publication.js';
import type { DeliveryState, DropReason, PublishReport } from './report.js';
import type { Router, TypeEntry } from './router.js';
import type { Subscriber } from './subscriber.js';
import { isStuckBehind } from './wait-graph.js';

export interface EngineParts {
  readonly clock: Clock;
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
  /** Cancels of delayed publishes that are still to come. */
  readonly delayed = new Set<() => void>();
  /** Delayed publishes that were given up. */
  cancelled = 0;
  readonly #parts: EngineParts;
  #ready: Delivery[] = [];
  #draining = false;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.clock = parts.clock;
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

  publishAfter<T extends string>(delay: number, input: EventInput<T>, context: Context): void {
    const publication = this.#publication(input, context);
    const { cascade } = publication;
    this.pending++;
    cascade.add();
    const schedule = () => {
      const giveUp = () => {
        this.cancelled++;
        cascade.abandoned++;
        // It was counted when it was planned, and never happened.
        cascade.events--;
        this.#endPending(cascade);
      };
      if (this.intake === 'closed') return giveUp();
      const cancel = () => {
        timer.cancel();
        this.delayed.delete(cancel);
        giveUp();
      };
      const timer = this.clock.setTimer(delay, () => {
        this.delayed.delete(cancel);
        if (this.intake !== 'closed') this.#dispatch(this.#stamped(publication), undefined);
        this.#endPending(cascade);
      });
      this.delayed.add(cancel);
    };
    const { delivery } = context;
    if (!context.live) schedule();
    else {
      const details = delivery.detailed();
      details.delayed ??= [];
      details.delayed.push(schedule);
    }
  }

  /** Starts what waits for a slot, as far as slots and the pause allow. */
  pump(subscriber: Subscriber): void {
    while (!this.paused && this.intake !== 'closed' && subscriber.hasFreeSlot) {
      const delivery = subscriber.queue.shift();
      if (delivery === undefined) break;
      this.#giveSlot(delivery);
    }
    this.#drain();
  }

  /** Gives up a delivery that has not ended. */
  abandon(delivery: Delivery, reason: Error): void {
    const { target, context } = delivery;
    delivery.stopTimer();
    this.#leaveLists(delivery);
    if (delivery.state === 'running') delivery.endedAt = this.clock.now();
    target.abandoned++;
    delivery.publication.cascade.abandoned++;
    this.#parts.hub.abandoned(delivery);
    this.#end(delivery, 'abandoned');
    context?.abort(reason);
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
    const event: Event = { ...planned.event, timestamp: this.clock.wallTime() };
    return new Publication(event, planned.cascade, planned.depth);
  }

  #dispatch(publication: Publication, publisher: Context | undefined): void {
    const { router, hub } = this.#parts;
    const entry = router.entry(publication.event.type);
    entry.published++;
    const route = router.route(entry);
    if (hub.active) hub.published(publication.event, route.length);
    if (route.length > 0) this.#deliver(publication, route, publisher);
    this.#parts.onPublished(publication.event);
    this.#drain();
  }

  #deliver(publication: Publication, route: readonly Subscriber[], publisher: Context | undefined): void {
    publication.publishedAt = this.clock.now();
    const deliveries: Delivery[] = [];
    for (const target of route) deliveries.push(new Delivery(publication, target));
    publication.deliveries = deliveries;
    publication.pending = deliveries.length;
    publication.cascade.pending += deliveries.length;
    this.pending += deliveries.length;
    for (const delivery of deliveries) {
      this.#admit(delivery);
      // Afterwards: a subscriber that ends with nothing under way is forgotten.
      if (delivery.target.options.once) this.#parts.unsubscribe(delivery.target);
    }
    if (publisher?.live === true && publication.pending > 0) this.#linkPublisher(publication, publisher.delivery);
  }

  #linkPublisher(publication: Publication, publisher: Delivery): void {
    for (const delivery of publication.deliveries) {
      if (delivery.hasSlot || delivery.ended || !isStuckBehind(delivery.target, publisher)) continue;
      delivery.leftOut = true;
      publication.leftOut++;
      const { target } = delivery;
      if (target.queue.length > target.options.queueSize) target.overBound++;
      publication.settleOne();
    }
    if (publication.pending === 0) return;
    publication.publisher = publisher;
    const details = publisher.detailed();
    details.nested ??= new Set();
    details.nested.add(publication);
  }

  #admit(delivery: Delivery): void {
    const { target } = delivery;
    const { queue, options } = target;
    if (!this.paused && target.hasFreeSlot && queue.length === 0) return this.#giveSlot(delivery);
    // While the bus is paused, what could have started waits in the queue, too.
    if (queue.length >= options.queueSize + target.freeSlots) {
      if (options.overflow === 'drop_newest') return this.#drop(delivery, 'queue_full');
      if (options.overflow === 'drop_oldest') {
        const oldest = queue.shift();
        if (oldest === undefined) return this.#drop(delivery, 'queue_full');
        this.#drop(oldest, 'displaced');
      }
    }
    queue.push(delivery);
    target.notePeak();
  }

  #giveSlot(delivery: Delivery): void {
    delivery.hasSlot = true;
    delivery.target.running.push(delivery);
    this.#ready.push(delivery);
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (this.#ready.length > 0) {
      const batch = this.#ready;
      this.#ready = [];
      for (const delivery of batch) if (delivery.state === 'queued') this.#start(delivery);
    }
    this.#draining = false;
  }

  #start(delivery: Delivery): void {
    const { target } = delivery;
    if (delivery.attempt++ > 0) this.#noteRetry(delivery);
    delivery.startedAt = this.clock.now();
    delivery.endedAt = delivery.startedAt;
    delivery.state = 'running';
    const context = new Context(this, delivery);
    delivery.context = context;
    if (this.#parts.hub.active) this.#parts.hub.started(delivery);
    const { timeout } = target.options;
    if (timeout !== undefined)
      delivery.detailed().timer = this.clock.setTimer(timeout, () => this.#timedOut(delivery, timeout));
    try {
      const { ambient } = this.#parts;
      const { event } = delivery.publication;
      const result =
        ambient === undefined ? target.run(event, context) : ambient.run(context, target.run, event, context);
      if (!isThenable(result)) return this.#complete(delivery, context.attempt);
      // Foreign thenables may give another promise: adopted as `await` would.
      const promise = result instanceof Promise ? result : Promise.resolve(result);
      promise.then(
        () => this.#complete(delivery, context.attempt),
        (error) => this.#fail(delivery, context.attempt, error),
      );
    } catch (error) {
      this.#fail(delivery, context.attempt, error);
    }
  }

  #complete(delivery: Delivery, attempt: number): void {
    if (!this.#endAttempt(delivery, attempt)) return;
    delivery.target.delivered++;
    if (this.#parts.hub.active) this.#parts.hub.completed(delivery);
    this.#end(delivery, 'done');
  }

  #fail(delivery: Delivery, attempt: number, error: unknown): void {
    if (!this.#endAttempt(delivery, attempt)) return;
    if (isDropDelivery(error)) return this.#drop(delivery, error.reason);
    const { target } = delivery;
    const { retry } = target.options;
    const willRetry = attempt < retry.attempts;
    this.#entry(delivery).errors++;
    target.errors++;
    delivery.detailed().error = error;
    const { cascade } = delivery.publication;
    // Counted before observers are told: one that asks for the statistics finds every delivery in one of its states.
    if (willRetry) {
      delivery.state = 'waiting';
      target.waiting.push(delivery);
    } else if (retry.attempts === 1) {
      target.failed++;
      cascade.failed++;
    } else {
      target.dead++;
      cascade.dead++;
    }
    this.#parts.hub.failed(delivery, { error, willRetry });
    if (willRetry) return this.#waitForRetry(delivery);
    if (retry.attempts === 1) return this.#end(delivery, 'failed');
    this.#parts.hub.dead(delivery, error);
    this.#end(delivery, 'dead');
  }

  /** True once for each attempt: a late result, or a second one, finds it ended. */
  #endAttempt(delivery: Delivery, attempt: number): boolean {
    if (delivery.state !== 'running' || delivery.attempt !== attempt) return false;
    delivery.endedAt = this.clock.now();
    delivery.target.addDuration(delivery.durationMs);
    delivery.stopTimer();
    this.#leaveLists(delivery);
    return true;
  }

  #timedOut(delivery: Delivery, timeout: number): void {
    const { context } = delivery;
    if (context === undefined) return;
    const { service, handler } = delivery.target;
    const name = service === '' ? handler : `${service}.${handler}`;
    const error = new CfBusError('HANDLER_TIMEOUT', `${name} timed out after ${timeout} ms`, { name: 'TimeoutError' });
    // The attempt ends first, so that whatever the handler does when it is aborted comes too late.
    this.#fail(delivery, context.attempt, error);
    context.abort(error);
  }

  #waitForRetry(delivery: Delivery): void {
    const { target } = delivery;
    const delay = retryDelay(target.options.retry, delivery.attempt + 1, this.#parts.random);
    const details = delivery.detailed();
    details.timer = this.clock.setTimer(delay, () => {
      details.timer = undefined;
      target.waiting.remove(delivery);
      delivery.state = 'queued';
      // It was published before whatever is queued.
      target.queue.unshift(delivery);
      this.pump(target);
      target.notePeak();
    });
    this.#scheduleDelayed(delivery);
    this.pump(target);
  }

  #drop(delivery: Delivery, reason: DropReason): void {
    delivery.detailed().reason = reason;
    delivery.target.dropped++;
    this.#parts.hub.dropped(delivery, reason);
    this.#end(delivery, 'dropped');
  }

  #end(delivery: Delivery, state: DeliveryState): void {
    const { publication, target } = delivery;
    delivery.state = state;
    this.#scheduleDelayed(delivery);
    delivery.context = undefined;
    if (!delivery.leftOut) publication.settleOne();
    if (target.queue.length > 0) this.pump(target);
    else if (!target.active && target.quiet) this.#parts.onQuietSubscriber(target);
    this.#endPending(publication.cascade);
  }

  #endPending(cascade: Cascade): void {
    this.pending--;
    cascade.end();
    if (this.pending === 0) this.#parts.onIdle();
  }

  #scheduleDelayed(delivery: Delivery): void {
    const { details } = delivery;
    if (details?.delayed === undefined) return;
    const { delayed } = details;
    details.delayed = undefined;
    for (const schedule of delayed) schedule();
  }

  #leaveLists(delivery: Delivery): void {
    const { target } = delivery;
    if (delivery.hasSlot) target.running.remove(delivery);
    else if (delivery.state === 'waiting') target.waiting.remove(delivery);
    else if (delivery.state === 'queued') target.queue.remove(delivery);
    delivery.hasSlot = false;
    if (delivery.details !== undefined) delivery.details.nested = undefined;
  }

  #noteRetry(delivery: Delivery): void {
    delivery.target.retries++;
    const details = delivery.detailed();
    if (delivery.attempt === 2) details.firstStart = delivery.startedAt;
    details.earlierMs += delivery.durationMs;
    details.fault = undefined;
  }

  #entry(delivery: Delivery): TypeEntry<Subscriber> {
    return this.#parts.router.entry(delivery.publication.event.type);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayHaveThen = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayHaveThen && 'then' in value && typeof value.then === 'function';
}
