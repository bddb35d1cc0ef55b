/** The bus's own record of a subscription: who, with which limits, and what is under way. */
import type { Ids } from '../kernel/index.js';
import { DeliveryList } from './delivery.js';
import { Histogram } from './histogram.js';
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
  /** Deliveries that have a slot. */
  readonly running = new DeliveryList();
  /** Deliveries of a `free` subscriber on their way to `running`: about to start, and in the part of the handler that is no promise yet. */
  due = 0;
  executing = 0;
  /** Deliveries that wait for a slot; with overflow `block` those beyond the queue's size wait to enter it. */
  readonly queue = new DeliveryList();
  /** Deliveries that wait for their next attempt; they hold no slot. */
  readonly waiting = new DeliveryList();
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
  }

  get service(): string {
    return this.options.service;
  }

  get handler(): string {
    return this.options.name;
  }

  /** Nothing can hold up its deliveries, and nothing limits them. */
  get free(): boolean {
    const { concurrency, timeout, once } = this.options;
    return concurrency === Number.POSITIVE_INFINITY && timeout === undefined && !once;
  }

  get active(): boolean {
    return this.patterns.length > 0;
  }

  get hasFreeSlot(): boolean {
    return this.running.length < this.options.concurrency;
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
    this.#durations ??= new Histogram();
    this.#durations.add(ms);
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
    const percentile = (q: number) => this.#durations?.percentile(q);
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
