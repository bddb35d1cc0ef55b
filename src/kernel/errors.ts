/**
 * The one kind of error that users meet. Everything that cf-bus throws on purpose is a `CfBusError`; anything else
 * that reaches the command line is a bug of ours and is reported as such.
 */

/** Every code, for readers of messages from another process. */
export const ERROR_CODES = [
  // the bus
  'INVALID_EVENT',
  'INVALID_PATTERN',
  'INVALID_OPTIONS',
  'BUS_CLOSED',
  'HANDLER_TIMEOUT',
  'WOULD_DEADLOCK',
  'TIMEOUT',
  'ABORTED',
  // input
  'USAGE',
  'INVALID_PAYLOAD',
  'INVALID_SCENARIO',
  'TEMPLATE_FAILED',
  'NOT_FOUND',
  // files and sockets
  'FILE_UNREADABLE',
  'OUTPUT_FAILED',
  'LOG_UNAVAILABLE',
  'SESSION_DIRECTORY',
  'SESSION_UNKNOWN',
  'SESSION_AMBIGUOUS',
  'SESSION_UNREACHABLE',
  'PROTOCOL',
  // a simulated service
  'SIMULATED_FAULT',
  'CLOCK_STALLED',
  'EVENT_LOOP',
  // measuring
  'BENCH_FAILED',
  'INTERNAL',
] as const;

/** What went wrong, for programs. Codes are stable; messages are not. */
export type ErrorCode = (typeof ERROR_CODES)[number];

export interface CfBusErrorOptions {
  /** What the reader can do about it; shown on a second line. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Exit code of the command line for this error; 2 (wrong usage or input) unless said otherwise. */
  readonly exitCode?: number;
  /** Replaces `CfBusError` as the error's name, e.g. the name a simulated fault carries into the log. */
  readonly name?: string;
}

const BRAND: unique symbol = Symbol.for('cf-bus.error') as never;

/** An error with a stable `code` and, where one helps, a `hint`. */
export class CfBusError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly exitCode: number;
  readonly [BRAND] = true;

  constructor(code: ErrorCode, message: string, options: CfBusErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = options.name ?? 'CfBusError';
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 2;
  }
}

/** True for a `CfBusError` of any copy of this package (the command line is built as several bundles). */
export function isCfBusError(error: unknown): error is CfBusError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

/** Name and message of anything that was thrown, a string, `undefined` or a hostile proxy included. Never throws. */
export function describeError(thrown: unknown): { readonly name: string; readonly message: string } {
  try {
    if (thrown instanceof Error) return { name: String(thrown.name), message: String(thrown.message) };
    return { name: thrown === null ? 'null' : typeof thrown, message: String(thrown) };
  } catch {
    return { name: 'unknown', message: 'a value that cannot be shown was thrown' };
  }
}

/** The `code` of a Node.js system error (`ENOENT`, …), if it is one. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
