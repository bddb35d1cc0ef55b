/** The session's side of the control socket: opens it under a name, serves, and takes it away again. */
import { chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { CfBusError, type Clock, realClock, systemErrorCode } from '../kernel/index.js';
import { Connection } from './connection.js';
import { checkSessionName, claimName, removeSession } from './description.js';
import { openSessionDirectory, type SessionEnvironment, systemEnvironment } from './directory.js';
import { listSessions, realPath } from './discovery.js';
import type { SessionHost } from './host.js';
import { processStarted } from './liveness.js';
import type { SessionDescription } from './protocol.js';
import { Room } from './room.js';

/** Tries for a socket path that is free; taken ones are left-overs of a session with the same id. */
const SOCKET_TRIES = 9;
const NAME_TRIES = 99;
/** How long clients may take, at the end, to get their answers and `bye`. */
const CLOSE_MS = 500;

export interface ServeOptions {
  /** `exact` is refused while a living session has it; `like` gets a number behind it then (`hello-2`). */
  readonly name: { readonly exact: string } | { readonly like: string };
  readonly environment?: SessionEnvironment | undefined;
  /** For time limits; the machine's own, whatever the speed of the run. */
  readonly clock?: Clock | undefined;
}

/** A run that can be reached. */
export interface OpenSession {
  readonly description: SessionDescription;
  /** Clients connected now. */
  readonly clients: number;
  /**
   * Takes the session off the list, answers what is being answered, says `bye`, and removes the socket; half a second
   * at most. Closing twice gives the same promise.
   */
  close(reason?: string): Promise<void>;
  /** Removes socket and description at once, for a process that is about to exit. */
  removeFiles(): void;
}

/**
 * Opens the control socket of `host`'s run.
 * @throws CfBusError `SESSION_DIRECTORY` where no safe place is found, `USAGE` for a name that is taken or malformed.
 */
export async function serveSession(host: SessionHost, options: ServeOptions): Promise<OpenSession> {
  const environment = options.environment ?? systemEnvironment();
  const clock = options.clock ?? realClock;
  const info = host.hello();
  const base = 'exact' in options.name ? checkSessionName(options.name.exact) : options.name.like;
  const directory = openSessionDirectory(environment, `${info.session}-${SOCKET_TRIES}.sock`);
  const running = await listSessions({ environment, clock });
  const names = namesToTry(base, 'exact' in options.name, running);

  const server = createServer({ allowHalfOpen: true });
  const socket = await listen(server, directory, info.session);
  const started = processStarted(process.pid);
  const facts = {
    session: info.session,
    pid: process.pid,
    cwd: realPath(environment.cwd),
    socket,
    started: info.started,
    log: info.log,
    version: info.version,
    ...(started !== undefined && { process_started: started }),
  };
  try {
    chmodSync(socket, 0o600);
    const description = claimFirst(directory, facts, names);
    return new Session(server, directory, new Room(host, description, clock));
  } catch (error) {
    server.close();
    throw error;
  }
}

function namesToTry(base: string, exact: boolean, running: readonly SessionDescription[]): readonly string[] {
  const taken = running.find((session) => session.name === base);
  if (exact) {
    if (taken !== undefined) throw nameTaken(base, ` (pid ${taken.pid}, in ${taken.cwd})`);
    return [base];
  }
  const names = new Set(running.map((session) => session.name));
  const numbered = Array.from({ length: NAME_TRIES }, (_, index) => (index === 0 ? base : `${base}-${index + 1}`));
  return numbered.filter((name) => !names.has(name));
}

function nameTaken(name: string, details: string): CfBusError {
  return new CfBusError('USAGE', `a session called "${name}" is running already${details}`, {
    hint: `choose another name with --session, or end it: cf-bus stop ${name}`,
  });
}

// The file is the claim: of two that start at once, the second finds it there.
function claimFirst(
  directory: string,
  facts: Omit<SessionDescription, 'name'>,
  names: readonly string[],
): SessionDescription {
  for (const name of names) {
    const description: SessionDescription = { name, ...facts };
    if (claimName(directory, description)) return description;
  }
  throw nameTaken(names[0] ?? 'session', '');
}

async function listen(server: Server, directory: string, session: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const socket = join(directory, attempt === 1 ? `${session}.sock` : `${session}-${attempt}.sock`);
    try {
      await listenAt(server, socket);
      return socket;
    } catch (error) {
      if (systemErrorCode(error) === 'EADDRINUSE' && attempt < SOCKET_TRIES) continue;
      throw new CfBusError('SESSION_DIRECTORY', `cannot open the control socket ${socket}`, { cause: error });
    }
  }
}

function listenAt(server: Server, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

class Session implements OpenSession {
  readonly #server: Server;
  readonly #directory: string;
  readonly #room: Room;
  #closing: Promise<void> | undefined;

  constructor(server: Server, directory: string, room: Room) {
    this.#server = server;
    this.#directory = directory;
    this.#room = room;
    // Out of descriptors, for example: this client is lost, the session is not.
    server.on('error', () => {});
    server.on('connection', (socket) => {
      if (this.#closing === undefined) room.entered(new Connection(socket, room));
      else socket.destroy();
    });
  }

  get description(): SessionDescription {
    return this.#room.description;
  }

  get clients(): number {
    return this.#room.clients;
  }

  close(reason = 'the session ended'): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  removeFiles(): void {
    removeSession(this.#directory, this.description);
  }

  async #close(reason: string): Promise<void> {
    this.removeFiles();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#room.shutdown(reason);
    const deadline = this.#room.clock.setTimer(CLOSE_MS, () => this.#room.cutOff());
    await closed;
    deadline.cancel();
  }
}
