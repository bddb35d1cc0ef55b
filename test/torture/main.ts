/** The torture tests' program: chooses parts, runs one after the other, prints a table, writes RESULTS.md. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { chooseSeed, seededRandom } from '../../src/kernel/index.js';
import type { Effort, Part, Tally } from './part.js';
import { parts } from './parts/index.js';
import { describe, type Result, writeResults } from './results.js';

const SHOWN_FAILURES = 20;
const USAGE = `npm run torture -- [--seed N] [--only NAME[,NAME…]] [--short | --long] [--no-write] [--all]
parts: ${parts.map(({ name }) => name).join(', ')}
--short: what CI runs, under three minutes. --long: hours. Only a full run writes RESULTS.md.
--all: shows all failures, not the first ${SHOWN_FAILURES} of a part alone.`;

interface Wishes {
  readonly effort: Effort;
  readonly seed: number;
  readonly chosen: readonly Part[];
  readonly write: boolean;
  /** Failures that are shown of a part. */
  readonly shown: number;
}

export async function main(args: readonly string[]): Promise<void> {
  const wishes = read(args);
  if (wishes === undefined) {
    process.exitCode = 2;
    return;
  }
  const { effort, seed, chosen } = wishes;
  console.log(`torture, ${effort}, seed ${seed}; the same again: npm run torture -- --seed ${seed}`);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const results: Result[] = [];
  for (const part of chosen) {
    if (stop.signal.aborted) break;
    results.push(await runPart(part, wishes, stop.signal));
    const last = results.at(-1);
    if (last !== undefined) report(last, wishes.shown);
  }
  console.log(`\n${describe(results)}`);
  if (wishes.write && !stop.signal.aborted) await writeResults(results, seed, effort);
  if (stop.signal.aborted || results.some(({ tally }) => tally.failures.length > 0)) process.exitCode = 1;
}

function read(args: readonly string[]): Wishes | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        seed: { type: 'string' },
        only: { type: 'string' },
        short: { type: 'boolean', default: false },
        long: { type: 'boolean', default: false },
        write: { type: 'boolean', default: true },
        all: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const seed = values.seed === undefined ? chooseSeed() : Number(values.seed);
    if (!Number.isSafeInteger(seed)) throw new Error(`--seed takes a whole number, not "${values.seed}"`);
    if (values.short && values.long) throw new Error('--short and --long exclude each other');
    const names = values.only?.split(',');
    const unknown = names?.find((name) => parts.every((part) => part.name !== name));
    if (unknown !== undefined) throw new Error(`there is no part "${unknown}"`);
    const effort = values.short ? 'short' : values.long ? 'long' : 'full';
    const chosen = parts.filter(({ name }) => names === undefined || names.includes(name));
    const shown = values.all ? Number.POSITIVE_INFINITY : SHOWN_FAILURES;
    return { effort, seed, chosen, shown, write: values.write && effort !== 'short' };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return undefined;
  }
}

async function runPart(part: Part, { effort, seed }: Wishes, signal: AbortSignal): Promise<Result> {
  const scratch = await mkdtemp(join(tmpdir(), 'cfb-t-'));
  const started = performance.now();
  let tally: Tally;
  try {
    tally = await part.run({
      effort,
      seed,
      random: seededRandom(seed).fork(part.name),
      // The program lies in node_modules/.cache/cf-bus-torture.
      root: resolve(import.meta.dirname, '../../..'),
      scratch,
      signal,
      progress: (done, of) => {
        if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${part.name}: ${done} of ${of}`);
      },
    });
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tally = { tried: 0, survived: 0, lost: 0, figures: [], failures: [`the test itself failed: ${text}`] };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { part, tally, seconds: (performance.now() - started) / 1000 };
}

function report({ part, tally, seconds }: Result, shown: number): void {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  const verdict = tally.failures.length === 0 ? 'ok    ' : 'FAILED';
  console.log(`${verdict}  ${part.name}: ${tally.survived} of ${tally.tried} ${part.unit}, ${seconds.toFixed(1)} s`);
  for (const failure of tally.failures.slice(0, shown)) console.log(`        ${failure}`);
  if (tally.failures.length > shown) console.log(`        … ${tally.failures.length - shown} more, with --all`);
}
