/** The bus's own record of a subscription: who, with which limits, and what is under way. */
import type { Ids } from '../kernel/index.js';
import type { Delivery } from './delivery.js';
import { Histogram } from './histogram.js';
import { LinkedList } from './linked-list.js';
import type { SubscriberOptions } from './options.js';
import type { DeliveryState, SubscriberInfo } from './report.js';
import type { Ordered } from './router.js';
import type { SubscriptionStats } from './stats.js';
import type { Handler } from './subscription-options.js';

export class Subscriber implements SubscriberInfo, Ordered {
  readonly bus: { readonly ids: Ids };
  readonly order: number;
  readonly subscriptionId: string;
  readonly run: Handler;
  readonly options: SubscriberOptions;
  patterns: readonly string[];
  /** Any number of its deliveries may run at the same time. */
  readonly unlimited: boolean;
  /** Nothing can hold up its deliveries, and nothing ends them: they may take the short way. */
  readonly free: boolean;
  /** Deliveries that have a slot, where slots are limited; those of an unlimited one are only counted. */
  readonly running = new LinkedList<Delivery>();
  /** Of an unlimited one: deliveries about to start, and those that run. */
  due = 0;
  executing = 0;
  /** Deliveries that wait for a slot; with overflow `block` those beyond the queue's size wait to enter it. */
  readonly queue = new LinkedList<Delivery>();
  /** Deliveries that wait for their next attempt; they hold no slot. */
  readonly waiting = new LinkedList<Delivery>();
  /** Stops listening to the abort signal that was given. */
  stopListening: (() => void) | undefined = undefined;
  delivered = 0;
  errors = 0;
  retries = 0;
  failed = 0;
  dead = 0;
  dropped = 0;
  abandoned = 0;
  overBound = 0;
  /** The most that ever waited for a slot at once. */
  peakQueued = 0;
  /** Attempts that took no time at all: most of a burst, whose time has a resolution (see `StepClock`). */
  #instants = 0;
  #durations: Histogram | undefined = undefined;

  constructor(
    bus: { readonly ids: Ids },
    order: number,
    patterns: readonly string[],
    run: Handler,
    options: SubscriberOptions,
  ) {
    this.bus = bus;
    this.order = order;
    this.subscriptionId = bus.ids.subscription();
    this.patterns = patterns;
    this.run = run;
    this.options = options;
    this.unlimited = options.concurrency === Number.POSITIVE_INFINITY;
    this.free = this.unlimited && options.timeout === undefined && !options.once;
  }

  get service(): string {
    return this.options.service;
  }

  get handler(): string {
    return this.options.name;
  }

  get active(): boolean {
    return this.patterns.length > 0;
  }

  get hasFreeSlot(): boolean {
    return this.unlimited || this.running.length < this.options.concurrency;
  }

  takeSlot(delivery: Delivery): void {
    delivery.hasSlot = true;
    if (this.unlimited) this.due++;
    else this.running.push(delivery);
  }

  leaveSlot(delivery: Delivery): void {
    delivery.hasSlot = false;
    if (!this.unlimited) this.running.remove(delivery);
    else if (delivery.state === 'queued') this.due--;
    else this.executing--;
  }

  get freeSlots(): number {
    return this.options.concurrency - this.running.length;
  }

  /** To be called when the queue may have grown for longer than a moment. */
  notePeak(): void {
    if (this.queue.length > this.peakQueued) this.peakQueued = this.queue.length;
  }

  /** Nothing under way. */
  get quiet(): boolean {
    return (
      this.running.length === 0 &&
      this.due === 0 &&
      this.executing === 0 &&
      this.queue.length === 0 &&
      this.waiting.length === 0
    );
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
    let running = 0;
    for (const delivery of this.running) if (delivery.state === 'running') running++;
    totals.running += running + this.executing;
    totals.queued += this.queue.length + this.running.length - running + this.due;
    totals.waiting += this.waiting.length;
    totals.done += this.delivered;
    totals.failed += this.failed;
    totals.dead += this.dead;
    totals.dropped += this.dropped;
    totals.abandoned += this.abandoned;
  }

  stats(): SubscriptionStats {
    const { delivered, errors, retries, failed, dead, dropped, abandoned, overBound, peakQueued } = this;
    const percentile = (q: number) => this.#percentile(q);
    return {
      ...this.info(),
      delivered,
      errors,
      retries,
      failed,
      dead,
      dropped,
      abandoned,
      overBound,
      inFlight: this.running.length + this.due + this.executing,
      queued: this.queue.length,
      peakQueued,
      waiting: this.waiting.length,
      p50: percentile(0.5),
      p95: percentile(0.95),
      p99: percentile(0.99),
    };
  }
}
