/** Whether what a command did with a hostile file is one clear error or a result, in time and in memory. */
import type { Measured } from '../../support/measured.js';
import { activeIn } from '../../support/terminal-bytes.js';
import type { FileCase } from './case.js';

export const LIMIT_MS = 2_000;
export const LIMIT_BYTES = 200 << 20;
/** What a person can take in: twenty mistakes with their lines. */
const MAX_ERROR_CHARACTERS = 20_000;

/** What only a program that fell over its own feet prints. */
const FALLEN =
  /\n\s+at .+:\d+:\d+|node:internal|this should not have happened|Uncaught|Unhandled|out of memory|Warning:|\[object Object\]|undefined is not|is not a function/;

/** What is wrong with how a command ended and what it printed. */
export function problemsOf({ stdout, stderr, code, signal, killed, cpuMs, rssBytes }: Measured): string[] {
  if (killed !== undefined) return [killed];
  const problems: string[] = [];
  if (signal !== null) problems.push(`died of ${signal}`);
  else if (code !== 0 && code !== 1 && code !== 2) problems.push(`exit code ${code}`);
  const fallen = FALLEN.exec(`\n${stdout}\n${stderr}`);
  if (fallen !== null) problems.push(`printed ${JSON.stringify(fallen[0])}`);
  for (const text of [stdout, stderr]) {
    // CSV ends its lines with CR LF.
    const active = activeIn(text.replaceAll('\r\n', '\n'));
    if (active !== undefined) problems.push(`prints ${active}`);
  }
  if (code === 2 && `${stdout}${stderr}`.trim() === '') problems.push('refused without a word');
  if (code === 2 && stderr.length > MAX_ERROR_CHARACTERS) problems.push(`an error of ${stderr.length} characters`);
  if (cpuMs > LIMIT_MS) problems.push(`took ${Math.round(cpuMs)} ms of processor time`);
  if (rssBytes > LIMIT_BYTES) problems.push(`took ${Math.round(rssBytes / (1 << 20))} MiB`);
  return problems;
}

/** The same, and whether it is what the case expects. */
export function judge({ expect, says }: FileCase, run: Measured): string[] {
  const problems = problemsOf(run);
  if (problems.length > 0) return problems;
  const { code, stdout, stderr } = run;
  if (expect === 'refused' && code !== 2) problems.push(`was not refused (exit code ${code}): ${first(run)}`);
  if (expect === 'fine' && code === 2) problems.push(`was refused: ${first(run)}`);
  if (says !== undefined && !says.test(`${stdout}\n${stderr}`)) problems.push(`does not say ${says}: ${first(run)}`);
  return problems;
}

function first({ stdout, stderr }: Measured): string {
  return JSON.stringify(`${stderr}${stdout}`.trim().slice(0, 200));
}
