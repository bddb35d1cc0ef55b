/** One event to one subscription: its state, and the intrusive lists it stands in. */
import type { Timer } from '../kernel/index.js';
import type { Context } from './context.js';
import type { Event } from './event.js';
import type { Linked } from './linked-list.js';
import type { DeliveryView } from './probe.js';
import type { Publication } from './publication.js';
import type { DeliveryReport, DeliveryState, DropReason, SubscriberInfo } from './report.js';
import type { Subscriber } from './subscriber.js';

/** What few deliveries have: kept apart, so that the many stay small. */
export interface DeliveryDetails {
  /** The publisher does not wait for it. */
  leftOut: boolean;
  error: unknown;
  reason: DropReason;
  timer: Timer | undefined;
  /** Publishes made by the current attempt that have not resolved: what its handler may be waiting for. */
  nested: Set<Publication> | undefined;
  /** Publishes to make once the handler has ended. */
  delayed: (() => void)[] | undefined;
  fault: string | undefined;
  /** Of the attempts before the current one: when the first started, and their length together. */
  firstStart: number;
  earlierMs: number;
}

/**
 * The bus's own record of a delivery. Outside this room it shows as a `DeliveryReport` (a snapshot, a union by state)
 * or a `DeliveryView` (for observers).
 */
export class Delivery implements DeliveryView, Linked<Delivery> {
  readonly publication: Publication;
  readonly target: Subscriber;
  state: DeliveryState = 'queued';
  attempt = 0;
  /** Clock time at which the current attempt began. */
  startedAt: number | undefined = undefined;
  /** Length of the last attempt in milliseconds, unless that is 0. Not a number from the start on: those take memory of their own. */
  #duration: number | undefined = undefined;
  /** It holds one of its subscription's slots. */
  hasSlot: boolean;
  /** The context of the current attempt. */
  context: Context | undefined = undefined;
  details: DeliveryDetails | undefined = undefined;
  previous: Delivery | undefined = undefined;
  next: Delivery | undefined = undefined;
  #id: string | undefined = undefined;

  constructor(publication: Publication, target: Subscriber, hasSlot: boolean) {
    this.publication = publication;
    this.target = target;
    this.hasSlot = hasSlot;
  }

  /** Made when somebody asks: without an observer nobody does. */
  get id(): string {
    this.#id ??= this.target.bus.ids.delivery();
    return this.#id;
  }

  get ended(): boolean {
    return this.state !== 'queued' && this.state !== 'running' && this.state !== 'waiting';
  }

  get leftOut(): boolean {
    return this.details?.leftOut === true;
  }

  get event(): Event {
    return this.publication.event;
  }

  get subscriber(): SubscriberInfo {
    return this.target;
  }

  get fault(): string | undefined {
    return this.details?.fault;
  }

  /** Length of the current or last attempt in milliseconds; 0 while it runs. */
  get durationMs(): number {
    return this.#duration ?? 0;
  }

  beginAttempt(now: number): void {
    this.attempt++;
    this.startedAt = now;
    this.state = 'running';
    if (this.#duration !== undefined) this.#duration = undefined;
  }

  /** Takes the length of the attempt that ends now. */
  measure(now: number): void {
    const duration = now - (this.startedAt ?? now);
    if (duration !== 0) this.#duration = duration;
  }

  get queuedMs(): number {
    const firstStart = this.attempt < 2 ? this.startedAt : this.details?.firstStart;
    return firstStart === undefined ? 0 : firstStart - (this.publication.publishedAt ?? firstStart);
  }

  /** The rare parts, made when they are needed. */
  detailed(): DeliveryDetails {
    this.details ??= {
      leftOut: false,
      error: undefined,
      reason: '',
      timer: undefined,
      nested: undefined,
      delayed: undefined,
      fault: undefined,
      firstStart: 0,
      earlierMs: 0,
    };
    return this.details;
  }

  stopTimer(): void {
    if (this.details?.timer === undefined) return;
    this.details.timer.cancel();
    this.details.timer = undefined;
  }

  /** A snapshot. */
  report(): DeliveryReport {
    const head = { deliveryId: this.id, subscriber: this.target.info() };
    const durationMs = this.durationMs + (this.details?.earlierMs ?? 0);
    const tried = { attempts: this.attempt, durationMs, queuedMs: this.queuedMs };
    switch (this.state) {
      case 'queued':
        return { ...head, state: 'queued' };
      case 'running':
      case 'done':
      case 'abandoned':
        return { ...head, state: this.state, ...tried };
      case 'waiting':
      case 'failed':
      case 'dead':
        return { ...head, state: this.state, ...tried, error: this.details?.error };
      case 'dropped':
        return { ...head, state: 'dropped', ...tried, reason: this.details?.reason ?? '' };
    }
  }
}
