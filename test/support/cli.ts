/** Runs the program as users do: a process of its own, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const BIN = fileURLToPath(new URL('../../bin/cf-bus.js', import.meta.url));
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What to write to standard input before closing it; left out, it is empty. */
  readonly stdin?: string;
  /** Milliseconds until the process is killed and the test fails. */
  readonly timeout?: number;
}

export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; `null` after a signal. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** An empty folder that is removed when the test ends. Its path is short enough for a socket. */
export function tempDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'cfb-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Runs `cf-bus` to its end. */
export function cfBus(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCfBus(args, options).result;
}

/** Starts `cf-bus`; it is killed when the test ends, if it still runs then. */
export function startCfBus(args: readonly string[], options: CliOptions = {}): RunningCli {
  const cwd = options.cwd ?? tempDir();
  const running = new RunningCli(
    spawn(process.execPath, [BIN, ...args], { cwd, env: cleanEnv(cwd, options.env), stdio: 'pipe' }),
    `cf-bus ${args.join(' ')}`,
    options.timeout ?? 30_000,
  );
  onTestFinished(() => running.kill('SIGKILL'));
  if (options.stdin !== undefined) running.write(options.stdin);
  running.endInput();
  return running;
}

/** An environment without anything of the developer's that changes what the program does. */
export function cleanEnv(home: string, extra: CliOptions['env'] = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: home, LANG: 'C.UTF-8', ...extra };
}

export class RunningCli {
  readonly result: Promise<CliResult>;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess, label: string, timeout: number) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(() => (this.stdout += text)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#take(() => (this.stderr += text)));
    // The program may end before it has read what is sent to it.
    child.stdin?.on('error', () => {});
    this.result = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`${label} did not end in ${timeout} ms\nstdout: ${this.stdout}\nstderr: ${this.stderr}`));
      }, timeout);
      child.on('error', reject);
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        resolve({ stdout: this.stdout, stderr: this.stderr, code, signal });
        this.#take(() => {});
      });
    });
    // A test that waits for output learns of the failure there.
    this.result.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when `pattern` has appeared on standard output (or on `stream`); rejects when the program ends without it. */
  waitFor(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this[stream]);
        if (match === null) return;
        this.#watchers.delete(look);
        resolve(match);
      };
      this.#watchers.add(look);
      look();
      const give = (why: string) => reject(new Error(`${why} without ${pattern}\n${this.stdout}\n${this.stderr}`));
      this.result.then(
        ({ code, signal }) => give(`ended (${code ?? signal})`),
        () => give('did not end in time'),
      );
    });
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Stops reading what the program prints, as `| head` does once it has enough. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  #take(change: () => void): void {
    change();
    for (const look of [...this.#watchers]) look();
  }
}
