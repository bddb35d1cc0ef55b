/**
 * A trace as JSON. The shape is stable: keys are added, never renamed or removed. Events and deliveries are flat lists
 * in order of `seq`, with ids that tell the nesting, so that no depth breaks a reader.
 */
import { safeJson } from '../../kernel/index.js';
import { type Analysis, analyse, type Outcome, roundMs, type ServiceTime, type TraceCounts } from '../analysis.js';
import type { Attempt, Cause, DeliveryNode, DeliveryState, EventNode, InferredFact, LogGap, Trace } from '../forest.js';
import { isoTime } from '../time.js';

export interface TraceJson {
  readonly trace_id: string;
  readonly session: string;
  readonly outcome: Outcome;
  /** ISO 8601; `null` for a trace without events. */
  readonly started: string | null;
  readonly duration_ms: number;
  readonly counts: CountsJson;
  readonly first_error: FirstErrorJson | null;
  /** Self time by service, most first. */
  readonly services: readonly ServiceJson[];
  /** Ids of the events at the top of the forest. */
  readonly roots: readonly string[];
  /** Ids of the roots whose cause is not in the log. */
  readonly orphans: readonly string[];
  readonly events: readonly EventJson[];
  /** False: the log begins at level `info`, and tells of failed deliveries only. */
  readonly deliveries_logged: boolean;
  /** True where some of it was concluded, not logged; the `inferred` of events and deliveries says what. */
  readonly inferred: boolean;
  /** What was odd about the records; see `TraceProblems`. */
  readonly problems: Readonly<Record<string, number>>;
  /** Where records were lost while the request was under way. */
  readonly gaps: readonly GapJson[];
}

export interface GapJson {
  /** Of the record that tells of it. */
  readonly seq: number;
  /** ISO 8601; `null` where that record has no valid one. */
  readonly timestamp: string | null;
  /** Records lost, of whichever requests. */
  readonly lost: number;
}

export type CountsJson = Omit<TraceCounts, 'noSubscribers'> & { readonly no_subscribers: number };

export interface ServiceJson {
  readonly service: string;
  readonly self_ms: number;
  readonly deliveries: number;
  readonly errors: number;
}

export interface FirstErrorJson {
  readonly delivery_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly service: string;
  readonly handler: string;
  readonly attempt: number;
  readonly offset_ms: number;
  readonly error_name: string;
  readonly error: string;
}

export interface EventJson {
  readonly event_id: string;
  readonly event_type: string;
  /** What of it is not in the log, but concluded from it: see `InferredFact`. Left out where that is nothing. */
  readonly inferred?: readonly InferredFact[];
  readonly source: string | null;
  readonly seq: number;
  readonly timestamp: string;
  /** From the start of the trace. */
  readonly offset_ms: number;
  /** How it hangs in the forest: `none` (a request begins), `delivery`, `event`, `missing` (an orphan), `cycle`, `unknown`. */
  readonly cause: Cause['kind'];
  readonly causation_id: string | null;
  readonly causation_delivery_id: string | null;
  /** `null` where the event's own record is not in the log. */
  readonly subscriber_count: number | null;
  readonly payload_keys: readonly string[] | null;
  /** Only where payloads are logged. */
  readonly payload?: unknown;
  readonly no_subscribers: boolean;
  /** Subscribers of which the log has no delivery. */
  readonly unseen_deliveries: number;
  readonly deliveries: readonly DeliveryJson[];
}

export interface DeliveryJson {
  readonly delivery_id: string;
  /** As of an event. */
  readonly inferred?: readonly InferredFact[];
  readonly service: string;
  readonly handler: string;
  readonly state: DeliveryState['kind'];
  /** Of a drop, an abandonment or a death. */
  readonly reason: string | null;
  readonly seq: number;
  readonly offset_ms: number;
  readonly queued_ms: number | null;
  readonly duration_ms: number | null;
  readonly attempts: readonly AttemptJson[];
  /** Ids of the events it published. */
  readonly published: readonly string[];
}

export interface AttemptJson {
  readonly attempt: number;
  readonly outcome: Attempt['end']['kind'];
  readonly offset_ms: number;
  readonly duration_ms: number | null;
  readonly fault: string | null;
  readonly error_name: string | null;
  readonly error: string | null;
  readonly will_retry: boolean | null;
}

