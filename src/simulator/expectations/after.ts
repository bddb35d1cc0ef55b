/**
 * `event` after `after` within a time, in every trace. In each trace the first `after` counts, and the first `event`
 * that is published after it. Only traces under way are kept: one that has ended is judged and forgotten.
 */
import type { BusStats } from '../../bus/index.js';
import { formatDuration } from '../../kernel/index.js';
import type { Expectation } from '../../scenario/index.js';
import type { Judgement } from '../results.js';
import type { Check } from './check.js';
import { TraceTally } from './tally.js';

type After = Extract<Expectation, { readonly type: 'after' }>;

export class AfterCheck implements Check {
  readonly expectation: After;
  readonly #within: number;
  readonly #failed = new TraceTally();
  #passed = 0;
  #missing = 0;
  #slowest = 0;
  /** Traces in which the first event came and the second has not yet: clock time by trace. */
  readonly #open = new Map<string, number>();

  constructor(expectation: After) {
    this.expectation = expectation;
    this.#within = expectation.within ?? Number.POSITIVE_INFINITY;
  }

  /** The first `after` of a trace. */
  begin(traceId: string, now: number): void {
    this.#open.set(traceId, now);
  }

  /** The first `event` that follows. */
  finish(traceId: string, now: number): void {
    const begun = this.#open.get(traceId);
    if (begun === undefined) return;
    this.#open.delete(traceId);
    const took = now - begun;
    if (took <= this.#within) {
      this.#passed++;
      return;
    }
    this.#slowest = Math.max(this.#slowest, took);
    this.#failed.add(traceId);
  }

  /** Nothing more will come in a trace. */
  end(traceId: string): void {
    if (!this.#open.delete(traceId)) return;
    this.#missing++;
    this.#failed.add(traceId);
  }

  judge(_stats: BusStats, final: boolean): Judgement {
    if (final) for (const traceId of [...this.#open.keys()]) this.end(traceId);
    const { event, after } = this.expectation;
    const failed = this.#failed.count;
    const all = failed + this.#passed;
    const verdict = failed > 0 ? 'failed' : this.#passed > 0 ? 'passed' : 'inconclusive';
    const soon = Number.isFinite(this.#within) ? ` within ${formatDuration(this.#within)}` : '';
    const sentence =
      verdict === 'inconclusive'
        ? `no trace had ${after}`
        : verdict === 'passed'
          ? `${event} followed ${after}${soon} in ${this.#passed === 1 ? 'the one trace' : `all ${all} traces`}`
          : `${event} did not follow ${after}${soon} in ${failed} of ${all} ${all === 1 ? 'trace' : 'traces'}: ${this.#reasons()}`;
    return { expectation: this.expectation, verdict, sentence, traces: this.#failed.snapshot() };
  }

  #reasons(): string {
    const late = this.#failed.count - this.#missing;
    const parts = [];
    if (this.#missing > 0) parts.push(`${this.#missing} never`);
    if (late > 0) parts.push(`${late} too late, after up to ${formatDuration(this.#slowest)}`);
    return parts.join(', ');
  }
}
