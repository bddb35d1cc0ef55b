/** The JSON file beside a socket: what others know of a session, and its claim to the name. */
import { linkSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CfBusError, describeError, safe, systemErrorCode } from '../kernel/index.js';
import type { SessionDescription } from './protocol.js';
import { attempt, readDescriptionOf } from './readers.js';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
/** More is no description of ours. */
const MAX_FILE_BYTES = 64 * 1024;

/**
 * Returns `name` where a session can be called so.
 * @throws CfBusError `USAGE`.
 */
export function checkSessionName(name: string): string {
  if (NAME.test(name)) return name;
  throw new CfBusError('USAGE', `"${name}" cannot be a session's name`, {
    hint: 'use letters, digits, "_", "-" and ".", 64 at most, not starting with "-" or "."',
  });
}

/** A session's name made of any text, such as a scenario's name: `Index a repository` becomes `index-a-repository`. */
export function sessionNameFrom(text: string): string {
  const words = text.toLowerCase().replace(/[^a-z0-9_]+/g, '-');
  const name = words.replace(/^-+/, '').slice(0, 40).replace(/-+$/, '');
  return name === '' ? 'session' : name;
}

function fileOf(directory: string, name: string): string {
  return join(directory, `${name}.json`);
}

/**
 * Writes the description, whole or not at all, mode 0600. False when another file has the name: of two that try at
 * once, one gets it.
 * @throws CfBusError `SESSION_DIRECTORY` where it cannot be written.
 */
export function claimName(directory: string, description: SessionDescription): boolean {
  const draft = join(directory, `.${description.pid}.${description.session}.tmp`);
  try {
    writeFileSync(draft, `${JSON.stringify(description)}\n`, { mode: 0o600, flag: 'w' });
    linkSync(draft, fileOf(directory, description.name));
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw new CfBusError(
      'SESSION_DIRECTORY',
      `cannot describe the session in ${directory}: ${describeError(error).message}`,
      {
        cause: error,
        hint: 'make room there, or set XDG_RUNTIME_DIR to another directory of your own',
      },
    );
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Reads what `file` describes; `undefined` where it is gone or is none of ours.
 * @throws CfBusError `SESSION_DIRECTORY` where it is there and cannot be read.
 */
export function readDescription(file: string): SessionDescription | undefined {
  const description = readAny(file);
  return description !== undefined && basename(file) === `${description.name}.json` ? description : undefined;
}

function readAny(file: string): SessionDescription | undefined {
  const text = textOf(file);
  if (text === undefined) return undefined;
  try {
    return attempt(readDescriptionOf, JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Removed meanwhile, or not ours to read (as under sudo). */
const NONE_OF_OURS: ReadonlySet<string | undefined> = new Set(['ENOENT', 'EACCES', 'EPERM']);

function textOf(file: string): string | undefined {
  try {
    const stats = lstatSync(file);
    return stats.isFile() && stats.size <= MAX_FILE_BYTES ? readFileSync(file, 'utf8') : undefined;
  } catch (error) {
    if (NONE_OF_OURS.has(systemErrorCode(error))) return undefined;
    // A session that is there must not pass for one that is not.
    throw new CfBusError('SESSION_DIRECTORY', `cannot read a session: ${safe(describeError(error).message)}`, {
      cause: error,
    });
  }
}

/**
 * Removes the description and the socket of `session`. A session that has taken the name meanwhile keeps it: the file
 * is moved aside first, looked at, and put back.
 */
export function removeSession(directory: string, session: SessionDescription): void {
  const file = fileOf(directory, session.name);
  const aside = join(directory, `.${process.pid}.${session.session}.gone`);
  try {
    renameSync(file, aside);
    const found = readAny(aside);
    if (found !== undefined && found.session !== session.session) linkSync(aside, file);
  } catch {
    // Somebody else was faster, or the folder is gone: either way there is nothing left to do.
  } finally {
    rmSync(aside, { force: true });
  }
  if (dirname(session.socket) === directory) rmSync(session.socket, { force: true });
}
