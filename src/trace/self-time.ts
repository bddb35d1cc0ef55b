/** Self time: how long a handler worked itself, rather than waited for what it published. */
import type { Attempt, DeliveryNode, EventNode } from './forest.js';

/** Timestamps are whole milliseconds, durations finer: an end may seem to lie this much later than it does. */
const ROUNDING_MS = 1;

interface Interval {
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
    const handled = delivery.events.map(handling);
    let self = 0;
    for (const attempt of delivery.attempts) {
      const own = running(attempt);
      if (own !== undefined) self += Math.max(0, own.to - own.from - overlap(own, awaitedBy(attempt, own, handled)));
    }
    times.set(delivery, self);
  }
  return times;
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
