/** What logs are read from: files, rotated sets, streams. */
import { type BigIntStats, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Block, fileBlocks, streamBlocks } from './blocks.js';
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
  /** Opens it, a file that is not packed from `start` on. A block is valid until the next one is asked for. */
  readonly blocks: (start?: number) => AsyncIterable<Block>;
}

/**
 * The parts to read, oldest first: `x.log` stands for `x.log.2.gz`, `x.log.1` and `x.log`, as far as they are there.
 * A file that is named twice is read once.
 * @throws CfBusError `FILE_UNREADABLE` for a file that is missing, a directory, or not ours to read.
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
      const { identity, rereadable, size } = examine(path);
      if (seen.has(identity)) continue;
      seen.add(identity);
      parts.push({ name: path, rereadable, size, blocks: (start) => fileBlocks(path, start) });
    }
  }
  return parts;
}

/** `path` and the parts that were rotated from it, oldest first. */
function rotatedSet(path: string): string[] {
  const folder = dirname(path);
  const base = basename(path);
  const names = namesIn(folder);
  const rotated: { readonly name: string; readonly number: number }[] = [];
  for (const name of names) {
    const number = rotationNumber(base, name);
    if (number !== undefined) rotated.push({ name, number });
  }
  // A part that is being compressed is there twice for a moment; one of them is enough.
  rotated.sort((a, b) => b.number - a.number || a.name.length - b.name.length);
  const once = rotated.filter(({ number }, index) => rotated[index - 1]?.number !== number);
  const paths = once.map(({ name }) => join(folder, name));
  return once.length > 0 && !names.includes(base) ? paths : [...paths, path];
}

function rotationNumber(base: string, name: string): number | undefined {
  if (!name.startsWith(`${base}.`)) return undefined;
  const match = /^(\d{1,6})(?:\.gz)?$/.exec(name.slice(base.length + 1));
  return match === null ? undefined : Number(match[1]);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The error of the file itself says more.
    return [];
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
  return {
    identity: `${status.dev}:${status.ino}`,
    rereadable: status.isFile(),
    size: status.isFile() ? Number(status.size) : 0,
  };
}

function statusOf(path: string): BigIntStats {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    throw unreadable(path, error);
  }
}
