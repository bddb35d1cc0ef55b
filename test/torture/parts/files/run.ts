/** Makes the files, has them read, and tells what came of it. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../../../../src/kernel/index.js';
import type { PartContext, Tally } from '../../part.js';
import { Count } from '../../support/count.js';
import { inLanes } from '../../support/lanes.js';
import { type Measured, runMeasured } from '../../support/measured.js';
import { cleanEnv, copyProgram } from '../../support/programs.js';
import { bytes, type FileCase } from './case.js';
import { judge, LIMIT_MS } from './judge.js';
import { logCases } from './log-cases.js';
import { EVENT, GOOD, type LogCase } from './log-lines.js';
import { damaged, pick } from './mutate.js';
import { LOG_PIECES, SCENARIO_PIECES } from './pieces.js';
import { valueCases } from './scenario-values.js';
import { BASE, yamlCases } from './scenario-yaml.js';

const COUNTS = { short: 14, full: 420, long: 5_000 };
const LANES = 2;
/** A program that has not ended by then hangs, whatever else the machine does. */
const HANGS_MS = 20_000;

export async function run(context: PartContext): Promise<Tally> {
  const bench = new Bench(context);
  const count = COUNTS[context.effort];
  const scenarios = chosen([...yamlCases, ...valueCases], count, context.random.fork('scenarios'), (random) =>
    damagedScenario(random, context.root),
  );
  const logs = chosen<LogCase>(logCases, count, context.random.fork('logs'), damagedLog);
  const all = [
    ...scenarios.map((each) => () => bench.scenario(each)),
    ...logs.map((each, n) => () => bench.log(each, n)),
  ];
  let done = 0;
  await inLanes(all, LANES, context.signal, async (work) => {
    await work();
    context.progress(++done, all.length);
  });
  return bench.tally(scenarios.length, logs.length);
}

/** All of the list and as many more as are wanted; of a long list for a short run, a drawn part. */
function chosen<C extends FileCase>(
  list: readonly C[],
  count: number,
  random: Random,
  more: (random: Random) => C,
): C[] {
  if (count < list.length) {
    const ranked = list.map((each, index) => ({ each, rank: random.fork(String(index)).next() }));
    return ranked
      .sort((a, b) => a.rank - b.rank)
      .slice(0, count)
      .map(({ each }) => each);
  }
  return [...list, ...Array.from({ length: count - list.length }, (_, n) => more(random.fork(`damaged ${n}`)))];
}

const SAMPLES = ['index-pipeline', 'rag-query', 'failures', 'race', 'backpressure'];

function damagedScenario(random: Random, root: string): FileCase {
  const sample = pick(random, SAMPLES, 'hello');
  const text = random.next() < 0.2 ? BASE : readFileSync(join(root, `scenarios/${sample}.yaml`), 'utf8');
  return bytes(`${sample}, damaged`, 'either', damaged(Buffer.from(text), random, SCENARIO_PIECES));
}

function damagedLog(random: Random): LogCase {
  return bytes('a log, damaged', 'either', damaged(Buffer.from(GOOD), random, LOG_PIECES));
}

/** What a log is asked, in turn. */
const LOG_COMMANDS: readonly (readonly string[])[] = [
  ['trace', '--list'],
  ['stats'],
  ['tail', '--no-follow', '-n', '100'],
  ['trace', '--latest', '--format', 'waterfall'],
  ['diff', 'req-1', 'req-2', '--log'],
  ['why', EVENT, '--log'],
  ['capture', 'req-2', '--log'],
  ['trace', 'req-2', '--format', 'log', '--log'],
  ['trace', 'req-2', '--all', '--format', 'html', '--log'],
  ['trace', 'req-2', '--all', '--format', 'otlp', '--log'],
  ['trace', 'req-2', '--format', 'perfetto', '--log'],
  ['trace', 'req-2', '--format', 'mermaid', '--log'],
  ['trace', 'req-2', '--format', 'csv', '--log'],
  ['stats', '--json'],
  ['trace', '--list', '--json'],
];

class Bench {
  readonly #count = new Count();
  readonly #context: PartContext;
  readonly #program: string;
  readonly #env: Record<string, string>;
  #clean: Promise<unknown> | undefined;
  #folders = 0;
  #commands = 0;
  #slowest = 0;
  #largest = 0;
  #repeated = 0;

  constructor(context: PartContext) {
    this.#context = context;
    this.#program = copyProgram(context.root, join(context.scratch, 'program'));
    const home = join(context.scratch, 'home');
    mkdirSync(home);
    this.#env = cleanEnv(home);
  }

