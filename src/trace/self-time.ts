/** Self time: how long a handler worked itself, rather than waited for what it published. */
import type { Attempt, AttemptEnd, DeliveryNode, EventNode } from './forest.js';

/** Timestamps are whole milliseconds, durations finer: an end may seem to lie this much later than it does. */
export const ROUNDING_MS = 1;

/** Milliseconds, on whatever scale its maker uses. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/**
 * Milliseconds of self time by delivery: its attempts, less the parts of them in which deliveries of the events it
 * published were under way. What outlives an attempt that ended well was not awaited by it, and takes nothing from it.
 * A handler that does not await what it publishes, and works meanwhile, may be counted too low.
 */
export function selfTimes(deliveries: readonly DeliveryNode[]): Map<DeliveryNode, number> {
  const times = new Map<DeliveryNode, number>();
  for (const delivery of deliveries) {
    let self = 0;
    for (const { own, awaited } of attemptTimes(delivery)) {
      self += Math.max(0, own.to - own.from - overlap(own, awaited));
    }
    times.set(delivery, self);
  }
  return times;
}

export interface AttemptTime {
  readonly end: AttemptEnd;
  /** Milliseconds since 1970. */
  readonly own: Interval;
  /** When deliveries of what it published were under way that it may have awaited: disjoint, by start. */
  readonly awaited: readonly Interval[];
}

/** When a delivery's attempts ran; those whose length is not known are left out. */
export function attemptTimes(delivery: DeliveryNode): readonly AttemptTime[] {
  const handled = delivery.events.map(handling);
  return delivery.attempts.flatMap((attempt) => {
    const own = running(attempt);
    return own === undefined ? [] : [{ end: attempt.end, own, awaited: awaitedBy(attempt, own, handled) }];
  });
}

/**
 * From a delivery's first attempt to its ending, or to `end`, where what is not over counts as ending; `undefined` where
 * no attempt began.
 */
export function runningTime({ attempts, time, state, durationMs }: DeliveryNode, end: number): Interval | undefined {
  const last = attempts.at(-1);
  if (last === undefined) return undefined;
  if ('time' in state) return { from: time, to: Math.max(time + (durationMs ?? 0), state.time) };
  if (state.kind !== 'unknown') return { from: time, to: Math.max(time, end) };
  return { from: time, to: Math.max(time, 'time' in last.end ? last.end.time : last.startTime) };
}

/**
 * When the last of `deliveries` was over, `end` at least. Timestamps are whole milliseconds: what began in one and took a
 * part of it is over a part of a millisecond after the last timestamp.
 */
export function lastEnding(deliveries: readonly DeliveryNode[], end: number): number {
  return deliveries.reduce((last, delivery) => Math.max(last, runningTime(delivery, end)?.to ?? end), end);
}

function running({ startTime, end }: Attempt): Interval | undefined {
  return 'durationMs' in end ? { from: startTime, to: startTime + end.durationMs } : undefined;
}

/** From an event's publish to the end of the last of its own deliveries. */
function handling(event: EventNode): Interval {
  let to = event.time;
  for (const { time, state, queuedMs, durationMs } of event.deliveries) {
    if (!('time' in state)) to = Number.POSITIVE_INFINITY;
    else to = Math.max(to, time, state.time, event.time + (queuedMs ?? 0) + (durationMs ?? 0));
  }
  return { from: event.time, to };
}

function awaitedBy(attempt: Attempt, own: Interval, handled: readonly Interval[]): Interval[] {
  const within = attempt.end.kind === 'done' ? own.to + ROUNDING_MS : Number.POSITIVE_INFINITY;
  return union(handled.filter(({ from, to }) => to <= within && from < own.to));
}

/** Disjoint intervals, by start. */
function union(intervals: Interval[]): Interval[] {
  const sorted = intervals.filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from);
  const merged: Interval[] = [];
  for (const interval of sorted) {
    const last = merged.at(-1);
    if (last === undefined || interval.from > last.to) merged.push(interval);
    else if (interval.to > last.to) merged[merged.length - 1] = { from: last.from, to: interval.to };
  }
  return merged;
}

function overlap(own: Interval, covered: readonly Interval[]): number {
  let sum = 0;
  for (const { from, to } of covered) sum += Math.max(0, Math.min(own.to, to) - Math.max(own.from, from));
  return sum;
}
