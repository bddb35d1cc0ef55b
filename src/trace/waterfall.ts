/**
 * A trace as bars on a scale: for each line of the tree what was going on when, as parts of the whole's time. Pure
 * figures; how they are drawn is for a terminal, a page or a dashboard to decide.
 */
import { type Analysis, analyse, roundMs } from './analysis.js';
import { type CriticalSegment, criticalPath } from './critical-path.js';
import { type Folded, unfolded } from './fold.js';
import type { DeliveryNode, EventNode, Trace } from './forest.js';
import { type PlacedItem, placedItems } from './items.js';
import { attemptTimes, type Interval, lastEnding, ROUNDING_MS, runningTime } from './self-time.js';
import { walk } from './walk.js';

export type BarKind =
  /** The handler worked itself. */
  | 'run'
  /** It awaited what it published. */
  | 'await'
  /** It was waiting for its next attempt. */
  | 'retry'
  /** Its event was published, and it had not begun. */
  | 'queue'
  /** It had not ended when the log ends. */
  | 'open'
  /** It was over, and what it led to went on. */
  | 'outlive';

/** From 0, the beginning of the trace, to 1, its end. */
export interface Bar {
  readonly kind: BarKind;
  readonly from: number;
  readonly to: number;
  /** On the critical path. */
  readonly critical: boolean;
}

export type MarkKind =
  /** An event was published. */
  | 'event'
  /** An attempt failed. */
  | 'fail'
  /** The delivery was dropped or abandoned. */
  | 'lost';

export interface Mark {
  readonly kind: MarkKind;
  readonly at: number;
}

export interface WaterfallRow extends PlacedItem {
  /** By time, without overlap. */
  readonly bars: readonly Bar[];
  readonly marks: readonly Mark[];
}

export interface Waterfall {
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** Milliseconds that 1 stands for: the trace's duration, or a part of a millisecond more. */
  readonly totalMs: number;
  readonly critical: readonly CriticalSegment[];
  readonly rows: readonly WaterfallRow[];
}

export interface WaterfallOptions {
  readonly analysis?: Analysis | undefined;
  /** What of the trace to show; the scale and the critical path are those of the whole. */
  readonly folded?: Folded | undefined;
}

/** The waterfall of a trace. Linear in its size, but for sorting. */
export function waterfallOf(trace: Trace, options: WaterfallOptions = {}): Waterfall {
  const { analysis = analyse(trace), folded = unfolded(trace) } = options;
  const critical = criticalPath(trace);
  const end = lastEnding(trace.deliveries, Math.max(analysis.endTime, analysis.startTime + analysis.durationMs));
  const drawing = new Drawing(trace, analysis.startTime, end, critical);
  const rows = Array.from(placedItems(folded, { attempts: false }), (placed) => ({ ...placed, ...drawing.of(placed) }));
  return { startTime: analysis.startTime, totalMs: roundMs(end - analysis.startTime), critical, rows };
}

type Drawn = Pick<WaterfallRow, 'bars' | 'marks'>;

interface Piece extends Interval {
  readonly kind: BarKind;
}

class Drawing {
  readonly #startTime: number;
  readonly #endTime: number;
  readonly #scale: number;
  readonly #published: ReadonlyMap<string, number>;
  readonly #deliveries: ReadonlyMap<string, DeliveryNode>;
  readonly #critical = new Map<string, CriticalSegment[]>();
  /** When the last thing that a delivery led to was over, by its id. */
  readonly #over: ReadonlyMap<string, number>;

  constructor(trace: Trace, startTime: number, endTime: number, critical: readonly CriticalSegment[]) {
    this.#startTime = startTime;
    this.#endTime = endTime;
    this.#scale = endTime > startTime ? 1 / (endTime - startTime) : 0;
    this.#published = new Map(trace.events.map(({ id, time }) => [id, time]));
    this.#deliveries = new Map(trace.deliveries.map((delivery) => [delivery.id, delivery]));
    this.#over = endings(trace, this.#endTime);
    for (const segment of critical) {
      if (segment.delivery === undefined) continue;
      const known = this.#critical.get(segment.delivery.id);
      if (known === undefined) this.#critical.set(segment.delivery.id, [segment]);
      else known.push(segment);
    }
  }

