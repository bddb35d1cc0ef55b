/** The run that gets the signals: what is done to it, and how it ends. */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Random } from '../../../../src/kernel/index.js';
import { between } from '../../support/looks.js';
import { pause, until } from '../../support/programs.js';
import { type Case, type EndingSignal, SIGNALS, type Step } from './cases.js';
import { PipeHost } from './pipe-host.js';
import { isOver, isStopped, starvedMs, TerminalHost } from './terminal-host.js';

export interface SubjectOptions {
  readonly bin: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Working directory; holds what the shell notes, too. */
  readonly folder: string;
  readonly log: string;
}

/** What the issue allows from the signal to the end. */
const LIMIT_MS = 5_000;
const GIVE_UP_MS = 15_000;
const LOOK_MS = 10;

export class Subject {
  readonly #case: Case;
  readonly #random: Random;
  readonly #log: string;
  readonly #host: TerminalHost | PipeHost;
  readonly terminal: TerminalHost | undefined;
  readonly problems: string[] = [];
  /** Codes that the run may end with. */
  readonly codes = new Set<number>();
  /** Parts of its log that were renamed, oldest first. */
  readonly rotated: string[] = [];
  pid = 0;
  /** When the first signal that ends the run was sent. */
  #sent: number | undefined;
  #starved = 0;
  #hungUp = false;

  constructor(the: Case, { bin, args, env, folder, log }: SubjectOptions, random: Random) {
    this.#case = the;
    this.#random = random;
    this.#log = log;
    if (the.host === 'pipe') this.#host = new PipeHost(folder, bin, args, env);
    else {
      this.terminal = new TerminalHost(join(folder, 'shell'), folder, [process.execPath, bin, ...args], env);
      this.#host = this.terminal;
    }
  }

  get errors(): string {
    return this.#host.errors;
  }

  get isOver(): boolean {
    return isOver(this.pid);
  }

  /** How it ended, as a shell tells it; `undefined` where its terminal went, and nobody could ask. */
  get code(): number | undefined {
    return this.#hungUp ? undefined : (this.#host.code ?? -1);
  }

  async start(): Promise<boolean> {
    this.pid = await this.#host.pid();
    return this.pid > 0;
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'signal':
        this.#ends(step.name);
        return this.#kill(step.name);
      case 'key':
        this.#ends(step.name);
        return this.terminal?.type(step.key);
      case 'hangUp':
        this.#hungUp = true;
        this.#ends('SIGHUP');
        return this.terminal?.hangUp();
      case 'stop':
        return this.#stop(step.typed);
      case 'blink':
        this.#kill('SIGTSTP');
        await pause(between(this.#random, 0, 30));
        return this.#kill('SIGCONT');
    }
  }

  /** Lets time pass; a run that is stopped meanwhile is continued. */
  async wait(ms: number): Promise<void> {
    await pause(ms);
    await this.#continue();
  }

  /**
   * Waits for its end, and for that of its shell. Gives the milliseconds since the first signal that ends it, without
   * those that it had no processor.
   */
  async end(): Promise<number> {
    if (this.#sent === undefined) await this.#surviveHangUp();
    const begun = this.#sent ?? performance.now();
    let starved = this.#starved;
    while (!this.#ended && performance.now() - begun < GIVE_UP_MS) {
      await pause(LOOK_MS);
      starved = Math.max(starved, starvedMs(this.pid));
      await this.#continue();
    }
    if (!this.#ended) this.problems.push('it still runs');
    const ms = performance.now() - begun - (starved - this.#starved);
    if (ms > LIMIT_MS) this.problems.push(`it took ${Math.round(ms)} ms to end`);
    if (this.terminal !== undefined && !this.#hungUp) this.problems.push(...(await this.terminal.afterwards()));
    return ms;
  }

  get #ended(): boolean {
    return this.#hungUp ? this.isOver : this.#host.code !== undefined;
  }

  dispose(): void {
    this.#host.dispose();
    if (this.pid > 0 && !this.isOver) this.#kill('SIGKILL');
  }

  #ends(name: EndingSignal): void {
    // Without a terminal it means that the log was rotated, once the run is that far.
    if (name === 'SIGHUP' && this.#case.host === 'pipe') {
      if (this.#case.moment === 'start') this.codes.add(128 + SIGNALS.SIGHUP);
      else this.#rotate();
      return;
    }
    if (this.#sent === undefined) this.#starved = starvedMs(this.pid);
    this.#sent ??= performance.now();
    this.codes.add(128 + SIGNALS[name]);
  }

  #rotate(): void {
    if (!existsSync(this.#log)) return;
    const old = `${this.#log}.${this.rotated.length + 1}`;
    renameSync(this.#log, old);
    this.rotated.push(old);
  }

  async #stop(typed: boolean): Promise<void> {
    const { terminal } = this;
    if (terminal === undefined) return;
    if (typed && this.#case.moment !== 'start') terminal.type('\u001a');
    else this.#kill('SIGTSTP');
    const stopped = await until(() => (terminal.stopped || terminal.code !== undefined ? true : undefined), LIMIT_MS);
    if (stopped === undefined) this.problems.push('it was not stopped');
    await this.#continue();
    // Whatever stops it next would be lost on one that is stopped still.
    await until(() => (isStopped(this.pid) ? undefined : true), LIMIT_MS);
  }

  async #continue(): Promise<void> {
    if (this.terminal?.stopped === true) this.problems.push(...(await this.terminal.goOn()));
  }

  /** After SIGHUP without a terminal the run goes on, in a new log; then it is ended. */
  async #surviveHangUp(): Promise<void> {
    if (this.#case.moment !== 'start') {
      const reopened = await until(() => (existsSync(this.#log) || this.isOver ? true : undefined), LIMIT_MS);
      if (reopened === undefined) this.problems.push('the log was not opened anew after SIGHUP');
      if (this.isOver && this.#case.moment !== 'drain') this.problems.push('SIGHUP ended a run without a terminal');
    }
    this.#ends('SIGTERM');
    this.#kill('SIGTERM');
  }

  #kill(signal: NodeJS.Signals): void {
    try {
      process.kill(this.pid, signal);
    } catch {
      // It is over.
    }
  }
}
