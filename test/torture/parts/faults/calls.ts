/** Counts calls, and says which one is to fail. */

export type FaultKind = 'file' | 'socket' | 'timer';

/**
 * `error`: the call fails as the system lets it fail; a timer call throws. `partial`: a read or write does half of what it
 * was asked for, as the system may. `late`: a timer comes a second and a half late.
 */
export type FaultMode = 'error' | 'partial' | 'late';

export interface FaultWish {
  readonly kind: FaultKind;
  readonly mode: FaultMode;
  /** Which call of that kind: a number, 1 for the first; or a text, for the first that is about it. */
  readonly which: number | string;
}

/** As `CF_BUS_FAULT` has it. */
export function wishText({ kind, mode, which }: FaultWish): string {
  return `${kind} ${mode} ${which}`;
}

/** What the program under test leaves behind. */
export interface CallReport {
  /** Calls of each kind that could fail, by mode. */
  readonly counts: Readonly<Record<string, number>>;
  /** The call that failed, with what it was about. */
  readonly hit: string | undefined;
}

export interface Calls {
  /** Counts a call; true where it is the one to fail in this way. */
  fails(kind: FaultKind, mode: FaultMode, what: string): boolean;
  report(): CallReport;
}

/** @param launched asked until it is true: calls before that do not count. */
export function countCalls(wish: FaultWish | undefined, launched: () => boolean): Calls {
  const counts: Record<string, number> = {};
  let begun = false;
  let hit: string | undefined;
  return {
    fails(kind, mode, what) {
      begun ||= launched();
      if (!begun) return false;
      const key = `${kind} ${mode}`;
      const n = (counts[key] ?? 0) + 1;
      counts[key] = n;
      if (hit !== undefined || wish === undefined || wish.kind !== kind || wish.mode !== mode) return false;
      const { which } = wish;
      if (typeof which === 'number' ? which !== n : !what.includes(which)) return false;
      hit = what;
      return true;
    },
    report: () => ({ counts, hit }),
  };
}

const MEANINGS = {
  EIO: 'i/o error',
  EMFILE: 'too many open files',
  ENOSPC: 'no space left on device',
  EACCES: 'permission denied',
  ECONNRESET: 'connection reset by peer',
  ECONNREFUSED: 'connection refused',
  EPIPE: 'broken pipe',
} as const;

export type ErrorCode = keyof typeof MEANINGS;

/** An error as Node.js makes it of the system's. */
export function systemError(code: ErrorCode, syscall: string, path: unknown): Error {
  const where = typeof path === 'string' ? ` '${path}'` : '';
  const error = new Error(`${code}: ${MEANINGS[code]}, ${syscall}${where}`);
  return Object.assign(error, { code, syscall, errno: -5, ...(typeof path === 'string' ? { path } : {}) });
}