  of({ item }: PlacedItem): Drawn {
    if (item.kind === 'event') return { bars: [], marks: [{ kind: 'event', at: this.#at(item.event.time) }] };
    if (item.kind !== 'delivery') return { bars: [], marks: [] };
    // A folded trace has a copy of it that knows less.
    return this.#delivery(this.#deliveries.get(item.delivery.id) ?? item.delivery);
  }

  #delivery(delivery: DeliveryNode): Drawn {
    const { attempts, state, time } = delivery;
    const published = this.#published.get(delivery.eventId) ?? time;
    const lost = state.kind === 'dropped' || state.kind === 'abandoned' ? state.time : undefined;
    const begun = attempts.length > 0 ? time : (lost ?? time);
    const pieces: Piece[] = [{ kind: 'queue', from: published, to: begun }, ...this.#attempts(delivery)];
    const end = pieces.at(-1)?.to ?? begun;
    const over = this.#over.get(delivery.id) ?? end;
    if (over > end + ROUNDING_MS) pieces.push({ kind: 'outlive', from: end, to: over });
    const segments = this.#critical.get(delivery.id) ?? [];
    const marks: Mark[] = attempts.flatMap(({ end: ended }) =>
      ended.kind === 'failed' ? [{ kind: 'fail', at: this.#at(ended.time) } as const] : [],
    );
    if (lost !== undefined) marks.push({ kind: 'lost', at: this.#at(lost) });
    return { bars: inTurn(pieces).flatMap((piece) => this.#bars(piece, segments)), marks };
  }

  #attempts(delivery: DeliveryNode): Piece[] {
    const pieces: Piece[] = [];
    const times = attemptTimes(delivery);
    for (const [index, { own, awaited }] of times.entries()) {
      const before = times[index - 1]?.own.to;
      if (before !== undefined && own.from > before) pieces.push({ kind: 'retry', from: before, to: own.from });
      pieces.push(...worked(own, awaited));
    }
    const last = delivery.attempts.at(-1);
    if (last?.end.kind === 'running') pieces.push({ kind: 'open', from: last.startTime, to: this.#endTime });
    else if (delivery.state.kind === 'waiting' && last !== undefined) {
      pieces.push({ kind: 'retry', from: pieces.at(-1)?.to ?? last.startTime, to: this.#endTime });
    } else if (last?.end.kind === 'unlogged') pieces.push({ kind: 'run', from: last.startTime, to: last.startTime });
    return pieces;
  }

  /** A piece as bars, cut where the critical path enters or leaves it. */
  #bars({ kind, from, to }: Piece, segments: readonly CriticalSegment[]): Bar[] {
    // What was too short to be measured, or has just begun, is there nevertheless.
    if (to < from || (to === from && kind !== 'run' && kind !== 'open')) return [];
    const bars: Bar[] = [];
    let at = from;
    const add = (end: number, critical: boolean) => {
      if (end > at || to === from) bars.push({ kind, from: this.#at(at), to: this.#at(end), critical });
      at = Math.max(at, end);
    };
    for (const segment of segments) {
      if (segment.to <= at || segment.from >= to) continue;
      if (segment.from > at) add(segment.from, false);
      add(Math.min(to, segment.to), true);
    }
    if (at < to || bars.length === 0) add(to, false);
    return bars;
  }

  #at(time: number): number {
    return Math.min(1, Math.max(0, (time - this.#startTime) * this.#scale));
  }
}

/** An attempt's time as work and waiting for what it published. */
function worked(own: Interval, awaited: readonly Interval[]): Piece[] {
  const pieces: Piece[] = [];
  let at = own.from;
  for (const { from, to } of awaited) {
    if (from > at) pieces.push({ kind: 'run', from: at, to: Math.min(from, own.to) });
    const begin = Math.max(at, from);
    at = Math.min(Math.max(at, to), own.to);
    if (at > begin) pieces.push({ kind: 'await', from: begin, to: at });
  }
  if (at < own.to || pieces.length === 0) pieces.push({ kind: 'run', from: at, to: own.to });
  return pieces;
}

/** None before the one before it is over: durations are finer than the timestamps they are laid out by. */
function inTurn(pieces: readonly Piece[]): Piece[] {
  let over = Number.NEGATIVE_INFINITY;
  return pieces.map(({ kind, from, to }) => {
    const begin = Math.max(from, over);
    over = Math.max(begin, to);
    return { kind, from: begin, to: over };
  });
}

/** When the last thing that each delivery led to was over; itself is not one of them. */
function endings(trace: Trace, end: number): Map<string, number> {
  const over = new Map<EventNode | DeliveryNode, number>();
  const ledTo = new Map<string, number>();
  const latest = (least: number, nodes: readonly (EventNode | DeliveryNode)[]) =>
    nodes.reduce((most, node) => Math.max(most, over.get(node) ?? most), least);
  const steps = [...walk(trace.roots)];
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index];
    if (step?.kind === 'event') {
      const { event } = step;
      over.set(event, latest(latest(event.time, event.deliveries), event.events));
    } else if (step !== undefined) {
      const { delivery } = step;
      const led = latest(Number.NEGATIVE_INFINITY, delivery.events);
      ledTo.set(delivery.id, led);
      over.set(delivery, Math.max(led, runningTime(delivery, end)?.to ?? delivery.time));
    }
  }
  return ledTo;
}
