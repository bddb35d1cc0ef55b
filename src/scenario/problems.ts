/** What is wrong with a scenario: collected with positions, shown all at once. */
import { CfBusError, plural, safe } from '../kernel/index.js';
import type { SourceText, Span } from './source-text.js';
import type { Position } from './types.js';

/** Problems shown of one file; the rest is counted. */
export const MAX_PROBLEMS = 20;

export interface Problem {
  readonly position: Position;
  /** What is wrong, on one line, safe for a terminal. */
  readonly message: string;
  /** The nearest known word, where one is near. */
  readonly suggestion: string | undefined;
  /** The source line with a marker under it, safe for a terminal. */
  readonly excerpt: string;
}

/** Thrown for a scenario that cannot be run: `INVALID_SCENARIO`, with every problem (at most 20) in its message. */
export class ScenarioError extends CfBusError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], left: number) {
    const shown = problems.map(showProblem);
    if (left > 0) shown.push(`… and ${plural(left, 'more problem')}`);
    super('INVALID_SCENARIO', shown.join('\n'));
    this.problems = problems;
  }
}

/** `file:line:column`, safe for a terminal. */
export function showPosition(position: Position): string {
  return `${safe(position.file)}:${position.line}:${position.column}`;
}

function showProblem(problem: Problem): string {
  return `${showPosition(problem.position)}: ${problem.message}\n${problem.excerpt}`;
}

interface Found {
  readonly span: Span;
  readonly message: string;
  readonly suggestion: string | undefined;
}

/** Collects problems of one file. */
export class Problems {
  readonly source: SourceText;
  readonly #found: Found[] = [];
  readonly #seen = new Set<string>();

  constructor(source: SourceText) {
    this.source = source;
  }

  get any(): boolean {
    return this.#found.length > 0;
  }

  /** @param suggestion appended as "did you mean"; the message must not say it already. */
  add(span: Span, message: string, suggestion?: string): void {
    const key = `${span.start} ${message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#found.push({ span, message, suggestion });
  }

  /** @throws ScenarioError when anything was added. */
  throwIfAny(): void {
    if (this.any) throw this.error();
  }

  error(): ScenarioError {
    const inOrder = this.#found.toSorted((a, b) => a.span.start - b.span.start);
    const problems = inOrder.slice(0, MAX_PROBLEMS).map(({ span, message, suggestion }) => ({
      position: this.source.position(span.start),
      message: safe(suggestion === undefined ? message : `${message}; did you mean \`${suggestion}\`?`),
      suggestion,
      excerpt: this.source.excerpt(span),
    }));
    return new ScenarioError(problems, inOrder.length - problems.length);
  }
}

/** A word from a file as messages show it: quoted, one line, cut. */
export function quote(word: unknown): string {
  const text = typeof word === 'string' ? word : (JSON.stringify(word) ?? String(word));
  return `\`${text.length > 60 ? `${text.slice(0, 57)}…` : text}\``;
}

/** `a, b and c`. */
export function listWords(words: readonly string[], last = 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
