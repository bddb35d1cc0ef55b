/** Reading a scenario file without being held up or flooded by what is no file. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CfBusError, safe, suggest, systemErrorCode } from '../kernel/index.js';

/** 1 MiB. */
export const MAX_FILE_BYTES = 1024 * 1024;

/**
 * The text of a scenario file.
 * @throws CfBusError `FILE_UNREADABLE` for what is missing, no regular file or not readable; `INVALID_SCENARIO` for what
 * is empty, too large or not UTF-8.
 */
export function readScenarioFile(path: string): string {
  const bytes = readBytes(path);
  if (bytes.length === 0) throw invalid(path, 'the file is empty', '`cf-bus init` writes a scenario to start from');
  checkBytes(bytes.length, path);
  return decode(bytes, path);
}

/** @throws CfBusError `INVALID_SCENARIO` above 1 MiB. */
export function checkBytes(bytes: number, path: string): void {
  if (bytes > MAX_FILE_BYTES) throw invalid(path, 'the file is larger than 1 MiB, which no scenario needs');
}

function invalid(path: string, message: string, hint?: string): CfBusError {
  return new CfBusError('INVALID_SCENARIO', `${safe(path)}: ${message}`, hint === undefined ? {} : { hint });
}

function unreadable(path: string, message: string, hint?: string): CfBusError {
  return new CfBusError('FILE_UNREADABLE', `${safe(path)}: ${message}`, hint === undefined ? {} : { hint });
}

function readBytes(path: string): Buffer {
  let descriptor: number | undefined;
  try {
    // A FIFO without a writer would block an ordinary open for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw unreadable(path, `${kindOf(stats)}, not a scenario file`);
    return readAll(descriptor);
  } catch (error) {
    throw error instanceof CfBusError ? error : openFailure(path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Reads at most one byte more than is allowed. */
function readAll(descriptor: number): Buffer {
  const chunks: Buffer[] = [];
  let total = 0;
  while (total <= MAX_FILE_BYTES) {
    const chunk = Buffer.allocUnsafe(Math.min(64 * 1024, MAX_FILE_BYTES + 1 - total));
    const read = readSync(descriptor, chunk);
    if (read === 0) break;
    chunks.push(chunk.subarray(0, read));
    total += read;
  }
  return Buffer.concat(chunks, total);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'a device';
  return 'no regular file';
}

function openFailure(path: string, error: unknown): CfBusError {
  switch (systemErrorCode(error)) {
    case 'ENOENT':
      return unreadable(path, 'there is no such file', nearestFile(path));
    case 'ENOTDIR':
      return unreadable(path, 'there is no such file: part of the path is no folder');
    case 'EACCES':
    case 'EPERM':
      return unreadable(path, 'you may not read this file');
    case 'ELOOP':
      return unreadable(path, 'the link leads in a circle');
    case 'ENXIO':
      return unreadable(path, 'a socket, not a scenario file');
    case 'ENAMETOOLONG':
      return unreadable(path, 'the path is too long');
    default:
      return unreadable(path, `cannot be read: ${safe(error instanceof Error ? error.message : String(error))}`);
  }
}

/** Names the scenario of the same folder that was probably meant. */
function nearestFile(path: string): string | undefined {
  try {
    const folder = dirname(path);
    const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
    const name = basename(path);
    const near = names.find((candidate) => candidate.replace(/\.ya?ml$/, '') === name) ?? suggest(name, names);
    return near === undefined ? undefined : `did you mean ${safe(join(folder, near))}?`;
  } catch {
    return undefined;
  }
}

function decode(bytes: Buffer, path: string): string {
  const [first, second] = bytes;
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const wide = bytes.length >= 4 && (first === 0) !== (second === 0) && (bytes[2] === 0) !== (bytes[3] === 0);
  if (marked || wide) throw invalid(path, 'the file is UTF-16; save it as UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const { line, column } = firstInvalid(bytes);
    throw new CfBusError('INVALID_SCENARIO', `${safe(path)}:${line}:${column}: the file is not UTF-8 from here on`);
  }
}

/** The place of the first byte that is no UTF-8. */
function firstInvalid(bytes: Buffer): { readonly line: number; readonly column: number } {
  const before = bytes.toString('utf8').split('\ufffd', 1).join('');
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: before.length - lastBreak };
}
