/**
 * Makes one call fail: the first, the second, the third… call of a file, a socket or a timer, until a command makes no
 * more of them. Whatever fails, the command ends within five seconds of its usual time, with an exit code of the contract
 * and a sentence instead of a stack trace; nothing that was acknowledged is lost, and nothing is claimed that is not so.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { bundle } from '../../bundle.mjs';
import type { Part, PartContext, Tally } from '../../part.js';
import { copyProgram } from '../../support/programs.js';
import { type FaultKind, type FaultMode, type FaultWish, wishText } from './calls.js';
import { argsOf, CASES, type Case, type Expected, splitLog, writeInputs } from './cases.js';
import { type Outcome, Place } from './place.js';
import { commonProblems, LIMIT_MS } from './problems.js';

const WORKERS = 2;
/** Programs of each case in the short form. */
const SHORT_RUNS = 4;
/** Calls may be more than in the run without faults. */
const SLACK = 2;
/** So large that it gets an index, with more blocks than half a word of it has bits. */
const BIG_LOG_BYTES = 12 * 1024 * 1024;
const WAYS: readonly (readonly [FaultKind, FaultMode])[] = [
  ['file', 'error'],
  ['file', 'partial'],
  ['socket', 'error'],
  ['timer', 'error'],
  ['timer', 'late'],
];

export const faults: Part = {
  name: 'faults',
  promise: 'whichever call of a file, socket or timer fails: no hang, no stack trace, nothing acknowledged is lost',
  unit: 'calls that failed',
  run,
};

/** A case, how it goes when nothing fails, how long that takes, and how many calls it makes. */
interface Known extends Expected {
  readonly of: Case;
  readonly usualMs: number;
  readonly counts: Readonly<Record<string, number>>;
}

interface Attempt {
  readonly of: Known;
  readonly wish: FaultWish;
}

interface Count {
  tried: number;
  lost: number;
  slowest: number;
  readonly codes: Map<string, number>;
  readonly failures: string[];
}

async function run({ effort, root, scratch, random, signal, progress }: PartContext): Promise<Tally> {
  const inject = pathToFileURL(await bundle('parts/faults/inject.ts')).href;
  // In the project, because the shipped scenarios are found by the package.json above them.
  const program = mkdtempSync(join(root, 'node_modules/.cache/cf-bus-torture/program-'));
  const launcher = copyProgram(root, program);
  const places = Array.from(
    { length: WORKERS },
    (_, index) => new Place(join(scratch, String(index)), launcher, inject),
  );
  const count: Count = { tried: 0, lost: 0, slowest: 0, codes: new Map(), failures: [] };
  try {
    const known = await explore(places);
    const chosen = attempts(known, effort === 'short' ? (all) => sample(all, SHORT_RUNS, random.next) : (all) => all);
    let next = 0;
    await Promise.all(
      places.map(async (place) => {
        for (let each = chosen[next++]; each !== undefined && !signal.aborted; each = chosen[next++]) {
          progress(next, chosen.length);
          await attempt(place, each, count);
        }
      }),
    );
  } finally {
    await Promise.all(places.map((place) => place.close()));
    rmSync(program, { recursive: true, force: true });
  }
  const codes = [...count.codes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, times]) => `${times} × ${code}`);
  return {
    tried: count.tried,
    survived: count.tried - count.failures.length,
    lost: count.lost,
    figures: [
      ['commands', String(CASES.length)],
      ['exit codes', codes.join(', ')],
      ['most beyond its usual time', `${(count.slowest / 1_000).toFixed(1)} s`],
    ],
    failures: count.failures,
  };
}