  async scenario(file: FileCase): Promise<void> {
    await this.#in(file, async (path, cwd) => {
      const checked = await this.#command(['check', path], cwd, file);
      if (checked.problems.length > 0) return checked.problems;
      const ran = await this.#command(['run', '--virtual', '--log', 'off', path], cwd, { ...file, expect: 'either' });
      const agree = (checked.run.code === 2) === (ran.run.code === 2);
      return agree ? ran.problems : [...ran.problems, `check says ${checked.run.code}, run ${ran.run.code}`];
    });
  }

  async log(file: LogCase, index: number): Promise<void> {
    await this.#in(file, async (path, cwd) => {
      const traced = await this.#command(['trace', 'req-2', '--json', '--', path], cwd, file);
      const problems = [...traced.problems];
      if (file.unchanged === true && !isDeepStrictEqual(parsed(traced.run.stdout), await this.#cleanTrace())) {
        problems.push('tells another story of req-2 than the log without these lines');
      }
      const words = LOG_COMMANDS[index % LOG_COMMANDS.length] ?? [];
      const asked = words.at(-1) === '--log' ? [...words.slice(0, -1), `--log=${path}`] : [...words, '--', path];
      const second = await this.#command(asked, cwd, { ...file, expect: file.expect === 'fine' ? 'fine' : 'either' });
      return [...problems, ...second.problems];
    });
  }

  tally(scenarios: number, logs: number): Tally {
    this.#count.figure('scenario files', scenarios);
    this.#count.figure('log files', logs);
    this.#count.figure('commands', this.#commands);
    this.#count.figure('most processor time', `${Math.round(this.#slowest)} ms`);
    this.#count.figure('most memory', `${Math.round(this.#largest / (1 << 20))} MiB`);
    this.#count.figure('tried again because the machine was busy', this.#repeated);
    return this.#count.tally();
  }

  /** Makes the file in a folder of its own, and notes what `work` found wrong. */
  async #in(file: FileCase, work: (path: string, cwd: string) => Promise<string[]>): Promise<void> {
    const folder = join(this.#context.scratch, String(this.#folders++));
    mkdirSync(folder);
    try {
      const problems = await work(file.make(folder), folder);
      const kept = problems.length > 0 && file.name.endsWith('damaged') ? `, kept as ${this.#keep(folder)}` : '';
      this.#count.add(`${file.name}${kept}`, problems);
    } finally {
      const locked = join(folder, 'locked');
      if (existsSync(locked)) chmodSync(locked, 0o700);
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** A damaged file has no name that would tell. */
  #keep(folder: string): string {
    const kept = join(this.#context.root, 'node_modules/.cache/cf-bus-torture/kept');
    mkdirSync(kept, { recursive: true });
    const path = join(kept, `${this.#context.seed}-${basename(folder)}`);
    copyFileSync(join(folder, 'file'), path);
    return path;
  }

  async #command(args: readonly string[], cwd: string, file: FileCase): Promise<{ run: Measured; problems: string[] }> {
    this.#commands++;
    let run = await this.#once(args, cwd);
    for (let again = 0; again < 2 && run.wallMs > wallLimit() && run.cpuMs <= LIMIT_MS; again++) {
      this.#repeated++;
      const next = await this.#once(args, cwd);
      if (next.wallMs < run.wallMs) run = next;
    }
    this.#slowest = Math.max(this.#slowest, run.cpuMs);
    this.#largest = Math.max(this.#largest, run.rssBytes);
    const problems = judge(file, run);
    if (run.wallMs > wallLimit() && problems.length === 0)
      problems.push(`took ${Math.round(run.wallMs)} ms three times`);
    return { run, problems: problems.map((problem) => `${args.slice(0, 3).join(' ').slice(0, 60)}: ${problem}`) };
  }

  #once(args: readonly string[], cwd: string): Promise<Measured> {
    return runMeasured(this.#context.root, this.#program, args, { cwd, env: this.#env, limit: HANGS_MS });
  }

  /** What `trace` tells of the good log. */
  #cleanTrace(): Promise<unknown> {
    this.#clean ??= (async () => {
      const folder = join(this.#context.scratch, 'clean');
      mkdirSync(folder);
      const path = bytes('clean', 'fine', GOOD).make(folder);
      return parsed((await this.#once(['trace', 'req-2', '--json', path], folder)).stdout);
    })();
    return this.#clean;
  }
}

/** Two seconds of a machine that is ours alone; as many times more as there are programs for each processor. */
function wallLimit(): number {
  return LIMIT_MS * (1 + (loadavg()[0] ?? 0) / availableParallelism());
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
