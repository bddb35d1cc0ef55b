/** A place for sessions of its own: a temporary folder that stands for the machine. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';
import {
  type OpenSession,
  type ServeOptions,
  type SessionEnvironment,
  serveSession,
} from '../../../src/session/index.js';
import { MemoryHost, type MemoryHostOptions } from './memory-host.js';

const endings: (() => unknown)[] = [];

/** Runs `end` when the test is over, last registered first. */
export function atEnd(end: () => unknown): void {
  endings.push(end);
}

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

export interface Place {
  readonly root: string;
  readonly environment: SessionEnvironment;
  /** Where sockets are, in the first place. */
  readonly directory: string;
}

export function makePlace(change: Partial<SessionEnvironment> = {}): Place {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cfs-')));
  atEnd(() => fs.rmSync(root, { recursive: true, force: true }));
  for (const name of ['run', 'home', 'tmp', 'work']) fs.mkdirSync(path.join(root, name), { mode: 0o700 });
  const environment: SessionEnvironment = {
    env: { XDG_RUNTIME_DIR: path.join(root, 'run') },
    home: path.join(root, 'home'),
    temporary: path.join(root, 'tmp'),
    cwd: path.join(root, 'work'),
    uid: process.getuid?.() ?? 0,
    ...change,
  };
  return { root, environment, directory: path.join(root, 'run', 'cf-bus') };
}

export interface Running {
  readonly host: MemoryHost;
  readonly session: OpenSession;
}

/** A session that ends with the test. */
export async function start(
  place: Place,
  name: ServeOptions['name'] = { like: 'test' },
  options: MemoryHostOptions & Partial<Pick<ServeOptions, 'clock'>> = {},
): Promise<Running> {
  const host = new MemoryHost(options);
  const environment = options.cwd === undefined ? place.environment : { ...place.environment, cwd: options.cwd };
  const session = await serveSession(host, { name, environment, clock: options.clock });
  atEnd(() => session.close());
  return { host, session };
}
