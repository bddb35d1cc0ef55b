/** Programs that the parts start, read and end: with pipes, or on a pseudo-terminal. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type IPty, spawn as spawnPty } from '@lydell/node-pty';

/** Characters of a program's output that are kept. */
const KEPT = 64 * 1024;

export interface Ended {
  /** `null` after a signal. */
  readonly code: number | null;
  readonly signal: string | null;
}

export interface StartOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Options for Node.js, such as `--import`. */
  readonly node?: readonly string[];
  readonly uid?: number;
  /** In a session of its own, without a controlling terminal. */
  readonly detached?: boolean;
  /** A program that becomes the one to be started, with its options: `['prlimit', '--fsize=4096']`. */
  readonly through?: readonly string[];
  /** An open file for standard output. */
  readonly stdout?: number;
  /** Gets every piece of standard output, or of what a pseudo-terminal shows. Left out, its end is kept in `stdout`. */
  readonly onOutput?: (text: string) => void;
}

/** An environment without anything of the caller's that changes what the program does. */
export function cleanEnv(home: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: home, XDG_RUNTIME_DIR: home, LANG: 'C.UTF-8', ...extra };
}

/** Copies the built program, so that a build meanwhile cannot change what is tested. Gives the path of its launcher. */
export function copyProgram(root: string, to: string): string {
  for (const folder of ['bin', 'dist', 'scenarios']) cpSync(join(root, folder), join(to, folder), { recursive: true });
  return join(to, 'bin/cf-bus.js');
}

const alive = new Set<ChildProcess>();
// A part that failed half-way must not leave programs behind.
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** A program with pipes. */
export class Program {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';
  isOver = false;

  constructor(file: string, args: readonly string[], options: StartOptions) {
    const stdio: StdioOptions = ['ignore', options.stdout ?? 'pipe', 'pipe'];
    const [command = process.execPath, ...before] = [...(options.through ?? []), process.execPath];
    this.#child = spawn(command, [...before, ...(options.node ?? []), file, ...args], {
      detached: options.detached ?? false,
      cwd: options.cwd,
      env: { ...options.env },
      stdio,
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    alive.add(this.#child);
    const keep = (text: string) => (this.stdout = (this.stdout + text).slice(-KEPT));
    this.#child.stdout?.setEncoding('utf8').on('data', options.onOutput ?? keep);
    this.#child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => (this.stderr = (this.stderr + text).slice(-KEPT)));
    this.ended = new Promise((resolve) => {
      const over = (code: number | null, signal: string | null) => {
        this.isOver = true;
        alive.delete(this.#child);
        resolve({ code, signal });
      };
      this.#child.on('close', over);
      this.#child.on('error', (error) => {
        this.stderr += error.message;
        over(null, null);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.isOver) this.#child.kill(signal);
  }

  /** How it ended; a program that takes longer than `limit` milliseconds is killed, and `undefined` given. */
  async within(limit: number): Promise<Ended | undefined> {
    const ended = await within(this.ended, limit);
    if (ended === undefined) {
      this.kill('SIGKILL');
      await this.ended;
    }
    return ended;
  }
}

/** A program on a pseudo-terminal; what it draws is read, as a terminal would, and its end is kept. */
export class PtyProgram {
  readonly #pty: IPty;
  readonly ended: Promise<Ended>;
  output = '';
  bytes = 0;
  isOver = false;

  constructor(file: string, args: readonly string[], { cwd, env, node = [], onOutput }: StartOptions) {
    this.#pty = spawnPty(process.execPath, [...node, file, ...args], {
      name: 'xterm-256color',
      cols: 120,
      rows: 36,
      cwd,
      env: { ...env, TERM: 'xterm-256color' },
    });
    this.#pty.onData((text) => {
      this.bytes += text.length;
      this.output = (this.output + text).slice(-KEPT);
      onOutput?.(text);
    });
    this.ended = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.isOver = true;
        resolve({ code: signal ? null : exitCode, signal: signal ? String(signal) : null });
      });
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  type(text: string): void {
    if (!this.isOver) this.#pty.write(text);
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.isOver) this.#pty.kill(signal);
  }

  async within(limit: number): Promise<Ended | undefined> {
    const ended = await within(this.ended, limit);
    if (ended === undefined) {
      this.kill('SIGKILL');
      await this.ended;
    }
    return ended;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What `promise` gives, or `undefined` after `limit` milliseconds. */
export async function within<T>(promise: Promise<T>, limit: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limit);
  });
  const result = await Promise.race([promise, late]);
  clearTimeout(timer);
  return result;
}

/** The first value that `look` gives which is not `undefined`; `undefined` after `limit` milliseconds. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  limit: number,
): Promise<T | undefined> {
  const deadline = performance.now() + limit;
  for (;;) {
    const found = await look();
    if (found !== undefined || performance.now() > deadline) return found;
    await pause(20);
  }
}
