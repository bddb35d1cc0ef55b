/** From the first signal to the last closed file: how a command ends. */
import { type Clock, realClock } from '../kernel/index.js';
import type { ExitCode } from './context.js';
import { letGoOfGoneTerminals } from './gone-terminal.js';

/** Milliseconds that everything a command opened has to close, and that a command has to notice that it should end. */
const CLOSE_DEADLINE_MS = 5_000;
const NOTICE_DEADLINE_MS = 7_000;
/** How long a finished command may leave something open before the process ends all the same. */
const LINGER_MS = 1_000;

const SIGNAL_CODES = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGQUIT: 131,
  SIGTERM: 143,
} as const satisfies Record<string, ExitCode>;

export type EndingSignal = keyof typeof SIGNAL_CODES;

/** Why a command should end before its work is done. */
export type Ending =
  /** Nobody reads its output any more: no failure. */
  | { readonly kind: 'unread' }
  /** A signal, or what stands for one: Ctrl-C in the dashboard, a terminal that is gone. */
  | { readonly kind: 'signal'; readonly exitCode: ExitCode }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What a terminal that went away means, also where SIGHUP has not come yet. */
export const HUNG_UP: Ending = { kind: 'signal', exitCode: SIGNAL_CODES.SIGHUP };

export class Lifecycle {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #closers: (() => Promise<void> | void)[] = [];
  readonly #overdue: Promise<void>;
  #setOverdue = () => {};
  #ending: Ending | undefined;
  #asked = 0;

  constructor(clock: Clock = realClock) {
    this.#clock = clock;
    this.#overdue = new Promise((resolve) => {
      this.#setOverdue = resolve;
    });
  }

  /** Aborts when the command should end early. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the command should end early, if it should. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Milliseconds since the command was asked to end; 0 while it was not. */
  get sinceEnding(): number {
    return this.#ending === undefined ? 0 : this.#clock.now() - this.#asked;
  }

  /** Resolves when a command that should end has had its time; at once where it has nothing to close. */
  get overdue(): Promise<void> {
    return this.#overdue;
  }

  /** Calls `close` at the end, in reverse order of these calls. */
  onClose(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** Asks the command to end. The first reason counts. */
  end(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    this.#asked = this.#clock.now();
    process.once('exit', letGoOfGoneTerminals);
    // Decided before the command reacts, and done after it: nothing that fails here may keep it from ending.
    const isOverdue = this.#closers.length === 0;
    this.#controller.abort();
    if (isOverdue) this.#setOverdue();
    else this.#clock.setTimer(NOTICE_DEADLINE_MS, this.#setOverdue, { background: true });
  }

  /**
   * From now on these signals ask the command to end, and a second one ends the process at once; not a second SIGHUP,
   * because a terminal that goes away sends it twice (the shell passes it on, the system sends its own). Without this
   * call they end it as they end any process.
   */
  takeSignals(signals: readonly EndingSignal[]): void {
    for (const name of signals) {
      const exitCode = SIGNAL_CODES[name];
      const onSignal = () => {
        if (this.#ending === undefined) this.end({ kind: 'signal', exitCode });
        else if (name !== 'SIGHUP') process.exit(exitCode);
      };
      process.on(name, onSignal);
      this.onClose(() => void process.off(name, onSignal));
    }
  }

  /**
   * Closes all that was opened, last first. Gives up after five seconds.
   * @throws what the first failing closer threw, once all have been tried.
   */
  async close(): Promise<void> {
    if (this.#closers.length === 0) return;
    let giveUp = () => {};
    const deadline = new Promise<void>((resolve) => {
      giveUp = resolve;
    });
    const timer = this.#clock.setTimer(CLOSE_DEADLINE_MS, giveUp);
    let failure: { readonly error: unknown } | undefined;
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await Promise.race([close(), deadline]);
      } catch (error) {
        failure ??= { error };
      }
    }
    timer.cancel();
    if (failure !== undefined) throw failure.error;
  }

  /** Ends the process: by itself where nothing is open, at once after an early end, soon otherwise. */
  exit(code: ExitCode): void {
    process.exitCode = code;
    if (this.#ending !== undefined) process.exit();
    if (process.getActiveResourcesInfo().length === 0) return;
    this.#clock.setTimer(LINGER_MS, () => process.exit(), { background: true });
  }
}
