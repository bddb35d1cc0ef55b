/** What `getStats` gives: the guide's statistics, and figures for each subscription. */
import type { DeliveryState, SubscriberInfo } from './report.js';

export interface SubscriptionStats extends SubscriberInfo {
  /** Deliveries that ended `done`. */
  readonly delivered: number;
  /** Failed attempts. */
  readonly errors: number;
  /** Attempts after the first. */
  readonly retries: number;
  /** Deliveries whose only attempt failed. */
  readonly failed: number;
  /** Deliveries whose retries were used up. */
  readonly dead: number;
  readonly dropped: number;
  readonly abandoned: number;
  /** Deliveries that entered a full queue because waiting would have been a deadlock. */
  readonly overBound: number;
  readonly inFlight: number;
  readonly queued: number;
  /** The most that ever waited for a slot at once. */
  readonly peakQueued: number;
  /** Deliveries that wait for their next attempt. */
  readonly waiting: number;
  /** Length of an attempt in milliseconds; `undefined` before the first has ended. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

export interface BusStats {
  /** Types and patterns that have a subscriber. */
  readonly totalEventTypes: number;
  /** One for each type or pattern subscribed to. */
  readonly totalSubscribers: number;
  /** Events published, by type. */
  readonly eventCounts: Readonly<Record<string, number>>;
  /** Failed attempts, by the type of the event that was handled. */
  readonly errorCounts: Readonly<Record<string, number>>;
  /** Deliveries made so far, by their state now. */
  readonly deliveries: Readonly<Record<DeliveryState, number>>;
  readonly subscriptions: readonly SubscriptionStats[];
}

export function noDeliveries(): Record<DeliveryState, number> {
  return { queued: 0, running: 0, waiting: 0, done: 0, failed: 0, dead: 0, dropped: 0, abandoned: 0 };
}
