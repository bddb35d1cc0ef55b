/** What no command may do, whatever failed. */
import type { FaultWish } from './calls.js';
import type { Case } from './cases.js';
import type { Outcome } from './place.js';

/** Longer than its usual time by so many milliseconds is a hang. */
export const LIMIT_MS = 5_000;

const STACK = /^\s+at .*(?::\d+:\d+|\(native\)|<anonymous>)|node:internal|^Node\.js v\d/m;
const UNCAUGHT = /triggerUncaughtException|UnhandledPromiseRejection|^\s*throw /m;

export function commonProblems(
  of: Case,
  { ended, stdout, stderr, report }: Outcome,
  wish: FaultWish | undefined,
): string[] {
  const problems: string[] = [];
  if (ended === undefined) return [`it still ran ${LIMIT_MS / 1_000} s after its usual time`];
  const { code, signal } = ended;
  // A program whose work failed may be gone a moment before the signal that was to end it comes.
  if (code === null && !(signal === 'SIGINT' && of.codes.includes(130))) problems.push(`it was ended by ${signal}`);
  if (code !== null && code !== 3 && !of.codes.includes(code)) problems.push(`exit code ${code} is not true`);
  if (STACK.test(stderr) || STACK.test(stdout) || UNCAUGHT.test(stderr)) problems.push('it shows a stack trace');
  // Where standard error itself failed there is nothing to be said.
  const isMute = report?.hit !== undefined && / fd 2\b/.test(report.hit);
  if (code !== 0 && code !== 1 && code !== 130 && (stderr + stdout).trim() === '' && !isMute)
    problems.push('it says nothing of why');
  // A file or a socket that fails is the world's fault, and no bug to be reported.
  if (wish?.kind !== 'timer' && stderr.includes('this should not have happened')) {
    problems.push('it takes a fault of the system for a bug of its own');
  }
  return problems;
}
