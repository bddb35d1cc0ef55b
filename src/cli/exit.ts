/** The one door for errors: what a person reads, and the exit code that a script gets. */
import type { CommanderError } from 'commander';
import { CfBusError, describeError, isCfBusError, safe, safeLines, systemErrorCode } from '../kernel/index.js';
import type { ExitCode } from './context.js';
import type { Output } from './output.js';

/** What becomes of an error: one line, perhaps a second that says what to do, and an exit code. */
export interface Failure {
  readonly message: string;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;
}

const SYSTEM_MESSAGES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is not a directory',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
};

/** What to tell of `error`. */
export function describeFailure(error: unknown): Failure {
  if (isCfBusError(error)) {
    return { message: error.message, hint: error.hint, exitCode: toExitCode(error.exitCode) };
  }
  const system = describeSystemError(error);
  if (system !== undefined) return { message: system, hint: undefined, exitCode: 2 };
  const { name, message } = describeError(error);
  return {
    message: `this should not have happened: ${safe(name)}: ${message.split('\n', 1)[0]}`,
    hint: 'CF_BUS_DEBUG=1 shows where; please report it',
    // Nobody can say whether the work was done.
    exitCode: 3,
  };
}

/** Prints `error` and gives its exit code; with CF_BUS_DEBUG=1 its stack too. */
export function reportFailure(error: unknown, notices: Output, env: NodeJS.ProcessEnv): ExitCode {
  const { message, hint, exitCode } = describeFailure(error);
  const code = isCfBusError(error) ? error.code : undefined;
  notices.line(`${notices.paint('red', 'cf-bus:')} ${shown(message, code === 'INVALID_SCENARIO')}`);
  if (hint !== undefined) notices.line(`  ${shown(hint, code === 'INVALID_PAYLOAD')}`);
  if (env.CF_BUS_DEBUG === '1') notices.line(notices.paint('dim', safeLines(stackOf(error))));
  return exitCode;
}

/** Only a list of a scenario's problems, and a place in a JSON text, have several lines; all else that breaks is not ours. */
function shown(text: string, severalLines: boolean): string {
  return severalLines ? safeLines(text) : safe(text);
}

function describeSystemError(error: unknown): string | undefined {
  const code = systemErrorCode(error);
  if (code === undefined || !(error instanceof Error)) return undefined;
  // Those of the system alone name the call that failed; their message is `EIO: i/o error, read`.
  const inWords = 'syscall' in error ? /^[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] : undefined;
  const meaning = SYSTEM_MESSAGES[code] ?? (inWords === undefined ? undefined : `${inWords} (${code})`);
  if (meaning === undefined) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  return path === undefined ? meaning : `${safe(path)}: ${meaning}`;
}

const HELP_TELLS: ReadonlySet<string> = new Set([
  'commander.missingArgument',
  'commander.excessArguments',
  'commander.optionMissingArgument',
  'commander.unknownOption',
  'commander.unknownCommand',
]);

/** Commander's error with what to do about it, where its message does not say that; `command` is the one that was called. */
export function usageError(error: CommanderError, command: string | undefined): CfBusError {
  const message = usageMessage(error.message);
  const hint =
    command === undefined ? 'cf-bus --help lists the commands' : `cf-bus ${command} --help shows how, with examples`;
  const tells = HELP_TELLS.has(error.code) && !message.includes('did you mean');
  return new CfBusError('USAGE', message, { cause: error, ...(tells ? { hint } : {}) });
}

/** Commander's message as one line of ours. */
function usageMessage(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (?:one of )?(.*)\?\)/, ' (did you mean $1?)')
    .replaceAll('\n', ' ');
}

function stackOf(error: unknown): string {
  let text = '';
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    text += `${depth === 0 ? '' : '\ncaused by '}${at.stack ?? at.message}`;
  }
  return text === '' ? describeError(error).message : text;
}

function toExitCode(code: number): ExitCode {
  return code === 0 || code === 1 || code === 3 ? code : 2;
}
