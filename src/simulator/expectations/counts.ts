/** `count` and `never`: how often events were published over the run. */
import type { BusStats, Event } from '../../bus/index.js';
import type { Expectation } from '../../scenario/index.js';
import type { Judgement } from '../results.js';
import type { Check } from './check.js';
import { TraceTally } from './tally.js';

type Counted = Extract<Expectation, { readonly type: 'count' | 'never' }>;

export class CountCheck implements Check {
  readonly expectation: Counted;
  readonly #min: number;
  readonly #max: number;
  readonly #tooMany = new TraceTally();
  #count = 0;

  constructor(expectation: Counted) {
    this.expectation = expectation;
    this.#min = expectation.type === 'count' ? expectation.min : 0;
    this.#max = expectation.type === 'count' ? expectation.max : 0;
  }

  published(event: Event): void {
    if (++this.#count > this.#max) this.#tooMany.addOnce(event.traceId);
  }

  judge(_stats: BusStats, final: boolean): Judgement {
    const passed = this.#count >= this.#min && this.#count <= this.#max;
    // Too few may still become enough.
    const open = !final && this.#count < this.#min;
    return {
      expectation: this.expectation,
      verdict: passed ? 'passed' : open ? 'inconclusive' : 'failed',
      sentence: `${this.expectation.event} was ${published(this.#count)}${passed ? '' : this.#expected()}`,
      traces: this.#tooMany.snapshot(),
    };
  }

  #expected(): string {
    if (this.expectation.type === 'never') return ', expected not at all';
    if (this.#min === this.#max) return `, expected ${this.#min}`;
    return this.#count < this.#min ? `, expected at least ${this.#min}` : `, expected at most ${this.#max}`;
  }
}

function published(count: number): string {
  return count === 0 ? 'never published' : count === 1 ? 'published once' : `published ${count} times`;
}
