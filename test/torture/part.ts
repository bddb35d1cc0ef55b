/** What one of the torture tests is, and what it is given. */
import type { Random } from '../../src/kernel/index.js';

/** `short`: in CI, all parts together under three minutes. `full`: the counts of the issue. `long`: hours. */
export type Effort = 'short' | 'full' | 'long';

export interface PartContext {
  readonly effort: Effort;
  /** The seed of the whole run, for tools that want a number (fast-check). */
  readonly seed: number;
  /** Forked from the seed by the part's name: the same draws with `--only` and without. */
  readonly random: Random;
  /** The project's folder. */
  readonly root: string;
  /** An empty folder of the part's own; removed when it ends. Short enough for sockets in it. */
  readonly scratch: string;
  /** Ends at Ctrl-C: stop soon, and kill what was started. */
  readonly signal: AbortSignal;
  /** Shows how far it is, on a terminal. */
  progress(done: number, of: number): void;
}

export interface Tally {
  /** Programs, kills, files, strings…: whatever `unit` says. */
  readonly tried: number;
  readonly survived: number;
  /** Acknowledged or accepted things that were not found again. */
  readonly lost: number;
  /** Measured: `['longest stop', '1.2 s']`. */
  readonly figures: readonly (readonly [name: string, value: string])[];
  /** One text for each failure: what was tried, what happened instead, how to see it again. At most twenty are shown. */
  readonly failures: readonly string[];
}

export interface Part {
  /** For `--only`: `crash`. */
  readonly name: string;
  /** What must hold, in a sentence. */
  readonly promise: string;
  /** What is counted: `kills`. */
  readonly unit: string;
  run(context: PartContext): Promise<Tally>;
}
