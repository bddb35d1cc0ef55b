/** A program without a terminal, in a session of its own: as a service manager starts it. */
import { Program } from '../../support/programs.js';

export class PipeHost {
  readonly #program: Program;

  constructor(cwd: string, bin: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>) {
    this.#program = new Program(bin, args, { cwd, env, detached: true, onOutput: () => {} });
    void this.#program.ended.then(({ code, signal }) => {
      this.#code = code ?? NUMBERS.get(signal ?? '') ?? -1;
    });
  }

  #code: number | undefined;

  get errors(): string {
    return this.#program.stderr;
  }

  async pid(): Promise<number> {
    return this.#program.pid;
  }

  /** As a shell tells it: 128 and the signal that ended it. */
  get code(): number | undefined {
    return this.#code;
  }

  dispose(): void {
    this.#program.kill('SIGKILL');
  }
}

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGQUIT', 131],
  ['SIGTERM', 143],
  ['SIGKILL', 137],
]);
