/**
 * Loaded into a program before its own code (`--import`): counts its calls of files, sockets and timers from the moment
 * its launcher asks for the first file, and makes one of them fail. What fails and how is in `CF_BUS_FAULT`
 * (`file error 12`: the twelfth file call gives an error; `file error readdirSync`: the first that is about that); at exit,
 * the counts go to `CF_BUS_FAULT_REPORT`.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { countCalls, type FaultKind, type FaultMode, type FaultWish } from './calls.js';
import { patchFiles } from './patch-files.js';
import { patchSockets } from './patch-sockets.js';
import { patchTimers } from './patch-timers.js';

const { CF_BUS_FAULT: wish, CF_BUS_FAULT_REPORT: report } = process.env;
if (wish !== undefined) {
  const require = createRequire(import.meta.url);
  const { writeFileSync } = require('node:fs');
  const calls = countCalls(readWish(wish), launched);
  process.once('exit', () => report !== undefined && writeFileSync(report, JSON.stringify(calls.report())));
  patchFiles(require('node:fs'), calls);
  patchSockets(require('node:net'), calls);
  patchTimers(globalThis, calls);
  syncBuiltinESMExports();
}

function readWish(text: string): FaultWish | undefined {
  const [kind, mode, ...rest] = text.split(' ');
  const which = rest.join(' ');
  return isKind(kind) && isMode(mode) ? { kind, mode, which: /^\d+$/.test(which) ? Number(which) : which } : undefined;
}

function isKind(word: string | undefined): word is FaultKind {
  return word === 'file' || word === 'socket' || word === 'timer';
}

function isMode(word: string | undefined): word is FaultMode {
  return word === 'error' || word === 'partial' || word === 'late';
}

/** True once the launcher runs: what Node.js reads before that is not ours. */
function launched(): boolean {
  return new Error().stack?.includes('bin/cf-bus.js') === true;
}
