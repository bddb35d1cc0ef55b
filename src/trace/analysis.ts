/** The answers that come before the tree: how it went, how long it took, where the time went, what broke first. */
import type { Attempt, AttemptError, DeliveryNode, DeliveryState, Trace } from './forest.js';
import { selfTimes } from './self-time.js';

export type Outcome =
  /** Every delivery ended well. */
  | 'ok'
  /** At least one delivery failed, or is dead. */
  | 'failed'
  /** Something had not ended, not begun or was abandoned when the log ends. */
  | 'unfinished'
  /** No failure is logged, and this log (from level `info` up) does not tell of deliveries that succeed. */
  | 'unknown';

export interface TraceCounts {
  readonly events: number;
  readonly deliveries: number;
  readonly attempts: number;
  /** Failed attempts. */
  readonly errors: number;
  /** Attempts after a delivery's first. */
  readonly retries: number;
  readonly done: number;
  readonly failed: number;
  readonly dead: number;
  readonly dropped: number;
  readonly abandoned: number;
  /** Deliveries that had not ended, those that had not begun included where the log would tell. */
  readonly unfinished: number;
  readonly noSubscribers: number;
  readonly orphans: number;
}

export interface FirstError {
  readonly delivery: DeliveryNode;
  readonly attempt: number;
  readonly time: number;
  readonly error: AttemptError;
}

export interface ServiceTime {
  /** Empty for handlers without a service. */
  readonly service: string;
  /** Time in its handlers less the time in which what they published was being handled. */
  readonly selfMs: number;
  readonly deliveries: number;
  /** Failed attempts. */
  readonly errors: number;
}

export interface Analysis {
  readonly outcome: Outcome;
  /** When the first event was published (or the first thing logged happened); milliseconds since 1970. */
  readonly startTime: number;
  readonly endTime: number;
  /** From the first publish to the last ending. */
  readonly durationMs: number;
  readonly firstError: FirstError | undefined;
  readonly counts: TraceCounts;
  /** Most self time first. */
  readonly services: readonly ServiceTime[];
  /** Ended deliveries, longest first; at most ten. */
  readonly slowest: readonly DeliveryNode[];
}

const SLOWEST = 10;

/** Looks at a whole trace. Linear in its size, but for sorting. */
export function analyse(trace: Trace): Analysis {
  const counts = countUp(trace);
  const span = spanOf(trace);
  return {
    outcome: outcomeOf(counts, trace.deliveriesLogged),
    ...span,
    firstError: findFirstError(trace.deliveries),
    counts,
    services: serviceTimes(trace.deliveries),
    slowest: trace.deliveries
      .filter((delivery) => delivery.durationMs !== undefined && delivery.attempts.length > 0)
      .sort((a, b) => (b.durationMs ?? 0) - (a.durationMs ?? 0) || a.seq - b.seq)
      .slice(0, SLOWEST),
  };
}

function outcomeOf(counts: TraceCounts, deliveriesLogged: boolean): Outcome {
  if (counts.failed + counts.dead > 0) return 'failed';
  if (counts.unfinished + counts.abandoned > 0) return 'unfinished';
  return deliveriesLogged ? 'ok' : 'unknown';
}

function countUp({ events, deliveries, deliveriesLogged }: Trace): TraceCounts {
  const states = new Map<DeliveryState['kind'], number>();
  let attempts = 0;
  let errors = 0;
  let retries = 0;
  for (const delivery of deliveries) {
    states.set(delivery.state.kind, (states.get(delivery.state.kind) ?? 0) + 1);
    attempts += delivery.attempts.length;
    errors += delivery.attempts.filter((attempt) => attempt.end.kind === 'failed').length;
    retries += Math.max(0, (delivery.attempts.at(-1)?.number ?? 1) - 1);
  }
  const of = (kind: DeliveryState['kind']) => states.get(kind) ?? 0;
  const notBegun = deliveriesLogged ? events.reduce((sum, event) => sum + event.unseenDeliveries, 0) : 0;
  return {
    events: events.length,
    deliveries: deliveries.length,
    attempts,
    errors,
    retries,
    done: of('done'),
    failed: of('failed'),
    dead: of('dead'),
    dropped: of('dropped'),
    abandoned: of('abandoned'),
    unfinished: of('running') + of('waiting') + notBegun,
    noSubscribers: events.filter((event) => event.noSubscribers).length,
    orphans: events.filter((event) => event.cause.kind === 'missing').length,
  };
}

/** When an attempt ended; when it began where that is not known. */
function lastSign({ startTime, end }: Attempt): number {
  return 'time' in end ? end.time : startTime;
}

function spanOf({ events, deliveries }: Trace): Pick<Analysis, 'startTime' | 'endTime' | 'durationMs'> {
  let startTime = Number.POSITIVE_INFINITY;
  let endTime = Number.NEGATIVE_INFINITY;
  for (const { time } of events) {
    startTime = Math.min(startTime, time);
    endTime = Math.max(endTime, time);
  }
  // Timestamps are whole milliseconds; what was measured is finer, and no whole is shorter than its part.
  let longest = 0;
  for (const { attempts, state, time, queuedMs, durationMs } of deliveries) {
    startTime = Math.min(startTime, time);
    endTime = Math.max(endTime, 'time' in state ? state.time : time);
    for (const attempt of attempts) endTime = Math.max(endTime, lastSign(attempt));
    longest = Math.max(longest, (queuedMs ?? 0) + (durationMs ?? 0));
  }
  if (startTime > endTime) return { startTime: 0, endTime: 0, durationMs: 0 };
  return { startTime, endTime, durationMs: roundMs(Math.max(endTime - startTime, longest)) };
}

function findFirstError(deliveries: readonly DeliveryNode[]): FirstError | undefined {
  let first: FirstError | undefined;
  let firstSeq = Number.POSITIVE_INFINITY;
  for (const delivery of deliveries) {
    for (const { number, end } of delivery.attempts) {
      if (end.kind !== 'failed' || end.seq >= firstSeq) continue;
      firstSeq = end.seq;
      first = { delivery, attempt: number, time: end.time, error: end.error };
    }
  }
  return first;
}

function serviceTimes(deliveries: readonly DeliveryNode[]): ServiceTime[] {
  const services = new Map<string, { selfMs: number; deliveries: number; errors: number }>();
  const self = selfTimes(deliveries);
  for (const delivery of deliveries) {
    let service = services.get(delivery.service);
    if (service === undefined) {
      service = { selfMs: 0, deliveries: 0, errors: 0 };
      services.set(delivery.service, service);
    }
    service.selfMs += self.get(delivery) ?? 0;
    service.deliveries++;
    service.errors += delivery.attempts.filter(({ end }) => end.kind === 'failed').length;
  }
  return Array.from(services, ([service, figures]) => ({
    service,
    ...figures,
    selfMs: roundMs(figures.selfMs),
  })).sort((a, b) => b.selfMs - a.selfMs || (a.service < b.service ? -1 : 1));
}

/** At most three decimals, as in the log. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
