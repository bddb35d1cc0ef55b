/**
 * The critical path: what at each moment kept the request from being over sooner. It is found backwards from what ended
 * last: a handler could not end before the last thing it waited for, nor begin before its event was published, nor could
 * that be before the handler that published it had come so far.
 */
import { analyse } from './analysis.js';
import type { DeliveryNode, EventNode, Trace } from './forest.js';
import { type Interval, lastEnding, ROUNDING_MS, runningTime } from './self-time.js';

export type CriticalKind =
  /** The handler worked itself. */
  | 'run'
  /** It waited for its next attempt. */
  | 'retry'
  /** Its event was published, and it had not begun. */
  | 'queue'
  /** It was over; what it published came later. */
  | 'delay'
  /** Nothing in the log tells what was waited for: the next thing simply began later. */
  | 'gap';

/** A stretch of the critical path. Times are milliseconds since 1970. */
export interface CriticalSegment extends Interval {
  readonly kind: CriticalKind;
  /** `undefined` for a gap alone. */
  readonly delivery: DeliveryNode | undefined;
}

/** By time, without overlap; together they are the whole time of the trace. Linear in its size, but for sorting. */
export function criticalPath(trace: Trace): readonly CriticalSegment[] {
  return new Backwards(trace).run();
}

interface Span extends Interval {
  readonly delivery: DeliveryNode;
  readonly event: EventNode;
}

/** Something that ended, and what was at it. */
interface Moment {
  readonly time: number;
  readonly holder: Span | undefined;
}

class Backwards {
  readonly #segments: CriticalSegment[] = [];
  readonly #begin: number;
  readonly #end: number;
  readonly #spans = new Map<string, Span>();
  /** By the delivery that published their events. Those that end first come first, so that the last one is popped. */
  readonly #children = new Map<string, Span[]>();
  readonly #endings: Moment[];
  readonly #visited = new Set<Span>();

  constructor(trace: Trace) {
    const { startTime, endTime, durationMs } = analyse(trace);
    this.#begin = startTime;
    this.#end = lastEnding(trace.deliveries, Math.max(endTime, startTime + durationMs));
    for (const event of trace.events) for (const delivery of event.deliveries) this.#add(event, delivery);
    const spans = [...this.#spans.values()].sort(byEnd);
    for (const span of spans) this.#adopt(span);
    const silent = trace.events.filter(({ deliveries }) => deliveries.every(({ id }) => !this.#spans.has(id)));
    this.#endings = [
      ...silent.map((event) => ({ time: event.time, holder: this.#publisher(event) })),
      ...spans.map((span) => ({ time: span.to, holder: span })),
    ].sort((a, b) => a.time - b.time);
  }

  run(): readonly CriticalSegment[] {
    let time = this.#end;
    let holder: Span | undefined;
    while (time > this.#begin) {
      if (holder === undefined) {
        const last = this.#lastBefore(time);
        time = this.#mark('gap', last.time, time, undefined);
        holder = last.holder;
        continue;
      }
      this.#visited.add(holder);
      time = this.#mark('delay', holder.to, time, holder.delivery);
      const child = this.#awaited(holder, time);
      time = this.#work(holder, child?.to ?? holder.from, time);
      if (child === undefined) time = this.#mark('queue', holder.event.time, time, holder.delivery);
      holder = child ?? this.#publisher(holder.event);
    }
    return this.#segments.reverse();
  }

  #add(event: EventNode, delivery: DeliveryNode): void {
    const time = runningTime(delivery, this.#end);
    if (time !== undefined) this.#spans.set(delivery.id, { delivery, event, ...time });
  }

  #adopt(span: Span): void {
    const { cause } = span.event;
    if (cause.kind !== 'delivery') return;
    const siblings = this.#children.get(cause.deliveryId);
    if (siblings === undefined) this.#children.set(cause.deliveryId, [span]);
    else siblings.push(span);
  }

  #publisher({ cause }: EventNode): Span | undefined {
    return cause.kind === 'delivery' ? this.#spans.get(cause.deliveryId) : undefined;
  }

  /** The last to end of what `holder` may have waited for. */
  #awaited(holder: Span, time: number): Span | undefined {
    const children = this.#children.get(holder.delivery.id);
    for (let child = children?.pop(); child !== undefined; child = children?.pop()) {
      if (child.to <= time + ROUNDING_MS && !this.#visited.has(child)) return child;
    }
    return undefined;
  }

  #lastBefore(time: number): Moment {
    for (let last = this.#endings.pop(); last !== undefined; last = this.#endings.pop()) {
      const isNew = last.holder === undefined || !this.#visited.has(last.holder);
      if (last.time <= time + ROUNDING_MS && isNew) return last;
    }
    return { time: this.#begin, holder: undefined };
  }

  /** The part from `from` to `to` of what a handler did: its attempts, and the waits between them. */
  #work({ delivery }: Span, from: number, to: number): number {
    let time = to;
    for (let index = delivery.attempts.length - 1; index > 0; index--) {
      time = this.#mark('run', Math.max(from, delivery.attempts[index]?.startTime ?? from), time, delivery);
      const before = delivery.attempts[index - 1]?.end;
      if (before !== undefined && 'time' in before) {
        time = this.#mark('retry', Math.max(from, before.time), time, delivery);
      }
    }
    return this.#mark('run', from, time, delivery);
  }

  /** Gives where it begins: the moment to go on from. */
  #mark(kind: CriticalKind, from: number, to: number, delivery: DeliveryNode | undefined): number {
    const begin = Math.min(Math.max(from, this.#begin), to);
    if (begin < to) this.#segments.push({ kind, from: begin, to, delivery });
    return begin;
  }
}

function byEnd(a: Span, b: Span): number {
  return a.to - b.to || a.from - b.from || b.delivery.seq - a.delivery.seq;
}
