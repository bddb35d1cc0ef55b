/** The line being typed, for screen readers: what is typed is echoed as it is typed, never drawn again. */
import { safe } from '../kernel/index.js';
import type { Prompt } from './model.js';

const LABELS: Readonly<Record<Exclude<Prompt['kind'], 'none'>, string>> = {
  filter: 'Filter',
  publish: 'Publish (event type, then payload)',
  delay: 'Delay by',
};

/**
 * What to write for the step from one line being typed to the next, and for what happened meanwhile. News never stand in
 * the middle of that line: it is ended before them, and begun again behind them.
 */
export function spoken(before: Prompt, after: Prompt, news: readonly string[]): string {
  if (news.length === 0) return echo(before, after);
  const told = news.map((line) => `${line}\n`).join('');
  if (before.kind === 'none') return `${told}${echo(before, after)}`;
  const problem = newProblem(before, after);
  return `\n${told}${problem === undefined ? '' : `${problem}\n`}${echo({ kind: 'none' }, after)}`;
}

/** So that the line on the terminal becomes that of `after`. */
function echo(before: Prompt, after: Prompt): string {
  if (after.kind === 'none') return before.kind === 'none' ? '' : '\n';
  const now = safe(after.editor.text);
  if (before.kind === 'none' || before.kind !== after.kind) return `${LABELS[after.kind]}: ${now}`;
  const problem = newProblem(before, after);
  if (problem !== undefined) return `\n${problem}\n${now}`;
  const was = safe(before.editor.text);
  if (now === was) return '';
  return now.startsWith(was) ? now.slice(was.length) : `\n${now}`;
}

function newProblem(before: Prompt, after: Prompt): string | undefined {
  const now = problemOf(after);
  return now === undefined || now === problemOf(before) ? undefined : safe(now);
}

function problemOf(prompt: Prompt): string | undefined {
  return prompt.kind === 'none' || prompt.kind === 'filter' ? undefined : prompt.problem;
}
