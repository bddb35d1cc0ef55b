/** Opens the file behind the log, and says in plain words why it cannot be opened or written. */
import { closeSync, constants, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, type Stats } from 'node:fs';
import { devNull } from 'node:os';
import { dirname } from 'node:path';
import { CfBusError, describeError, systemErrorCode } from '../kernel/index.js';

/** O_RDWR, because the last byte must be read; O_NONBLOCK and O_NOCTTY, so that a FIFO or a terminal cannot hold us. */
const OPEN_FLAGS =
  constants.O_RDWR |
  constants.O_APPEND |
  constants.O_CREAT |
  constants.O_NOFOLLOW |
  constants.O_NONBLOCK |
  constants.O_NOCTTY;
const OWNER_ONLY = 0o600;
const NEWLINE = 0x0a;

export interface LogFile {
  readonly fd: number;
  readonly device: number;
  readonly inode: number;
  readonly tornTail: boolean;
}

/**
 * Opens `path` for appending; makes the file (readable by its owner alone) and its folder where they are missing.
 * @param fresh empties the file first.
 * @throws CfBusError `LOG_UNAVAILABLE` for a directory, symbolic link, FIFO, socket or device (the null device is
 *   allowed), and for whatever the system refuses.
 */
export function openLogFile(path: string, fresh: boolean): LogFile {
  let fd: number;
  try {
    makeFolders(dirname(path));
    fd = openSync(path, OPEN_FLAGS, OWNER_ONLY);
  } catch (error) {
    throw logUnavailable('open', path, error);
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() && path !== devNull) throw notAFile(path, kindOf(stats));
    if (fresh && stats.isFile()) ftruncateSync(fd, 0);
    return { fd, device: stats.dev, inode: stats.ino, tornTail: hasTornTail(fd) };
  } catch (error) {
    closeSync(fd);
    throw logUnavailable('open', path, error);
  }
}

function makeFolders(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    // On a read-only disk Node.js says that there is no such folder. The system itself tells why it cannot be made.
    makeOneByOne(folder);
  }
}

function makeOneByOne(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    makeOneByOne(dirname(folder));
    mkdirSync(folder);
  }
}

/** True when the last line has no line break: whoever wrote it was killed, or stopped, in the middle. */
export function hasTornTail(fd: number): boolean {
  const { size } = fstatSync(fd);
  const byte = Buffer.alloc(1);
  return size > 0 && readSync(fd, byte, 0, 1, size - 1) === 1 && byte[0] !== NEWLINE;
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

function notAFile(path: string, kind: string): CfBusError {
  return new CfBusError('LOG_UNAVAILABLE', `the log ${path} is ${kind}; it must be a regular file`, {
    hint: 'give another file with --log or CF_BUS_LOG',
  });
}

const REASONS: ReadonlyMap<string, { readonly what: string; readonly hint?: string }> = new Map([
  [
    'ENOSPC',
    { what: 'the disk is full', hint: 'free some space; what is kept in memory is written as soon as it fits' },
  ],
  ['EDQUOT', { what: 'the disk quota is used up' }],
  ['EFBIG', { what: 'the file has reached the size limit (ulimit -f)' }],
  ['EACCES', { what: 'permission denied' }],
  ['EPERM', { what: 'permission denied' }],
  ['EROFS', { what: 'the file system is read-only' }],
  ['ENOTDIR', { what: 'a part of its path is a file, not a directory' }],
  ['EEXIST', { what: 'a part of its path is a file, not a directory' }],
  ['EIO', { what: 'the disk reports an I/O error' }],
  ['ENAMETOOLONG', { what: 'the path is too long' }],
]);

/** The `LOG_UNAVAILABLE` for what went wrong while the log at `path` was opened or written. */
export function logUnavailable(action: 'open' | 'write', path: string, error: unknown): CfBusError {
  if (error instanceof CfBusError) return error;
  const code = systemErrorCode(error);
  if (action === 'open') {
    if (code === 'ELOOP') return notAFile(path, 'a symbolic link');
    if (code === 'EISDIR') return notAFile(path, 'a directory');
    if (code === 'ENXIO') return notAFile(path, 'a socket');
  }
  const reason = code === undefined ? undefined : REASONS.get(code);
  const what = reason === undefined ? describeError(error).message : `${reason.what} (${code})`;
  const hint = reason?.hint ?? (action === 'open' ? 'give another file with --log or CF_BUS_LOG' : undefined);
  return new CfBusError('LOG_UNAVAILABLE', `cannot ${action} the log ${path}: ${what}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}
