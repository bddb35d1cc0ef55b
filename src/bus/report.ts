/** What a publish reports, and what became of each delivery. */
import type { Event } from './event.js';
import type { BusStats } from './stats.js';

/** One subscriber, by name: handlers are never known by reference outside the bus. */
export interface SubscriberInfo {
  readonly subscriptionId: string;
  /** Empty where the subscriber named no service. */
  readonly service: string;
  readonly handler: string;
  readonly patterns: readonly string[];
}

/** Why a delivery was dropped: `queue_full` (overflow `drop_newest`), `displaced` (`drop_oldest`), or a fault's word. */
export type DropReason = 'queue_full' | 'displaced' | (string & {});

interface Attempted {
  /** Attempts made so far. */
  readonly attempts: number;
  /** Time in handlers over all attempts, in milliseconds. */
  readonly durationMs: number;
  /** Time from publish to the first attempt, in milliseconds. */
  readonly queuedMs: number;
}

/** A delivery at one moment. `queued`, `running` and `waiting` (for a retry) are on their way; the others are final. */
export type DeliveryOutcome =
  | { readonly state: 'queued' }
  | ({ readonly state: 'running' } & Attempted)
  | ({ readonly state: 'waiting'; readonly error: unknown } & Attempted)
  | ({ readonly state: 'done' } & Attempted)
  | ({ readonly state: 'failed' | 'dead'; readonly error: unknown } & Attempted)
  | ({ readonly state: 'dropped'; readonly reason: DropReason } & Attempted)
  | ({ readonly state: 'abandoned' } & Attempted);

export type DeliveryState = DeliveryOutcome['state'];

export type DeliveryReport = { readonly deliveryId: string; readonly subscriber: SubscriberInfo } & DeliveryOutcome;

/** What `publish` resolves with. */
export interface PublishReport<T extends string = string> {
  readonly event: Event<T>;
  /** One for each subscriber the event had when it was published, in order of subscription. */
  readonly deliveries: readonly DeliveryReport[];
  /**
   * False when deliveries were left out of the wait (their state is `queued`, `running` or `waiting`): waiting for them would have
   * waited for the publishing handler itself.
   */
  readonly settled: boolean;
}

/** What a publish that waits for its cascade resolves with. */
export interface CascadeReport<T extends string = string> {
  readonly event: Event<T>;
  /** Events in the cascade, the published one included. */
  readonly events: number;
  /** Deliveries that ended failed. */
  readonly failed: number;
  /** Deliveries whose retries were used up. */
  readonly dead: number;
  /** Deliveries and delayed publishes that the bus gave up because it was closed. */
  readonly abandoned: number;
}

/** What `close` had to give up. */
export interface CloseReport {
  readonly abandoned: readonly DeliveryReport[];
  /** Delayed publishes that were still to come and were cancelled. */
  readonly cancelled: number;
  /** The statistics at the end, before subscriptions were ended. */
  readonly stats: BusStats;
}
