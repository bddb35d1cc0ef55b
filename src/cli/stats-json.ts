/** Statistics as `stats --json` prints them: the guide's names, in snake_case. */
import type { BusStats, SubscriptionStats } from '../bus/index.js';
import type { JsonObject } from '../kernel/index.js';

export function statsJson(stats: BusStats): JsonObject {
  return {
    total_event_types: stats.totalEventTypes,
    total_subscribers: stats.totalSubscribers,
    event_counts: stats.eventCounts,
    error_counts: stats.errorCounts,
    deliveries: stats.deliveries,
    subscriptions: stats.subscriptions.map(subscriptionJson),
  };
}

function subscriptionJson(stats: SubscriptionStats): JsonObject {
  return {
    subscription_id: stats.subscriptionId,
    service: stats.service,
    handler: stats.handler,
    patterns: stats.patterns,
    delivered: stats.delivered,
    errors: stats.errors,
    retries: stats.retries,
    failed: stats.failed,
    dead: stats.dead,
    dropped: stats.dropped,
    abandoned: stats.abandoned,
    over_bound: stats.overBound,
    in_flight: stats.inFlight,
    queued: stats.queued,
    waiting: stats.waiting,
    p50_ms: milliseconds(stats.p50),
    p95_ms: milliseconds(stats.p95),
    p99_ms: milliseconds(stats.p99),
  };
}

function milliseconds(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toFixed(3));
}
