/** The line being typed, for screen readers: what is typed is echoed as it is typed, never drawn again. */
import { safe } from '../kernel/index.js';
import type { Prompt } from './model.js';

const LABELS: Readonly<Record<Exclude<Prompt['kind'], 'none'>, string>> = {
  filter: 'Filter',
  publish: 'Publish (event type, then payload)',
  delay: 'Delay by',
};

/** What to write so that the line on the terminal becomes that of `after`. */
export function echoPrompt(before: Prompt, after: Prompt): string {
  if (after.kind === 'none') return before.kind === 'none' ? '' : '\n';
  const now = safe(after.editor.text);
  if (before.kind === 'none' || before.kind !== after.kind) return `${LABELS[after.kind]}: ${now}`;
  const problem = after.kind === 'filter' ? undefined : after.problem;
  const old = before.kind === 'filter' ? undefined : before.problem;
  const told = problem !== undefined && problem !== old ? `\n${safe(problem)}\n${now}` : '';
  if (told !== '') return told;
  const was = safe(before.editor.text);
  if (now === was) return '';
  return now.startsWith(was) ? now.slice(was.length) : `\n${now}`;
}
