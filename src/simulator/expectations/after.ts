/**
 * `event` after `after` within a time, in every trace that has `after`: the first of each counts. Only traces under way
 * are kept: one that has ended is judged and forgotten.
 */
import type { BusStats } from '../../bus/index.js';
import { formatDuration } from '../../kernel/index.js';
import type { Expectation } from '../../scenario/index.js';
import type { Judgement } from '../results.js';
import type { Check } from './check.js';
import { TraceTally } from './tally.js';

type After = Extract<Expectation, { readonly type: 'after' }>;

/** Where a trace stands: `event` came and `after` has not yet; both came; or clock time of `after`, which waits for `event`. */
type Standing = 'early' | 'decided' | number;

export class AfterCheck implements Check {
  readonly expectation: After;
  readonly #within: number;
  readonly #traces = new Map<string, Standing>();
  readonly #failed = new TraceTally();
  #passed = 0;
  #tooEarly = 0;
  #tooLate = 0;
  #slowest = 0;

  constructor(expectation: After) {
    this.expectation = expectation;
    this.#within = expectation.within ?? Number.POSITIVE_INFINITY;
  }

  /** Traces that are kept. */
  get size(): number {
    return this.#traces.size;
  }

  /** An event that is `after`, `event` or, where patterns overlap, both. */
  published(traceId: string, isAfter: boolean, isEvent: boolean, now: number): void {
    const standing = this.#traces.get(traceId);
    if (typeof standing === 'number') {
      if (isEvent) this.#finish(traceId, now - standing);
    } else if (standing === undefined) {
      this.#traces.set(traceId, isAfter ? now : 'early');
    } else if (standing === 'early' && isAfter) {
      this.#traces.set(traceId, 'decided');
      this.#tooEarly++;
      this.#failed.add(traceId);
    }
  }

  /** Nothing more will come in a trace. */
  end(traceId: string): void {
    const standing = this.#traces.get(traceId);
    this.#traces.delete(traceId);
    if (typeof standing === 'number') this.#failed.add(traceId);
  }

  judge(_stats: BusStats, final: boolean): Judgement {
    if (final) for (const traceId of [...this.#traces.keys()]) this.end(traceId);
    const { count } = this.#failed;
    const verdict = count > 0 ? 'failed' : this.#passed > 0 ? 'passed' : 'inconclusive';
    return { expectation: this.expectation, verdict, sentence: this.#sentence(), traces: this.#failed.snapshot() };
  }

  #finish(traceId: string, took: number): void {
    this.#traces.set(traceId, 'decided');
    if (took <= this.#within) {
      this.#passed++;
      return;
    }
    this.#tooLate++;
    this.#slowest = Math.max(this.#slowest, took);
    this.#failed.add(traceId);
  }

  #sentence(): string {
    const { event, after } = this.expectation;
    const failed = this.#failed.count;
    const all = failed + this.#passed;
    if (all === 0) return `no trace had ${after}`;
    const soon = Number.isFinite(this.#within) ? ` within ${formatDuration(this.#within)}` : '';
    if (failed === 0)
      return `${event} followed ${after}${soon} in ${all === 1 ? 'the one trace' : `all ${all} traces`}`;
    const where = all === 1 ? 'in the one trace' : `in ${failed} of ${all} traces`;
    return `${event} did not follow ${after}${soon} ${where}: ${this.#reasons()}`;
  }

  #reasons(): string {
    const missing = this.#failed.count - this.#tooEarly - this.#tooLate;
    const parts = [];
    if (missing > 0) parts.push(`${missing} never`);
    if (this.#tooEarly > 0) parts.push(`${this.#tooEarly} the other way round`);
    if (this.#tooLate > 0) parts.push(`${this.#tooLate} too late, after up to ${formatDuration(this.#slowest)}`);
    return parts.join(', ');
  }
}
