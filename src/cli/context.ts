/** What a command is given beside its own arguments. */
import type { Lifecycle } from './lifecycle.js';
import type { Output } from './output.js';

/** 129, 130, 131 and 143 follow a signal: HUP, INT, QUIT, TERM. */
export type ExitCode = 0 | 1 | 2 | 3 | 129 | 130 | 131 | 143;

export interface Context {
  /** Data. */
  readonly out: Output;
  /** Notices, progress and errors. */
  readonly notices: Output;
  /** Standard input; asking for it opens it. */
  readonly stdin: () => NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Draw with ASCII alone. */
  readonly ascii: boolean;
  readonly lifecycle: Lifecycle;
}

/** A command's work. It gives its exit code and never ends the process itself. */
export type Run<Arguments extends unknown[]> = (context: Context, ...args: Arguments) => Promise<ExitCode>;

/** Makes a command's work an action of commander: gives it the context and keeps its exit code. */
export type Act = <Arguments extends unknown[]>(run: Run<Arguments>) => (...args: Arguments) => Promise<void>;
