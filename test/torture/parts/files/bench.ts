/** Has files read by the program, and looks at what came of it. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { realClock, sleep } from '../../../../src/kernel/index.js';
import type { PartContext, Tally } from '../../part.js';
import { Count } from '../../support/count.js';
import { type Measured, runMeasured } from '../../support/measured.js';
import { cleanEnv, copyProgram, PtyProgram } from '../../support/programs.js';
import { bytes, type FileCase } from './case.js';
import { judge, LIMIT_MS } from './judge.js';
import { EVENT, GOOD, type LogCase } from './log-lines.js';

/** A program that has not ended by then hangs, whatever else the machine does. */
const HANGS_MS = 20_000;
/** Bytes of a file that is sent through a pipe, too. */
const MOST_PIPED = 64 << 20;

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

export class Bench {
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
      const expect = file.expect === 'fine' ? 'fine' : 'either';
      problems.push(...(await this.#command(asked, cwd, { ...file, expect })).problems);
      if (index % 4 === 0) problems.push(...(await this.#piped(file, path, cwd)));
      if (file.dashboard === true) problems.push(...(await this.#dashboard(path, cwd)));
      return problems;
    });
  }

  /** The same log through standard input. */
  async #piped(file: LogCase, path: string, cwd: string): Promise<string[]> {
    if (!isPlainFile(path)) return [];
    const { run, problems } = await this.#command(['trace', 'req-2', '--json', '-'], cwd, file, readFileSync(path));
    if (file.unchanged !== true || isDeepStrictEqual(parsed(run.stdout), await this.#cleanTrace())) return problems;
    // A rotated log's older parts are not in it.
    return file.name.startsWith('rotated') ? problems : [...problems, 'tells another story of req-2 through a pipe'];
  }

  /** Opens it on a terminal, presses keys, and closes it. */
  async #dashboard(path: string, cwd: string): Promise<string[]> {
    this.#commands++;
    const dash = new PtyProgram(this.#program, ['dash', path], { cwd, env: this.#env });
    for (const key of [
      '',
      '',
      '',
      '1',
      '2',
      '3',
      '\r',
      'j',
      'j',
      'l',
      '\u001b',
      '4',
      '5',
      'g',
      '\r',
      '\u001b',
      '{',
      '[',
      '}',
      'e',
      'o',
      'q',
    ]) {
      dash.type(key);
      await sleep(realClock, 150);
    }
    const ended = await dash.within(HANGS_MS);
    if (ended === undefined) return ['dash: it did not end'];
    // A log without records of ours is told of, and there is no dashboard.
    const fine = ended.code === 0 || (ended.code === 1 && dash.output.includes('no records'));
    return fine ? [] : [`dash: ended with ${ended.code ?? ended.signal}: ${JSON.stringify(dash.output.slice(-300))}`];
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

  async #command(
    args: readonly string[],
    cwd: string,
    file: FileCase,
    stdin: Uint8Array | string = '',
  ): Promise<{ run: Measured; problems: string[] }> {
    this.#commands++;
    let run = await this.#once(args, cwd, stdin);
    for (let again = 0; again < 2 && run.wallMs > wallLimit() && run.cpuMs <= LIMIT_MS; again++) {
      this.#repeated++;
      const next = await this.#once(args, cwd, stdin);
      if (next.wallMs < run.wallMs) run = next;
    }
    this.#slowest = Math.max(this.#slowest, run.cpuMs);
    this.#largest = Math.max(this.#largest, run.rssBytes);
    const problems = judge(file, run);
    if (run.wallMs > wallLimit() && problems.length === 0)
      problems.push(`took ${Math.round(run.wallMs)} ms three times`);
    return { run, problems: problems.map((problem) => `${args.slice(0, 3).join(' ').slice(0, 60)}: ${problem}`) };
  }

  #once(args: readonly string[], cwd: string, stdin: Uint8Array | string = ''): Promise<Measured> {
    return runMeasured(this.#context.root, this.#program, args, { cwd, env: this.#env, stdin, limit: HANGS_MS });
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

/** A file that may be read whole. */
function isPlainFile(path: string): boolean {
  try {
    const status = statSync(path);
    return status.isFile() && status.size <= MOST_PIPED;
  } catch {
    return false;
  }
}
