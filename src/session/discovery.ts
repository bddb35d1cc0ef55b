/** Finding the sessions of this user, and the one that is meant. */
import { readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CfBusError, type Clock, describeError, realClock, safe, suggest, systemErrorCode } from '../kernel/index.js';
import { readDescription, removeSession } from './description.js';
import { type SessionEnvironment, sessionDirectories, systemEnvironment } from './directory.js';
import { liveness, probeSocket } from './liveness.js';
import type { SessionDescription } from './protocol.js';

export interface DiscoveryOptions {
  readonly environment?: SessionEnvironment | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * The sessions that run, oldest first. What dead ones left behind is removed on the way.
 * @throws CfBusError `SESSION_DIRECTORY` when this user's folder is open to others.
 */
export async function listSessions(options: DiscoveryOptions = {}): Promise<SessionDescription[]> {
  const environment = options.environment ?? systemEnvironment();
  const clock = options.clock ?? realClock;
  const found = await Promise.all(sessionDirectories(environment).map((directory) => listDirectory(directory, clock)));
  return found.flat().sort((a, b) => compare(a.started, b.started) || compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Lists one folder and sweeps it. */
export async function listDirectory(directory: string, clock: Clock): Promise<SessionDescription[]> {
  const names = namesIn(directory);
  const described = names
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => readDescription(join(directory, name)) ?? []);
  const living = await Promise.all(
    described.map(async (session) => {
      if ((await liveness(session, clock)) !== 'gone') return [session];
      removeSession(directory, session);
      return [];
    }),
  );
  const known = new Set(described.map((session) => session.socket));
  await sweepRest(directory, names, known, clock);
  return living.flat();
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    // To take it for empty would be to publish somewhere else, and to start a session under a name that is taken.
    throw new CfBusError('SESSION_DIRECTORY', `cannot look for sessions: ${safe(describeError(error).message)}`, {
      cause: error,
    });
  }
}

const DRAFT = /^\.(\d+)\..*\.(?:tmp|gone)$/;

/** Removes sockets that nobody describes and nobody serves, and drafts whose writer was killed. */
async function sweepRest(directory: string, names: readonly string[], known: ReadonlySet<string>, clock: Clock) {
  await Promise.all(
    names.map(async (name) => {
      const file = join(directory, name);
      const writer = DRAFT.exec(name)?.[1];
      if (writer !== undefined && !processExists(Number(writer))) rmSync(file, { force: true });
      if (!name.endsWith('.sock') || known.has(file)) return;
      if ((await probeSocket(file, clock)) === 'refused') rmSync(file, { force: true });
    }),
  );
}

function processExists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export interface ChooseOptions extends DiscoveryOptions {
  /** What `--session` says: a name or a session id. */
  readonly session?: string | undefined;
}

/**
 * The session that is meant: by `--session`, by `CF_BUS_SESSION`, or the one started in this directory. `undefined`
 * where none was named and none runs here.
 * @throws CfBusError `SESSION_UNKNOWN` for a name nobody has, `SESSION_AMBIGUOUS` for two or more in this directory.
 */
export async function chooseSession(options: ChooseOptions = {}): Promise<SessionDescription | undefined> {
  const environment = options.environment ?? systemEnvironment();
  const sessions = await listSessions({ ...options, environment });
  const wanted = options.session ?? (environment.env.CF_BUS_SESSION || undefined);
  if (wanted !== undefined) return byName(sessions, wanted);
  const here = realPath(environment.cwd);
  const [first, ...others] = sessions.filter((session) => session.cwd === here);
  if (others.length === 0) return first;
  throw ambiguous(sessions.filter((session) => session.cwd === here));
}

/** `folder` without symbolic links, or as it is where it cannot be followed. */
export function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function byName(sessions: readonly SessionDescription[], wanted: string): SessionDescription {
  const byNameOrId = sessions.filter((session) => session.name === wanted || session.session === wanted);
  const [found, ...others] = byNameOrId;
  if (found === undefined) throw unknown(sessions, wanted);
  if (others.length > 0) throw ambiguous(byNameOrId);
  return found;
}

function unknown(sessions: readonly SessionDescription[], wanted: string): CfBusError {
  const near = suggest(
    wanted,
    sessions.map((session) => session.name),
  );
  const running = sessions.length === 0 ? 'no session is running' : `running: ${list(sessions)}`;
  return new CfBusError(
    'SESSION_UNKNOWN',
    `there is no session "${wanted}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    {
      hint: running,
    },
  );
}

function ambiguous(sessions: readonly SessionDescription[]): CfBusError {
  return new CfBusError('SESSION_AMBIGUOUS', `${sessions.length} sessions could be meant: ${list(sessions)}`, {
    hint: `choose one: --session ${sessions[0]?.name ?? 'NAME'} (or set CF_BUS_SESSION)`,
  });
}

function list(sessions: readonly SessionDescription[]): string {
  return sessions.map(({ name, session, pid, cwd }) => `${name} (${session}, pid ${pid}, in ${cwd})`).join(', ');
}
