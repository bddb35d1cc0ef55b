/** Statistics from a session or from a log, in one shape: as JSON in the guide's names, and as tables. */
import * as z from 'zod/mini';
import { CfBusError, formatDuration, type JsonObject, plural, safe } from '../kernel/index.js';
import type { LogSubscriptionStats, SessionStats } from '../trace/index.js';
import type { Paint } from './paint.js';
import { type Column, table } from './table.js';

const count = z.number();
const optionalCount = z.optional(count);
const percentile = z.nullable(z.number());
const counts = z.record(z.string(), count);

const SubscriptionView = z.object({
  service: z.string(),
  handler: z.string(),
  patterns: z.array(z.string()),
  delivered: count,
  errors: count,
  retries: count,
  failed: count,
  dead: count,
  dropped: count,
  abandoned: count,
  /** These four a running session alone can tell. */
  over_bound: optionalCount,
  in_flight: optionalCount,
  queued: optionalCount,
  waiting: optionalCount,
  p50_ms: percentile,
  p95_ms: percentile,
  p99_ms: percentile,
});

const StatsView = z.object({
  session: z.string(),
  scenario: z.nullish(z.string()),
  total_event_types: count,
  total_subscribers: count,
  event_counts: counts,
  error_counts: counts,
  subscriptions: z.array(SubscriptionView),
});

export type StatsView = z.infer<typeof StatsView>;
type SubscriptionView = z.infer<typeof SubscriptionView>;

/**
 * What a session answered to `stats`.
 * @throws CfBusError `PROTOCOL` where it is of another version and cannot be read.
 */
export function sessionStatsView(answer: JsonObject | Readonly<Record<string, unknown>>): StatsView {
  const parsed = StatsView.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new CfBusError('PROTOCOL', 'the session gives statistics that this version cannot read', {
    hint: '--json prints them as they are',
    exitCode: 3,
  });
}

export function logStatsView(stats: SessionStats): StatsView {
  return {
    session: stats.session,
    scenario: stats.scenario ?? null,
    total_event_types: stats.totalEventTypes,
    total_subscribers: stats.totalSubscribers,
    event_counts: { ...stats.eventCounts },
    error_counts: { ...stats.errorCounts },
    subscriptions: stats.subscriptions.map(logSubscription),
  };
}

function logSubscription({ p50, p95, p99, patterns, ...rest }: LogSubscriptionStats): SubscriptionView {
  return { ...rest, patterns: [...patterns], p50_ms: p50 ?? null, p95_ms: p95 ?? null, p99_ms: p99 ?? null };
}

/** Two tables: event types, and who subscribes. */
export function statsLines(stats: StatsView, paint: Paint): string[] {
  const totals = `${plural(stats.total_event_types, 'event type')} subscribed to, ${plural(stats.total_subscribers, 'subscription')}`;
  return [totals, '', ...typeLines(stats, paint), '', ...subscriberLines(stats.subscriptions, paint)];
}

function typeLines({ event_counts, error_counts }: StatsView, paint: Paint): string[] {
  const types = [...new Set([...Object.keys(event_counts), ...Object.keys(error_counts)])].sort();
  if (types.length === 0) return ['No event was published.'];
  const rows = types.map((type) => {
    const errors = error_counts[type] ?? 0;
    return [safe(type), String(event_counts[type] ?? 0), errors === 0 ? '-' : paint('red', String(errors))];
  });
  return table([{ title: 'EVENT TYPE' }, right('PUBLISHED'), right('ERRORS')], rows, paint);
}

/** Figures that are worth a column only where one of them is not zero. */
const RARE = [
  ['RETRIES', 'retries'],
  ['FAILED', 'failed'],
  ['DEAD', 'dead'],
  ['DROPPED', 'dropped'],
  ['ABANDONED', 'abandoned'],
  ['OVER BOUND', 'over_bound'],
  ['IN FLIGHT', 'in_flight'],
  ['QUEUED', 'queued'],
  ['WAITING', 'waiting'],
] as const satisfies readonly (readonly [string, keyof SubscriptionView])[];

const ALARMING: ReadonlySet<string> = new Set(['failed', 'dead', 'dropped', 'abandoned']);

function subscriberLines(subscriptions: readonly SubscriptionView[], paint: Paint): string[] {
  if (subscriptions.length === 0) return ['Nobody subscribes.'];
  const rare = RARE.filter(([, key]) => subscriptions.some((each) => (each[key] ?? 0) > 0));
  const columns: readonly Column[] = [
    { title: 'SUBSCRIBER' },
    { title: 'SUBSCRIBES TO' },
    right('DELIVERED'),
    right('ERRORS'),
    ...rare.map(([title]) => right(title)),
    right('P50'),
    right('P95'),
    right('P99'),
  ];
  const rows = subscriptions.map((each) => [
    paint('cyan', safe(each.service === '' ? each.handler : `${each.service}.${each.handler}`)),
    safe(each.patterns.join(', ')),
    String(each.delivered),
    alarm(each.errors, paint),
    ...rare.map(([, key]) => (ALARMING.has(key) ? alarm(each[key] ?? 0, paint) : String(each[key] ?? 0))),
    ...[each.p50_ms, each.p95_ms, each.p99_ms].map((ms) => (ms === null ? '-' : formatDuration(ms))),
  ]);
  return table(columns, rows, paint);
}

function alarm(value: number, paint: Paint): string {
  return value === 0 ? '-' : paint('red', String(value));
}

function right(title: string): Column {
  return { title, align: 'right' };
}
