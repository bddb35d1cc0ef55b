/** What a run's summary tells of its traces: the slowest, and which failed. Bounded, however long the run. */
import type { AttemptFailure, BusObserver, DeliveryView, Event } from '../../bus/index.js';
import type { Clock } from '../../kernel/index.js';

export interface TraceSummary {
  readonly traceId: string;
  /** From its first publish to its last ending, in milliseconds. */
  readonly durationMs: number;
  readonly events: number;
  /** Failed attempts. */
  readonly errors: number;
  /** Deliveries that ended failed, dead or abandoned. */
  readonly lost: number;
}

interface OpenTrace {
  readonly traceId: string;
  readonly start: number;
  end: number;
  events: number;
  errors: number;
  lost: number;
}

/** Traces kept in full; of older ones only the slowest are. */
const MAX_OPEN = 10_000;
const KEPT = 50;

export class TraceBook implements BusObserver {
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenTrace>();
  #slowest: TraceSummary[] = [];
  #closed = 0;
  /** Events that nobody subscribed to, by type. */
  readonly unheard = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#closed + this.#open.size;
  }

  /** The slowest traces, slowest first. */
  slowest(most: number): readonly TraceSummary[] {
    const all = [...this.#slowest, ...[...this.#open.values()].map(summarise)];
    return all.sort((a, b) => b.durationMs - a.durationMs).slice(0, most);
  }

  published(event: Event, subscriberCount: number): void {
    if (subscriberCount === 0) this.unheard.set(event.type, (this.unheard.get(event.type) ?? 0) + 1);
    const now = this.#clock.now();
    const trace = this.#open.get(event.traceId);
    if (trace === undefined) this.#begin(event.traceId, now);
    else {
      trace.events++;
      trace.end = now;
    }
  }

  completed(delivery: DeliveryView): void {
    this.#touch(delivery);
  }

  failed(delivery: DeliveryView, failure: AttemptFailure): void {
    const trace = this.#touch(delivery);
    if (trace === undefined) return;
    trace.errors++;
    if (!failure.willRetry) trace.lost++;
  }

  abandoned(delivery: DeliveryView): void {
    const trace = this.#touch(delivery);
    if (trace !== undefined) trace.lost++;
  }

  #touch(delivery: DeliveryView): OpenTrace | undefined {
    const trace = this.#open.get(delivery.event.traceId);
    if (trace !== undefined) trace.end = this.#clock.now();
    return trace;
  }

  #begin(traceId: string, now: number): void {
    this.#open.set(traceId, { traceId, start: now, end: now, events: 1, errors: 0, lost: 0 });
    if (this.#open.size <= MAX_OPEN) return;
    const [oldest] = this.#open.values();
    if (oldest === undefined) return;
    this.#open.delete(oldest.traceId);
    this.#closed++;
    this.#slowest.push(summarise(oldest));
    if (this.#slowest.length > KEPT * 2) {
      this.#slowest = this.#slowest.sort((a, b) => b.durationMs - a.durationMs).slice(0, KEPT);
    }
  }
}

function summarise({ traceId, start, end, events, errors, lost }: OpenTrace): TraceSummary {
  return { traceId, durationMs: end - start, events, errors, lost };
}
