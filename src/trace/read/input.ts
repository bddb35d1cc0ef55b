/** What logs are read from: files, rotated sets, streams. */
import { accessSync, type BigIntStats, constants, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CfBusError, isCfBusError, systemErrorCode } from '../../kernel/index.js';
import { type Block, fileBlocks, streamBlocks } from './blocks.js';
import { canUnpackZstd } from './unpack.js';
import { unreadable } from './unreadable.js';

/** A path, which stands for its rotated parts too, or a stream (stdin) with a name for messages. */
export type LogInput = string | LogStream;

export interface LogStream {
  readonly name: string;
  readonly stream: AsyncIterable<Uint8Array | string>;
}

/** One file or stream. */
export interface LogPart {
  readonly name: string;
  /** False for a pipe: it can be read once only. */
  readonly rereadable: boolean;
  /** Bytes of a file; 0 for a pipe. */
  readonly size: number;
  /** True for a file that this Node.js cannot unpack: it is left out, and told of. */
  readonly leftOut?: true;
  /** Why it cannot be read, of a rotated part that nobody named: it is left out, and told of. */
  readonly refused?: string;
  /** Opens it, a file that is not packed from `start` on. A block is valid until the next one is asked for. */
  readonly blocks: (start?: number) => AsyncIterable<Block>;
}

/**
 * The parts to read, oldest first: `x.log` stands for `x.log-20261122.gz`, `x.log.2.zst`, `x.log.1` and `x.log`, as far as
 * they are there.
 * A file that is named twice is read once. Parts that this Node.js cannot unpack, or that are not ours to read, are marked,
 * unless there are no others.
 * @throws CfBusError `FILE_UNREADABLE` for a file that is missing, a directory or a device, or not ours to read.
 */
export function openInputs(inputs: readonly LogInput[]): LogPart[] {
  const parts: LogPart[] = [];
  const seen = new Set<string>();
  for (const input of inputs) {
    if (typeof input !== 'string') {
      parts.push({
        name: input.name,
        rereadable: false,
        size: 0,
        blocks: () => streamBlocks(input.stream, input.name),
      });
      continue;
    }
    for (const path of rotatedSet(input)) {
      const examined = path === input ? examine(path) : examinePart(path);
      if (examined === undefined) continue;
      if ('refused' in examined) {
        parts.push({ name: path, rereadable: false, size: 0, ...examined, blocks: () => nothing() });
        continue;
      }
      const { identity, rereadable, size } = examined;
      if (seen.has(identity)) continue;
      seen.add(identity);
      parts.push({ name: path, rereadable, size, blocks: (start) => fileBlocks(path, start) });
    }
  }
  const [first] = parts;
  if (first?.refused !== undefined && parts.every(({ refused }) => refused !== undefined)) {
    throw new CfBusError('FILE_UNREADABLE', first.refused);
  }
  return withoutUnpackable(parts);
}

/** What cannot be unpacked is left out where there is something else to read. */
function withoutUnpackable(parts: LogPart[]): LogPart[] {
  const isLost = ({ name, rereadable }: LogPart) => rereadable && name.endsWith('.zst') && !canUnpackZstd();
  if (parts.every(isLost)) return parts;
  return parts.map((part) =>
    isLost(part) ? { ...part, size: 0, rereadable: false, leftOut: true, blocks: () => nothing() } : part,
  );
}

async function* nothing(): AsyncGenerator<Block, void, undefined> {}

/** `path` and the parts that were rotated from it, oldest first. */
function rotatedSet(path: string): string[] {
  const folder = dirname(path);
  const base = basename(path);
  const names = namesIn(folder);
  const rotated = names.flatMap((name) => rotatedPart(base, name) ?? []);
  // A part that is being compressed is there twice for a moment; one of them is enough.
  rotated.sort((a, b) => a.age - b.age || compareText(a.stamp, b.stamp) || a.name.length - b.name.length);
  const once = rotated.filter(({ age, stamp }, index) => {
    const before = rotated[index - 1];
    return before?.age !== age || before.stamp !== stamp;
  });
  const paths = once.map(({ name }) => join(folder, name));
  return once.length > 0 && !names.includes(base) ? paths : [...paths, path];
}

/** Whether `path` is called as a part that was rotated from `log`. */
export function isRotatedPartOf(path: string, log: string): boolean {
  return join(dirname(path)) === join(dirname(log)) && rotatedPart(basename(log), basename(path)) !== undefined;
}

interface RotatedPart {
  readonly name: string;
  /** Rises from the oldest to the newest. */
  readonly age: number;
  readonly stamp: string;
}

/** `x.log.2`, `x.log.2.gz`, and logrotate's `dateext`: `x.log-20261123`, `x.log.2026-11-23.gz`, `x.log-20261123-1700000000`. */
function rotatedPart(base: string, name: string): RotatedPart | undefined {
  if (!name.startsWith(base)) return undefined;
  const end = name.slice(base.length).replace(/\.(?:gz|zst)$/, '');
  const number = /^\.(\d{1,6})$/.exec(end)?.[1];
  // Dated ones are older than numbered ones, where a log has both.
  if (number !== undefined) return { name, age: 1e7 - Number(number), stamp: '' };
  const date = /^[-.](\d{4})-?(\d{2})-?(\d{2})(?:[-.T_](\d{1,12}))?$/.exec(end);
  if (date === null) return undefined;
  const [, year, month, day, rest = ''] = date;
  return { name, age: 0, stamp: `${year}${month}${day} ${rest.padStart(12, '0')}` };
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

const NOT_LISTED: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ELOOP',
  'ENAMETOOLONG',
]);

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    // A folder that is not there, or that only lets one read what one can name: the error of the file itself says more.
    if (NOT_LISTED.has(systemErrorCode(error))) return [];
    // Anything else, and parts of the log would be missing without a word.
    throw unreadable(folder, error);
  }
}

interface Examined {
  readonly identity: string;
  readonly rereadable: boolean;
  readonly size: number;
}

function examine(path: string): Examined {
  const status = statusOf(path);
  if (status.isDirectory()) throw unreadable(path, undefined, 'it is a directory');
  // A device may have no end.
  if (!status.isFile() && !status.isFIFO()) throw unreadable(path, undefined, 'it is neither a file nor a pipe');
  return {
    identity: `${status.dev}:${status.ino}`,
    rereadable: status.isFile(),
    size: status.isFile() ? Number(status.size) : 0,
  };
}

/** The same of a part that nobody named; `undefined` for a folder that is merely called like one. */
function examinePart(path: string): Examined | { readonly refused: string } | undefined {
  try {
    if (statusOf(path).isDirectory()) return undefined;
    accessSync(path, constants.R_OK);
    return examine(path);
  } catch (error) {
    return { refused: (isCfBusError(error) ? error : unreadable(path, error)).message };
  }
}

function statusOf(path: string): BigIntStats {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    throw unreadable(path, error);
  }
}
