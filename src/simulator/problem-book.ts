/** What failed while a scenario ran, each problem once. */
import { describeError } from '../kernel/index.js';
import { type Position, showPosition } from '../scenario/index.js';
import type { RunProblem } from './results.js';

/** Different problems kept; a run may make millions. */
const KEPT = 20;

export class ProblemBook {
  readonly #counts = new Map<string, number>();
  #others = 0;

  /** @param position where the scenario says what failed; left out where the error's message has it. */
  note(error: unknown, position?: Position): void {
    const { message } = describeError(error);
    const text = position === undefined ? message : `${showPosition(position)}: ${message}`;
    const count = this.#counts.get(text);
    if (count !== undefined || this.#counts.size < KEPT) this.#counts.set(text, (count ?? 0) + 1);
    else this.#others++;
  }

  list(): readonly RunProblem[] {
    const problems = [...this.#counts].map(([message, count]) => ({ message, count }));
    return this.#others === 0 ? problems : [...problems, { message: 'other problems', count: this.#others }];
  }
}