/** The trace as a plain object, ready for `JSON.stringify`. */
export function traceJson(trace: Trace, analysis: Analysis = analyse(trace)): TraceJson {
  const { startTime, counts } = analysis;
  const { noSubscribers, ...otherCounts } = counts;
  return {
    trace_id: trace.traceId,
    session: trace.session,
    outcome: analysis.outcome,
    started: trace.events.length === 0 ? null : isoTime(startTime),
    duration_ms: analysis.durationMs,
    counts: { ...otherCounts, no_subscribers: noSubscribers },
    first_error: firstErrorJson(analysis),
    services: analysis.services.map(serviceJson),
    roots: trace.roots.map(({ id }) => id),
    orphans: trace.roots.filter(({ cause }) => cause.kind === 'missing').map(({ id }) => id),
    events: trace.events.map((event) => eventJson(event, startTime)),
    deliveries_logged: trace.deliveriesLogged,
    inferred: trace.inferred === true,
    problems: Object.fromEntries(Object.entries(trace.problems).map(([name, count]) => [snakeCase(name), count])),
    gaps: trace.gaps.map(gapJson),
  };
}

export function gapJson({ seq, time, lost }: LogGap): GapJson {
  return { seq, timestamp: time === undefined ? null : isoTime(time), lost };
}

/** The trace as indented JSON text that is safe to print, with a line break at its end. */
export function renderJson(trace: Trace, indent = 2): string {
  return `${safeJson(traceJson(trace), indent)}\n`;
}

function firstErrorJson({ firstError, startTime }: Analysis): FirstErrorJson | null {
  if (firstError === undefined) return null;
  const { delivery, attempt, time, error } = firstError;
  return {
    delivery_id: delivery.id,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    service: delivery.service,
    handler: delivery.handler,
    attempt,
    offset_ms: roundMs(time - startTime),
    error_name: error.name,
    error: error.message,
  };
}

function serviceJson({ service, selfMs, deliveries, errors }: ServiceTime): ServiceJson {
  return { service, self_ms: selfMs, deliveries, errors };
}

function eventJson(event: EventNode, startTime: number): EventJson {
  const { cause, published } = event;
  return {
    event_id: event.id,
    event_type: event.type,
    ...(event.inferred === undefined ? {} : { inferred: event.inferred }),
    source: event.source ?? null,
    seq: event.seq,
    timestamp: isoTime(event.time),
    offset_ms: roundMs(event.time - startTime),
    cause: cause.kind,
    causation_id: 'eventId' in cause ? (cause.eventId ?? null) : null,
    causation_delivery_id: 'deliveryId' in cause ? (cause.deliveryId ?? null) : null,
    subscriber_count: published?.subscriberCount ?? null,
    payload_keys: published?.payloadKeys ?? null,
    ...(published?.payload === undefined ? {} : { payload: published.payload }),
    no_subscribers: event.noSubscribers,
    unseen_deliveries: event.unseenDeliveries,
    deliveries: event.deliveries.map((delivery) => deliveryJson(delivery, startTime)),
  };
}

function deliveryJson(delivery: DeliveryNode, startTime: number): DeliveryJson {
  const { state } = delivery;
  return {
    delivery_id: delivery.id,
    ...(delivery.inferred === undefined ? {} : { inferred: delivery.inferred }),
    service: delivery.service,
    handler: delivery.handler,
    state: state.kind,
    reason: 'reason' in state ? state.reason : null,
    seq: delivery.seq,
    offset_ms: roundMs(delivery.time - startTime),
    queued_ms: delivery.queuedMs ?? null,
    duration_ms: delivery.durationMs === undefined ? null : roundMs(delivery.durationMs),
    attempts: delivery.attempts.map((attempt) => attemptJson(attempt, startTime)),
    published: delivery.events.map(({ id }) => id),
  };
}

function attemptJson({ number, startTime: begun, end }: Attempt, startTime: number): AttemptJson {
  const failed = end.kind === 'failed' ? end : undefined;
  return {
    attempt: number,
    outcome: end.kind,
    offset_ms: roundMs(begun - startTime),
    duration_ms: 'durationMs' in end ? end.durationMs : null,
    fault: 'fault' in end ? (end.fault ?? null) : null,
    error_name: failed?.error.name ?? null,
    error: failed?.error.message ?? null,
    will_retry: failed?.willRetry ?? null,
  };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
