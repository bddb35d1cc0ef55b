/**
 * The index of a log: one Bloom filter for each 256 KiB, which tells that an id is not there. It lies in the user's cache
 * folder, named by the log's device and inode, so that it stays with a log that is rotated by renaming.
 *
 * A file is a head of 512 bytes (`SidecarHead` as JSON, then blanks), groups of up to 64 filters, and 32 bytes about each
 * group: its number of filters and their length in bits (u32 each, little-endian), a mark for each filter that knows
 * nothing and one for each block with a record of lost records (64 bits each), and where the group begins (f64). In a
 * group, filters lie side by side: 64 bits for their first bits, 64 for their second. All bits of a key are within 512,
 * so a look-up reads 4 KiB of a group, and no filter as a whole. 14 bits a key, 8 probes: about one block in 400 is read
 * in vain.
 */
import { fstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../../../kernel/index.js';
import type { Native } from '../wasm/native.js';

export const BLOCK_BYTES = 1 << 18;
/** Of the log's beginning and of the end of what is indexed; a changed one is another log. */
const PRINT_BYTES = 4096;
/** What comes before the groups. */
export const HEAD_BYTES = 512;
export const GROUP_FILTERS = 64;
/** What is said of a group. */
export const GROUP_HEAD_BYTES = 32;
/** Bits among which all of a key are. */
export const WINDOW_BITS = 512;
const FORMAT = 'cf-bus index 5';

/** What of a log the index was made from. */
export interface SidecarHead {
  readonly format: string;
  readonly blockBytes: number;
  readonly blocks: number;
  /** Where it is said of each group what it is, and of how many. */
  readonly directory: number;
  readonly groups: number;
  /** Size of the log, and when it was written last, at that time. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Fingerprints of its first 4 KiB, and of the last ones that are indexed. */
  readonly first: string;
  readonly last: string;
}

/** Where indexes lie in a cache folder. */
export function indexFolder(cacheFolder: string): string {
  return join(cacheFolder, 'index');
}

/** Where the index lies of the log that is open as `fd`. */
export function sidecarPath(cacheFolder: string, fd: number): string {
  const { dev, ino } = fstatSync(fd, { bigint: true });
  return join(indexFolder(cacheFolder), `${dev.toString(36)}-${ino.toString(36)}.idx`);
}

/** The head of an index, so far, of the log that is open as `fd`. */
export function describeLog(
  native: Native,
  fd: number,
  about: Pick<SidecarHead, 'blocks' | 'directory' | 'groups'>,
): SidecarHead {
  const { blocks } = about;
  const { size, mtimeMs } = fstatSync(fd);
  return {
    ...{ format: FORMAT, blockBytes: BLOCK_BYTES, ...about, size, mtimeMs },
    first: fingerprint(native, fd, 0),
    last: fingerprint(native, fd, blocks * BLOCK_BYTES - PRINT_BYTES),
  };
}

/** False where the log was truncated, rewritten or replaced since `head` was made: its filters tell nothing then. */
export function stillHolds(native: Native, fd: number, head: SidecarHead): boolean {
  const { size, mtimeMs } = fstatSync(fd);
  if (size < head.size || (size === head.size && mtimeMs !== head.mtimeMs)) return false;
  const end = head.blocks * BLOCK_BYTES;
  if (end === 0 || end > size) return false;
  return fingerprint(native, fd, 0) === head.first && fingerprint(native, fd, end - PRINT_BYTES) === head.last;
}

/** The head as it stands in a file. */
export function headBytes(head: SidecarHead): Buffer {
  return Buffer.from(`${JSON.stringify(head).padEnd(HEAD_BYTES - 1)}\n`);
}

/** The head in `text`; `undefined` where it is none of this format. */
export function parseHead(text: string): SidecarHead | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value.format !== FORMAT || value.blockBytes !== BLOCK_BYTES) return undefined;
  const { blocks, directory, groups, size, mtimeMs, first, last } = value;
  if (typeof first !== 'string' || typeof last !== 'string') return undefined;
  if (typeof blocks !== 'number' || typeof size !== 'number' || typeof mtimeMs !== 'number') return undefined;
  if (typeof directory !== 'number' || typeof groups !== 'number') return undefined;
  return { format: FORMAT, blockBytes: BLOCK_BYTES, blocks, directory, groups, size, mtimeMs, first, last };
}

const scratch = new WeakMap<Native, number>();

function fingerprint(native: Native, fd: number, position: number): string {
  let at = scratch.get(native);
  if (at === undefined) {
    at = native.allocate(PRINT_BYTES);
    scratch.set(native, at);
  }
  const bytes = readSync(fd, native.bytes, at, PRINT_BYTES, position);
  return BigInt.asUintN(64, native.code.hash(at, bytes)).toString(16);
}

/** Areas of memory that the functions above need. */
export const SIDECAR_AREAS = [PRINT_BYTES];
