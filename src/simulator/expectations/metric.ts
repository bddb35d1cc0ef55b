/** Metrics: figures of a handler or of the run, against bounds. */
import type { BusStats, DeliveryState, SubscriptionStats } from '../../bus/index.js';
import { formatDuration } from '../../kernel/index.js';
import type { Expectation, HandlerMetric, RunMetric } from '../../scenario/index.js';
import type { Judgement, Verdict } from '../results.js';
import type { Check } from './check.js';
import { TraceTally } from './tally.js';

export type MetricExpectation = Extract<Expectation, { readonly type: 'metric' }>;
type Measure = HandlerMetric | RunMetric;
type Deliveries = Readonly<Record<DeliveryState, number>>;

export class MetricCheck implements Check {
  readonly expectation: MetricExpectation;
  /** Deliveries of the run that ended before this expectation was there. */
  readonly #before: Deliveries;
  readonly #against = new TraceTally();

  constructor(expectation: MetricExpectation, before: Deliveries) {
    this.expectation = expectation;
    this.#before = before;
  }

  get #measure(): Measure {
    return this.expectation.metric.measure;
  }

  /** An attempt ended after so many milliseconds. */
  attempted(traceId: string, duration: number): void {
    if (this.#measure.startsWith('p') && duration >= this.#limit) this.#against.addOnce(traceId);
  }

  /** A delivery ended failed or dead. */
  failed(traceId: string, dead: boolean): void {
    if (this.#measure === 'error_rate' || (dead && this.#measure === 'dead')) this.#against.addOnce(traceId);
  }

  dropped(traceId: string): void {
    if (this.#measure === 'dropped') this.#against.addOnce(traceId);
  }

  judge(stats: BusStats, final: boolean): Judgement {
    const { expectation } = this;
    const { name, below, above } = expectation;
    const value = this.#value(stats);
    if (value === undefined) {
      const sentence = `${name} is unknown: nothing was handled`;
      return { expectation, verdict: 'inconclusive', sentence, traces: { ids: [], count: 0 } };
    }
    const tooHigh = below !== undefined && !(value < below);
    const tooLow = above !== undefined && !(value > above);
    // Too low may still become enough.
    const verdict: Verdict = tooHigh || (tooLow && final) ? 'failed' : tooLow ? 'inconclusive' : 'passed';
    const bound = tooHigh
      ? `, expected below ${this.#show(below)}`
      : tooLow
        ? `, expected above ${this.#show(above)}`
        : '';
    const sentence = `${name} is ${this.#show(value)}${bound}`;
    return { expectation, verdict, sentence, traces: tooHigh ? this.#against.snapshot() : { ids: [], count: 0 } };
  }

  get #limit(): number {
    return this.expectation.below ?? Number.POSITIVE_INFINITY;
  }

  #value(stats: BusStats): number | undefined {
    const { metric } = this.expectation;
    if (metric.of === 'run') return runValue(metric.measure, stats.deliveries, this.#before);
    const own = stats.subscriptions.find(
      ({ service, handler }) => service === metric.service && handler === metric.handler,
    );
    return own === undefined ? undefined : handlerValue(metric.measure, own);
  }

  #show(value: number): string {
    if (this.#measure === 'error_rate') return `${Number((value * 100).toFixed(2))}%`;
    return this.#measure.startsWith('p') ? formatDuration(value) : String(value);
  }
}

function runValue(measure: RunMetric, now: Deliveries, before: Deliveries): number | undefined {
  const since = (state: DeliveryState) => now[state] - before[state];
  if (measure !== 'error_rate') return since(measure);
  const failed = since('failed') + since('dead');
  return share(failed, failed + since('done') + since('dropped') + since('abandoned'));
}

function handlerValue(measure: HandlerMetric, stats: SubscriptionStats): number | undefined {
  switch (measure) {
    case 'error_rate': {
      const failed = stats.failed + stats.dead;
      return share(failed, failed + stats.delivered + stats.dropped + stats.abandoned);
    }
    case 'queued':
      return stats.peakQueued;
    default:
      return stats[measure];
  }
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