/** Runs every case without a fault in the first place, and makes the others like it. */
async function explore([first, ...others]: readonly Place[]): Promise<readonly Known[]> {
  if (first === undefined) return [];
  const known: Known[] = [];
  mkdirSync(first.folder, { recursive: true });
  writeInputs(first);
  await first.openHost();
  for (const each of CASES) {
    const { outcome, problems } = await runOnce(first, each, undefined, undefined);
    if (outcome.report === undefined || problems.length > 0) {
      throw new Error(`${each.name} fails without a fault: ${problems.join('; ')} ${outcome.stderr}`);
    }
    const files = new Map([['virtual.log', first.read('virtual.log')]]);
    known.push({ of: each, stdout: outcome.stdout, files, usualMs: outcome.ms, counts: outcome.report.counts });
    if (each === CASES[0]) makeLogs(first);
  }
  for (const other of others) {
    // Its own session it gets later, and its own log.
    const isShared = (path: string) => !/host\.log$|\/cf-bus$/.test(path) || path.includes('.cache');
    cpSync(first.folder, other.folder, { recursive: true, filter: isShared });
    await other.openHost();
  }
  return known;
}

/** Logs to read, of the virtual run. */
function makeLogs(place: Place): void {
  splitLog(place);
  const text = place.read('virtual.log');
  const others = text.replaceAll('"job-', '"other-');
  const half = others.repeat(Math.ceil(BIG_LOG_BYTES / others.length / 2));
  // In the second half, and before the end, which an index leaves out.
  writeFileSync(place.path('big.log'), half + others + text + half);
}

/** What `choose` takes of each case's calls. */
function attempts(
  known: readonly Known[],
  choose: (all: readonly Attempt[]) => readonly Attempt[],
): readonly Attempt[] {
  return known.flatMap((of) => {
    const all = WAYS.flatMap(([kind, mode]) => {
      const calls = of.counts[`${kind} ${mode}`] ?? 0;
      const length = calls === 0 ? 0 : calls + SLACK;
      return Array.from({ length }, (_, index): Attempt => ({ of, wish: { kind, mode, which: index + 1 } }));
    });
    return choose(all);
  });
}

/** Some of `all`, in their order. */
function sample<T>(all: readonly T[], size: number, next: () => number): readonly T[] {
  const step = all.length / size;
  return Array.from({ length: size }, (_, index) => all[Math.floor((index + next()) * step)]).flatMap(
    (each) => each ?? [],
  );
}

async function attempt(place: Place, { of, wish }: Attempt, count: Count): Promise<void> {
  let { outcome, problems } = await runOnce(place, of.of, wish, of);
  // On a machine that others use, one that was late is asked again.
  if (outcome.ended === undefined) ({ outcome, problems } = await runOnce(place, of.of, wish, of));
  if (outcome.report?.hit === undefined && outcome.ended !== undefined) return;
  count.tried++;
  count.slowest = Math.max(count.slowest, outcome.ms - of.usualMs);
  const code = String(outcome.ended?.code ?? outcome.ended?.signal ?? 'killed');
  count.codes.set(code, (count.codes.get(code) ?? 0) + 1);
  if (problems.length === 0) return;
  count.lost += problems.filter((problem) => problem.startsWith('LOST')).length;
  const said = outcome.stderr.trim().slice(0, 400).replaceAll('\n', ' | ');
  const what = `${wishText(wish)} (${outcome.report?.hit ?? '?'})`;
  count.failures.push(`${of.of.name}: ${what}: exit ${code}: ${problems.join('; ')} [${said}]`);
}

async function runOnce(place: Place, of: Case, wish: FaultWish | undefined, known: Known | undefined) {
  of.prepare(place);
  const begin = performance.now();
  const program = place.start(argsOf(of, place), wish);
  const limit = (known?.usualMs ?? LIMIT_MS) + LIMIT_MS;
  const [ended, noted] = await Promise.all([program.within(limit), of.during?.(place, program) ?? []]);
  const { stdout, stderr } = program;
  const outcome: Outcome = { ended, ms: performance.now() - begin, stdout, stderr, report: place.report() };
  const expected = known ?? { stdout, files: new Map([['virtual.log', place.read('virtual.log')]]) };
  const problems = [
    ...commonProblems(of, outcome, wish),
    ...of.judge(place, outcome, expected, noted),
    ...(await place.leftOvers()).map((name) => `it left ${name} behind`),
  ];
  return { outcome, problems };
}
