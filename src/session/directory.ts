/** Where sockets live: a folder that belongs to this user alone. */
import { accessSync, constants, lstatSync, mkdirSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { CfBusError, describeError, systemErrorCode } from '../kernel/index.js';

/** `sun_path` holds 104 bytes on macOS and the BSDs, 108 on Linux, a final NUL included; Node.js cuts longer ones silently. */
export const MAX_SOCKET_PATH_BYTES = 103;

/** What of the machine decides where sessions are and which one is meant. */
export interface SessionEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `undefined` where there is none. */
  readonly home: string | undefined;
  readonly temporary: string;
  readonly cwd: string;
  readonly uid: number;
}

/**
 * This process's own environment.
 * @throws CfBusError `SESSION_DIRECTORY` on a system without user ids (Windows).
 */
export function systemEnvironment(): SessionEnvironment {
  const uid = process.getuid?.();
  if (uid === undefined) {
    throw new CfBusError(
      'SESSION_DIRECTORY',
      'sessions need a Unix-like system: they are reached over a Unix domain socket',
    );
  }
  return { env: process.env, home: homeOf(), temporary: tmpdir(), cwd: process.cwd(), uid };
}

function homeOf(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/** A folder that may hold sessions. `under` exists and is this user's (or the shared temporary folder). */
interface Candidate {
  readonly under: string;
  /** Folders to make below it, from the outside in; the last one holds the sockets. */
  readonly folders: readonly string[];
}

function candidates(environment: SessionEnvironment): Candidate[] {
  const found: Candidate[] = [];
  const runtime = environment.env.XDG_RUNTIME_DIR;
  // Under sudo or su these may still be the other user's: folders made there would lock that user out.
  if (runtime !== undefined && isOwnFolder(runtime, environment.uid))
    found.push({ under: runtime, folders: ['cf-bus'] });
  const { home } = environment;
  if (home !== undefined && isOwnFolder(home, environment.uid))
    found.push({ under: home, folders: ['.cf-bus', 'run'] });
  found.push({ under: environment.temporary, folders: [`cf-bus-${environment.uid}`] });
  return found;
}

function isOwnFolder(folder: string, uid: number): boolean {
  if (!isAbsolute(folder)) return false;
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === uid;
}

type Verdict = 'safe' | 'missing' | { readonly foreign: string } | { readonly open: string; readonly fix: string };

/** Judges one folder of a candidate; `last` ones hold sockets and must be closed to everybody else. */
function judge(folder: string, last: boolean, uid: number): Verdict {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) return 'missing';
  if (!stats.isDirectory()) return { foreign: `${folder} is not a directory` };
  if (stats.uid !== uid) return { foreign: `${folder} belongs to another user (uid ${stats.uid})` };
  const forbidden = last ? 0o077 : 0o022;
  if ((stats.mode & forbidden) === 0) return 'safe';
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
  return { open: `${folder} is open to other users (mode ${mode})`, fix: `chmod ${last ? '700' : 'go-w'} ${folder}` };
}

function foldersOf(candidate: Candidate): { readonly folder: string; readonly last: boolean }[] {
  let folder = candidate.under;
  return candidate.folders.map((name, index) => {
    folder = join(folder, name);
    return { folder, last: index === candidate.folders.length - 1 };
  });
}

/**
 * The folder for a socket called `socketName`, made (mode 0700) where it is missing: in `$XDG_RUNTIME_DIR`, the home
 * folder or the temporary folder, whichever comes first, can be written and keeps the path within 103 bytes.
 * @throws CfBusError `SESSION_DIRECTORY` when the folder belongs to others or is open to them, or when there is none.
 */
export function openSessionDirectory(environment: SessionEnvironment, socketName: string): string {
  const reasons: string[] = [];
  for (const candidate of candidates(environment)) {
    const target = join(candidate.under, ...candidate.folders);
    const bytes = Buffer.byteLength(join(target, socketName));
    if (bytes > MAX_SOCKET_PATH_BYTES) {
      reasons.push(`${target}: a socket's path there has ${bytes} bytes, of at most ${MAX_SOCKET_PATH_BYTES}`);
      continue;
    }
    const failure = makeFolders(candidate, environment.uid);
    if (failure === undefined) return target;
    reasons.push(`${target}: ${failure}`);
  }
  throw new CfBusError('SESSION_DIRECTORY', `no place for the control socket: ${reasons.join('; ')}`, {
    hint: 'set XDG_RUNTIME_DIR to a directory of your own with a short path',
  });
}

/** Makes and checks the folders of `candidate`; says why where the system does not let it. */
function makeFolders(candidate: Candidate, uid: number): string | undefined {
  for (const { folder, last } of foldersOf(candidate)) {
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') return describeError(error).message;
    }
    const verdict = judge(folder, last, uid);
    if (verdict === 'missing') return 'it was removed at once';
    if (verdict !== 'safe') throw unsafe(verdict);
  }
  if (!isWritable(join(candidate.under, ...candidate.folders))) return 'it cannot be written';
  return undefined;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Every folder that may hold sessions of this user. What belongs to others is left out: nothing in it is believed.
 * @throws CfBusError `SESSION_DIRECTORY` when one of this user's own is open to others.
 */
export function sessionDirectories(environment: SessionEnvironment): string[] {
  return candidates(environment).flatMap((candidate) => {
    for (const { folder, last } of foldersOf(candidate)) {
      const verdict = judge(folder, last, environment.uid);
      if (verdict === 'missing') return [];
      if (verdict !== 'safe' && 'open' in verdict) throw unsafe(verdict);
      if (verdict !== 'safe') return [];
    }
    return [join(candidate.under, ...candidate.folders)];
  });
}

function unsafe(verdict: Exclude<Verdict, string>): CfBusError {
  if ('open' in verdict) {
    return new CfBusError('SESSION_DIRECTORY', `${verdict.open}; a control socket there would not be safe`, {
      hint: `close it: ${verdict.fix}`,
    });
  }
  return new CfBusError('SESSION_DIRECTORY', `${verdict.foreign}; a control socket there would not be safe`, {
    hint: 'remove it, or set XDG_RUNTIME_DIR to a directory of your own',
  });
}
