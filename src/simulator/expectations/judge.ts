/**
 * Judges a scenario's expectations while it runs, from what observers are told. It keeps counts, and of each trace under
 * way only what an open expectation needs.
 */
import { type BusObserver, type BusStats, type DeliveryView, type Event, matcher } from '../../bus/index.js';
import type { Clock } from '../../kernel/index.js';
import type { Expectation } from '../../scenario/index.js';
import type { Judgement } from '../results.js';
import type { TraceListener } from '../stage.js';
import { AfterCheck } from './after.js';
import type { Check } from './check.js';
import { CountCheck } from './counts.js';
import { MetricCheck } from './metric.js';

/** Traces kept of which nobody tells the end, e.g. of events from outside; beyond it the oldest is taken to have ended. */
const KEPT_STRAYS = 10_000;

/** Who is interested in events of one type. */
interface Interest {
  readonly counts: readonly CountCheck[];
  readonly afters: readonly { readonly check: AfterCheck; readonly isAfter: boolean; readonly isEvent: boolean }[];
}

type Matches = (type: string) => boolean;

interface TraceState {
  /** Requests and cascades under way in it. */
  users: number;
  readonly checks: Set<AfterCheck>;
}

export class Judge implements TraceListener {
  readonly #clock: Clock;
  readonly #checks: readonly Check[];
  readonly #counts: readonly { readonly check: CountCheck; readonly event: Matches }[];
  readonly #afters: readonly { readonly check: AfterCheck; readonly event: Matches; readonly after: Matches }[];
  readonly #metrics: readonly MetricCheck[];
  readonly #byHandler = new Map<string, Map<string, MetricCheck[]>>();
  readonly #ofRun: readonly MetricCheck[];
  readonly #interests = new Map<string, Interest>();
  readonly #traces = new Map<string, TraceState>();
  /** Traces without users, the oldest first. */
  readonly #strays = new Set<string>();

  /** @param stats the bus's figures so far: what happened before is not judged. */
  constructor(expectations: readonly Expectation[], clock: Clock, stats: BusStats) {
    this.#clock = clock;
    const checks = expectations.map((expectation) => checkOf(expectation, stats));
    this.#checks = checks;
    this.#counts = checks
      .filter((check) => check instanceof CountCheck)
      .map((check) => ({ check, event: matcher(check.expectation.event) }));
    this.#afters = checks
      .filter((check) => check instanceof AfterCheck)
      .map((check) => ({
        check,
        event: matcher(check.expectation.event),
        after: matcher(check.expectation.after),
      }));
    this.#metrics = checks.filter((check) => check instanceof MetricCheck);
    this.#ofRun = this.#metrics.filter(({ expectation }) => expectation.metric.of === 'run');
    for (const check of this.#metrics) this.#indexByHandler(check);
  }

  /** Traces that are kept. */
  get size(): number {
    return this.#traces.size;
  }

  /** It must be told when traces begin and end. */
  get followsTraces(): boolean {
    return this.#afters.length > 0;
  }

  /** What to attach to the bus: no more than its expectations need. */
  get observer(): BusObserver {
    const published = (event: Event) => this.#published(event);
    const completed = (delivery: DeliveryView) => this.#attempted(delivery);
    const failed: BusObserver['failed'] = (delivery, { willRetry }) => {
      this.#attempted(delivery);
      if (!willRetry) for (const check of this.#of(delivery)) check.failed(delivery.event.traceId, false);
    };
    const dead = (delivery: DeliveryView) => {
      for (const check of this.#of(delivery)) check.failed(delivery.event.traceId, true);
    };
    const dropped = (delivery: DeliveryView) => {
      for (const check of this.#of(delivery)) check.dropped(delivery.event.traceId);
    };
    return {
      ...(this.#counts.length + this.#afters.length > 0 ? { published } : {}),
      ...(this.#byHandler.size > 0 ? { completed } : {}),
      ...(this.#metrics.length > 0 ? { failed, dead, dropped } : {}),
    };
  }

  traceBegins(traceId: string): void {
    this.#trace(traceId).users++;
    this.#strays.delete(traceId);
  }

  traceEnds(traceId: string): void {
    const trace = this.#traces.get(traceId);
    if (trace !== undefined && --trace.users <= 0) this.#forget(traceId, trace);
  }

  /** @param final nothing more will come. */
  judge(stats: BusStats, final: boolean): readonly Judgement[] {
    return this.#checks.map((check) => check.judge(stats, final));
  }

  #published(event: Event): void {
    const { counts, afters } = this.#interest(event.type);
    for (const check of counts) check.published(event);
    if (afters.length === 0) return;
    const now = this.#clock.now();
    const { checks, users } = this.#trace(event.traceId);
    if (users === 0) this.#noteStray(event.traceId);
    for (const { check, isAfter, isEvent } of afters) {
      checks.add(check);
      check.published(event.traceId, isAfter, isEvent, now);
    }
  }

  #noteStray(traceId: string): void {
    this.#strays.add(traceId);
    if (this.#strays.size <= KEPT_STRAYS) return;
    for (const oldest of this.#strays) {
      const trace = this.#traces.get(oldest);
      if (trace !== undefined) this.#forget(oldest, trace);
      return;
    }
  }

  #forget(traceId: string, trace: TraceState): void {
    this.#traces.delete(traceId);
    this.#strays.delete(traceId);
    for (const check of trace.checks) check.end(traceId);
  }

  #attempted(delivery: DeliveryView): void {
    const { service, handler } = delivery.subscriber;
    const checks = this.#byHandler.get(service)?.get(handler);
    if (checks === undefined) return;
    for (const check of checks) check.attempted(delivery.event.traceId, delivery.durationMs);
  }

  #of({ subscriber: { service, handler } }: DeliveryView): readonly MetricCheck[] {
    const own = this.#byHandler.get(service)?.get(handler);
    return own === undefined ? this.#ofRun : [...own, ...this.#ofRun];
  }

  #trace(traceId: string): TraceState {
    let trace = this.#traces.get(traceId);
    if (trace === undefined) {
      trace = { users: 0, checks: new Set() };
      this.#traces.set(traceId, trace);
    }
    return trace;
  }

  #interest(type: string): Interest {
    let interest = this.#interests.get(type);
    if (interest === undefined) {
      const afters = this.#afters
        .map(({ check, event, after }) => ({ check, isAfter: after(type), isEvent: event(type) }))
        .filter(({ isAfter, isEvent }) => isAfter || isEvent);
      const counts = this.#counts.filter(({ event }) => event(type)).map(({ check }) => check);
      interest = { counts, afters };
      this.#interests.set(type, interest);
    }
    return interest;
  }

  #indexByHandler(check: MetricCheck): void {
    const { metric } = check.expectation;
    if (metric.of === 'run') return;
    const ofService = this.#byHandler.get(metric.service) ?? new Map<string, MetricCheck[]>();
    this.#byHandler.set(metric.service, ofService);
    ofService.set(metric.handler, [...(ofService.get(metric.handler) ?? []), check]);
  }
}

function checkOf(expectation: Expectation, stats: BusStats): AfterCheck | CountCheck | MetricCheck {
  switch (expectation.type) {
    case 'after':
      return new AfterCheck(expectation);
    case 'metric':
      return new MetricCheck(expectation, stats.deliveries);
    case 'count':
    case 'never':
      return new CountCheck(expectation);
  }
}
