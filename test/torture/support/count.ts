/** Counts what a part tried, and keeps what went wrong. */
import type { Tally } from '../part.js';

export class Count {
  #tried = 0;
  #survived = 0;
  #lost = 0;
  readonly #figures: [string, string][] = [];
  readonly #failures: string[] = [];

  get tried(): number {
    return this.#tried;
  }

  /** Notes the outcome of one try, or of several that are judged as one; `problems` is empty where all held. */
  add(what: string, problems: readonly string[], lost = 0, tried = 1): void {
    this.#tried += tried;
    this.#lost += lost;
    if (problems.length === 0) this.#survived += tried;
    else this.#failures.push(`${what}: ${problems.join('; ')}`);
  }

  /** Notes a try whose outcome cannot be told, because looking at it failed: it did not survive. */
  addBroken(what: string, error: unknown): void {
    this.add(what, [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
  }

  /** What was tried did not come about: counts as nothing but a failure. */
  fail(problem: string): void {
    this.#failures.push(problem);
  }

  figure(name: string, value: string | number): void {
    this.#figures.push([name, String(value)]);
  }

  tally(): Tally {
    return {
      tried: this.#tried,
      survived: this.#survived,
      lost: this.#lost,
      figures: this.#figures,
      failures: this.#failures,
    };
  }
}

/** Keeps the largest of some milliseconds. */
export class Longest {
  #ms = 0;

  note(ms: number): void {
    this.#ms = Math.max(this.#ms, ms);
  }

  toString(): string {
    return `${(this.#ms / 1_000).toFixed(2)} s`;
  }
}
