/** The bus's own record of a subscription: who, with which limits, and what is under way. */
import type { Ids } from '../kernel/index.js';
import { Backlog, NO_BACKLOG } from './backlog.js';
import type { Delivery } from './delivery.js';
import type { Follower } from './follower.js';
import { Histogram } from './histogram.js';
import type { Linked } from './linked-list.js';
import type { Limits, SubscriberOptions } from './options.js';
import type { DeliveryState, SubscriberInfo } from './report.js';
import type { Ordered } from './router.js';
import type { SubscriptionStats } from './stats.js';
import type { Handler } from './subscription-options.js';

export class Subscriber implements SubscriberInfo, Ordered, Linked<Subscriber> {
  readonly bus: { readonly ids: Ids };
  readonly order: number;
  readonly service: string;
  readonly handler: string;
  readonly run: Handler;
  readonly limits: Limits;
  patterns: readonly string[];
  /** To read; `own` gives one to change. */
  backlog: Backlog;
  /** Of an unlimited one: deliveries about to start, and those that run. */
  due = 0;
  executing = 0;
  /** Stops listening to the abort signal that was given. */
  stopListening: (() => void) | undefined = undefined;
  delivered = 0;
  /** Of a free one, made at its first promise. */
  follower: Follower | undefined = undefined;
  previous: Subscriber | undefined = undefined;
  next: Subscriber | undefined = undefined;
  /** It has been forgotten: ended, with nothing under way. */
  retired = false;
  readonly #number: number;
  /** Attempts that took no time at all: most of a burst, whose time has a resolution (see `StepClock`). */
  #instants = 0;
  #durations: Histogram | undefined = undefined;

  constructor(
    bus: { readonly ids: Ids },
    order: number,
    patterns: readonly string[],
    run: Handler,
    { name, service, limits }: SubscriberOptions,
  ) {
    this.bus = bus;
    this.order = order;
    this.#number = bus.ids.subscriptionNumber();
    this.patterns = patterns;
    this.run = run;
    this.service = service;
    this.handler = name;
    this.limits = limits;
    this.backlog = limits.unlimited ? NO_BACKLOG : new Backlog();
  }

  get subscriptionId(): string {
    return this.bus.ids.subscription(this.#number);
  }

  /** For the router: whether its events may take the short way. */
  get free(): boolean {
    return this.limits.free;
  }

  get active(): boolean {
    return this.patterns.length > 0;
  }

  get hasFreeSlot(): boolean {
    return this.limits.unlimited || this.backlog.running.length < this.limits.concurrency;
  }

  get freeSlots(): number {
    return this.limits.concurrency - this.backlog.running.length;
  }

  /** Its backlog, made when it is needed. */
  own(): Backlog {
    if (this.backlog === NO_BACKLOG) this.backlog = new Backlog();
    return this.backlog;
  }

  takeSlot(delivery: Delivery): void {
    delivery.hasSlot = true;
    if (this.limits.unlimited) this.due++;
    else this.backlog.running.push(delivery);
  }

  leaveSlot(delivery: Delivery): void {
    delivery.hasSlot = false;
    if (!this.limits.unlimited) this.backlog.running.remove(delivery);
    else if (delivery.state === 'queued') this.due--;
    else this.executing--;
  }

  /** Nothing under way. */
  get quiet(): boolean {
    return this.due === 0 && this.executing === 0 && this.backlog.quiet;
  }

  info(): SubscriberInfo {
    const { subscriptionId, service, handler, patterns } = this;
    return { subscriptionId, service, handler, patterns };
  }

  addDuration(ms: number): void {
    if (ms === 0) {
      this.#instants++;
      return;
    }
    this.#durations ??= new Histogram();
    this.#durations.add(ms);
  }

  #percentile(q: number): number | undefined {
    if (this.#durations !== undefined) return this.#durations.percentile(q, this.#instants);
    return this.#instants === 0 ? undefined : 0;
  }

  /** Adds this subscription's deliveries to `totals`, by their state now. */
  addDeliveries(totals: Record<DeliveryState, number>): void {
    const { running, queue, waiting, failed, dead, dropped, abandoned } = this.backlog;
    let started = 0;
    for (const delivery of running) if (delivery.state === 'running') started++;
    totals.running += started + this.executing;
    totals.queued += queue.length + running.length - started + this.due;
    totals.waiting += waiting.length;
    totals.done += this.delivered;
    totals.failed += failed;
    totals.dead += dead;
    totals.dropped += dropped;
    totals.abandoned += abandoned;
  }

  stats(): SubscriptionStats {
    const { running, queue, waiting, ...counts } = this.backlog;
    const percentile = (q: number) => this.#percentile(q);
    return {
      ...this.info(),
      ...counts,
      delivered: this.delivered,
      inFlight: running.length + this.due + this.executing,
      queued: queue.length,
      waiting: waiting.length,
      p50: percentile(0.5),
      p95: percentile(0.95),
      p99: percentile(0.99),
    };
  }
}
