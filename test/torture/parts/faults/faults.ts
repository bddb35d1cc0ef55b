/**
 * Makes one call fail: the first, the second, the third… call of a file, a socket or a timer, until a command makes no
 * more of them. Whatever fails, the command ends within five seconds of its usual time, with an exit code of the contract
 * and a sentence instead of a stack trace; nothing that was acknowledged is lost, and nothing is claimed that is not so.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { bundle } from '../../bundle.mjs';
import type { Part, PartContext, Tally } from '../../part.js';
import { copyProgram } from '../../support/programs.js';
import type { FaultKind, FaultMode, FaultWish } from './calls.js';
import { argsOf, CASES, type Case, type Expected, splitLog, writeInputs } from './cases.js';
import { type Outcome, Place } from './place.js';
import { commonProblems, LIMIT_MS } from './problems.js';

const WORKERS = 2;
/** Programs in the short form. */
const SHORT_RUNS = 70;
/** Calls may be more than in the run without faults. */
const SLACK = 2;
const BIG_LOG_BYTES = 6 * 1024 * 1024;
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

interface Attempt {
  readonly of: Case;
  readonly wish: FaultWish;
}

/** A case, how it goes when nothing fails, and how long that takes. */
interface Known {
  readonly expected: Expected;
  readonly usualMs: number;
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
  const launcher = copyProgram(root, join(scratch, 'p'));
  const places = Array.from(
    { length: WORKERS },
    (_, index) => new Place(join(scratch, String(index)), launcher, inject),
  );
  const count: Count = { tried: 0, lost: 0, slowest: 0, codes: new Map(), failures: [] };
  try {
    const known = await Promise.all(places.map((place) => makeKnown(place)));
    const all = attempts(known[0]?.counts ?? new Map());
    const chosen = effort === 'short' ? sample(all, SHORT_RUNS, random.next) : all;
    let next = 0;
    await Promise.all(
      places.map(async (place, index) => {
        for (let each = chosen[next++]; each !== undefined && !signal.aborted; each = chosen[next++]) {
          progress(next, chosen.length);
          const how = known[index]?.known.get(each.of);
          if (how !== undefined) await attempt(place, each, how, count);
        }
      }),
    );
  } finally {
    await Promise.all(places.map((place) => place.close()));
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

/** Runs every case without a fault: gives what it shows, how long it takes, and how many calls it makes. */
async function makeKnown(place: Place) {
  mkdirSync(place.folder, { recursive: true });
  writeInputs(place);
  await place.openHost();
  const known = new Map<Case, Known>();
  const counts = new Map<Case, Readonly<Record<string, number>>>();
  for (const each of CASES) {
    const { outcome, problems } = await runOnce(place, each, undefined, undefined);
    const files = new Map([['virtual.log', place.read('virtual.log')]]);
    if (outcome.report === undefined || problems.length > 0) {
      throw new Error(`${each.name} fails without a fault: ${problems.join('; ')} ${outcome.stderr}`);
    }
    known.set(each, { expected: { stdout: outcome.stdout, files }, usualMs: outcome.ms });
    counts.set(each, outcome.report.counts);
    if (each === CASES[0]) makeLogs(place);
  }
  return { known, counts };
}

/** Logs to read, of the virtual run. */
function makeLogs(place: Place): void {
  splitLog(place);
  const text = place.read('virtual.log');
  const others = text.replaceAll('"job-', '"other-');
  writeFileSync(place.path('big.log'), text + others.repeat(Math.ceil(BIG_LOG_BYTES / others.length)));
}

function attempts(counts: ReadonlyMap<Case, Readonly<Record<string, number>>>): readonly Attempt[] {
  return [...counts].flatMap(([of, each]) =>
    WAYS.flatMap(([kind, mode]) => {
      const calls = each[`${kind} ${mode}`] ?? 0;
      return Array.from({ length: calls === 0 ? 0 : calls + SLACK }, (_, index) => ({
        of,
        wish: { kind, mode, n: index + 1 },
      }));
    }),
  );
}

/** Some of `all`, in their order. */
function sample<T>(all: readonly T[], size: number, next: () => number): readonly T[] {
  const step = all.length / size;
  return Array.from({ length: size }, (_, index) => all[Math.floor((index + next()) * step)]).flatMap(
    (each) => each ?? [],
  );
}

async function attempt(place: Place, { of, wish }: Attempt, known: Known, count: Count): Promise<void> {
  let { outcome, problems } = await runOnce(place, of, wish, known);
  // On a machine that others use, one that was late is asked again.
  if (outcome.ended === undefined) ({ outcome, problems } = await runOnce(place, of, wish, known));
  if (outcome.report?.hit === undefined && outcome.ended !== undefined) return;
  count.tried++;
  count.slowest = Math.max(count.slowest, outcome.ms - known.usualMs);
  const code = String(outcome.ended?.code ?? outcome.ended?.signal ?? 'killed');
  count.codes.set(code, (count.codes.get(code) ?? 0) + 1);
  if (problems.length === 0) return;
  count.lost += problems.filter((problem) => problem.startsWith('LOST')).length;
  const said = outcome.stderr.trim().slice(0, 400).replaceAll('\n', ' | ');
  const what = `${wish.kind} ${wish.mode} ${wish.n} (${outcome.report?.hit ?? '?'})`;
  count.failures.push(`${of.name}: ${what}: exit ${code}: ${problems.join('; ')} [${said}]`);
}

async function runOnce(place: Place, of: Case, wish: FaultWish | undefined, known: Known | undefined) {
  of.prepare(place);
  const begin = performance.now();
  const program = place.start(argsOf(of, place), wish);
  const limit = (known?.usualMs ?? LIMIT_MS) + LIMIT_MS;
  const [ended, noted] = await Promise.all([program.within(limit), of.during?.(place, program) ?? []]);
  const { stdout, stderr } = program;
  const outcome: Outcome = { ended, ms: performance.now() - begin, stdout, stderr, report: place.report() };
  const expected = known?.expected ?? { stdout, files: new Map([['virtual.log', place.read('virtual.log')]]) };
  const problems = [
    ...commonProblems(of, outcome, wish),
    ...of.judge(place, outcome, expected, noted),
    ...(await place.leftOvers()).map((name) => `it left ${name} behind`),
  ];
  return { outcome, problems };
}
