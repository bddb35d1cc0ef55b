/**
 * A program on a pseudo-terminal, started by a shell with job control, as people start it: the shell stops and continues
 * it, tells its exit code, and looks at the terminal (`stty -a`) before, at each stop, and afterwards.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IPty, spawn } from '@lydell/node-pty';
import { until } from '../../support/programs.js';

// Without the trap the shell, too, ends where SIGINT ends the program.
const BEGIN = `
trap : INT
stty -a > before
/bin/sh -c 'echo $$ > pid.tmp; mv pid.tmp pid; cd "$0"; exec "$@" 2> errors' "$@"
code=$?
`;
// No loop: bash leaves it when a job is stopped in there.
const CONTINUE = (stop: number) => `
if [ -n "$(jobs -p)" ]; then
  stty -a > stop.tmp
  mv stop.tmp stop.${stop}
  until [ -e go.${stop} ]; do sleep 0.02; done
  fg > /dev/null 2>&1
  code=$?
  # Continued from outside, it may have ended before that.
  if [ "$code" = 1 ]; then wait "$(cat pid)"; ended=$?; [ "$ended" = 127 ] || code=$ended; fi
fi
`;
const MOST_STOPS = 8;
const END = `
echo "$code" > code.tmp
stty -a > after
mv code.tmp code
`;

/** What the dashboard switches, by the number of the private mode, and how a shell has it. */
const MODES: readonly (readonly [mode: number, what: string, shell: boolean])[] = [
  [1049, 'the alternate screen', false],
  [25, 'the cursor', true],
  [7, 'line wrapping', true],
  [2004, 'pasting in brackets', false],
  [2026, 'synchronised output', false],
];
const START_MS = 15_000;
/** What the terminal has not been given by then does not come any more. */
const SETTLE_MS = 1_500;

export class TerminalHost {
  readonly #folder: string;
  readonly #cwd: string;
  readonly #pty: IPty;
  output = '';
  #stops = 0;
  #over = false;

  /** @param folder is made, for what the shell writes down. */
  constructor(
    folder: string,
    cwd: string,
    command: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ) {
    mkdirSync(folder);
    this.#folder = folder;
    this.#cwd = cwd;
    const stops = Array.from({ length: MOST_STOPS }, (_, index) => CONTINUE(index + 1));
    writeFileSync(join(folder, 'shell.sh'), [BEGIN, ...stops, END].join(''));
    this.#pty = spawn('bash', ['--norc', '--noprofile', '-m', 'shell.sh', cwd, ...command], {
      name: 'xterm-256color',
      cols: 120,
      rows: 36,
      cwd: folder,
      env: { ...env, TERM: 'xterm-256color' },
    });
    this.#pty.onData((text) => {
      this.output += text;
    });
    this.#pty.onExit(() => {
      this.#over = true;
    });
  }

  /** The program's own process id, once it has one. */
  async pid(): Promise<number> {
    const text = await until(() => this.#read('pid'), START_MS);
    return Number(text ?? 0);
  }

  type(text: string): void {
    if (!this.#over) this.#pty.write(text);
  }

  resize(columns: number, rows: number): void {
    if (!this.#over) this.#pty.resize(columns, rows);
  }

  /** Takes the terminal away, as closing its window does. */
  hangUp(): void {
    const pty: object = this.#pty;
    if ('destroy' in pty && typeof pty.destroy === 'function') pty.destroy();
  }

  /** The exit code as the shell has it, once the program has ended. */
  get code(): number | undefined {
    const text = this.#read('code');
    return text === undefined ? undefined : Number(text);
  }

  /** Whether the program has been stopped once more. */
  get stopped(): boolean {
    return existsSync(join(this.#folder, `stop.${this.#stops + 1}`));
  }

  /** Looks at the terminal while the program is stopped, and has the shell continue it (`fg`). */
  async goOn(): Promise<string[]> {
    this.#stops++;
    const problems = await this.#wrong(`stop.${this.#stops}`);
    writeFileSync(join(this.#folder, `go.${this.#stops}`), '');
    return problems.map((problem) => `stopped: ${problem}`);
  }

  /** What of the terminal is not as it was, now that the program has ended. */
  afterwards(): Promise<string[]> {
    return this.#wrong('after');
  }

  /** Ends the shell, and what is left of the program. */
  /** What the program wrote on standard error. */
  get errors(): string {
    const file = join(this.#cwd, 'errors');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  dispose(): void {
    if (!this.#over) this.#pty.kill('SIGKILL');
  }

  async #wrong(when: string): Promise<string[]> {
    const [before, now] = [this.#settings('before'), this.#settings(when)];
    const found = before === now ? [] : [`stty -a was ${before} and is ${now}`];
    // What was written last is still on its way through the pseudo-terminal.
    await until(() => (wrongModes(this.output).length === 0 ? true : undefined), SETTLE_MS);
    return [...found, ...wrongModes(this.output)];
  }

  /** What `stty -a` told, but for the size of the window. */
  #settings(name: string): string {
    return (this.#read(name) ?? 'not told').replace(/(?:rows|columns) \d+; /g, '').trim();
  }

  #read(name: string): string | undefined {
    try {
      return readFileSync(join(this.#folder, name), 'utf8');
    } catch {
      return undefined;
    }
  }
}

/** Modes that the last word in `output` leaves otherwise than a shell has them. */
function wrongModes(output: string): string[] {
  return MODES.flatMap(([mode, what, shell]) => {
    const on = output.lastIndexOf(`\u001b[?${mode}h`);
    const off = output.lastIndexOf(`\u001b[?${mode}l`);
    const isOn = on === off ? shell : on > off;
    return isOn === shell ? [] : [`${what} is left ${isOn ? 'on' : 'off'}`];
  });
}

export function isOver(pid: number): boolean {
  const state = stateOf(pid);
  return state === undefined || state === 'Z';
}

export function isStopped(pid: number): boolean {
  return stateOf(pid) === 'T';
}

/**
 * Milliseconds that the process was ready to run and had no processor: on a machine that is busy with other things that
 * is no fault of its own. 0 where the system does not tell.
 */
export function starvedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** The system's letter for what the process does. */
function stateOf(pid: number): string | undefined {
  try {
    return /^\d+ \(.*\) (.)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];
  } catch {
    return undefined;
  }
}
