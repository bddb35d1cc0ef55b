/**
 * Terminals that went away. At exit Node.js restores those it was started on, and where that fails it aborts, with a
 * native stack and a core dump (`ResetStdio`, seen with 20.20).
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isatty } from 'node:tty';

/** Puts the null device in the place of each standard stream whose terminal is gone: what is no longer the same is left. */
export function letGoOfGoneTerminals(): void {
  for (const fd of [0, 1, 2]) {
    if (!isGone(fd)) continue;
    closeSync(fd);
    // The lowest free number.
    openSync(devNull, 'r+');
  }
}

/** A terminal that no longer answers as one. The null device looks the same, and may be replaced by itself. */
function isGone(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && !isatty(fd);
  } catch {
    return false;
  }
}
