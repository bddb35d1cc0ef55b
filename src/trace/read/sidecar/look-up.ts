/** Asks an index where an id may be. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Range } from '../scan-file.js';
import type { Native } from '../wasm/native.js';
import { isIndexed } from './key.js';
import {
  BLOCK_BYTES,
  GROUP_FILTERS,
  GROUP_HEAD_BYTES,
  HEAD_BYTES,
  parseHead,
  type SidecarHead,
  sidecarPath,
  stillHolds,
  WINDOW_BITS,
} from './sidecar.js';

const KEY_BYTES = 256;
export const LOOK_UP_AREAS = [KEY_BYTES];
const PROBES = 8;

export interface OpenSidecar {
  readonly fd: number;
  readonly head: SidecarHead;
  /** Where its groups end. */
  readonly end: number;
}

/** The index at `path` of the log `log`, where there is one that still holds. Close its `fd`. */
export function openSidecar(native: Native, path: string, log: number): OpenSidecar | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  const opened = readHead(native, fd, log);
  if (opened === undefined) closeSync(fd);
  return opened;
}

function readHead(native: Native, fd: number, log: number): OpenSidecar | undefined {
  const buffer = Buffer.alloc(HEAD_BYTES);
  readSync(fd, buffer, 0, HEAD_BYTES, 0);
  const head = parseHead(buffer.toString('utf8'));
  if (head === undefined || !stillHolds(native, log, head)) return undefined;
  return { fd, head, end: fstatSync(fd).size };
}

export interface Group {
  /** Where it begins in the index. */
  readonly start: number;
  readonly filters: number;
  readonly bits: number;
  /** Filters that know nothing, and blocks with a record of lost records. */
  readonly marks: Marks;
  readonly gaps: Marks;
}

/** The groups of an index; `undefined` where it is damaged. */
export function groupsOf({ fd, head, end }: OpenSidecar): Group[] | undefined {
  const { directory, groups: count, blocks } = head;
  if (directory + count * GROUP_HEAD_BYTES !== end) return undefined;
  const bytes = Buffer.alloc(count * GROUP_HEAD_BYTES);
  readSync(fd, bytes, 0, bytes.length, directory);
  const groups: Group[] = [];
  let next = HEAD_BYTES;
  let found = 0;
  for (let at = 0; at < bytes.length; at += GROUP_HEAD_BYTES) {
    const group = readGroup(bytes, at);
    const { start, filters, bits } = group;
    if (start !== next || filters === 0 || filters > GROUP_FILTERS || bits % WINDOW_BITS !== 0) return undefined;
    groups.push(group);
    found += filters;
    next = start + bits * 8;
  }
  return next === directory && found === blocks ? groups : undefined;
}

function readGroup(bytes: Buffer, at: number): Group {
  return {
    filters: bytes.readUInt32LE(at),
    bits: bytes.readUInt32LE(at + 4),
    marks: marksAt(bytes, at + 8),
    gaps: marksAt(bytes, at + 16),
    start: bytes.readDoubleLE(at + 24),
  };
}

/** What is said of a group, as it stands in a file. */
export function groupBytes({ start, filters, bits, marks, gaps }: Group): Buffer {
  const bytes = Buffer.alloc(GROUP_HEAD_BYTES);
  bytes.writeUInt32LE(filters, 0);
  bytes.writeUInt32LE(bits, 4);
  for (const [at, { low, high }] of [[8, marks] as const, [16, gaps] as const]) {
    bytes.writeInt32LE(low, at);
    bytes.writeInt32LE(high, at + 4);
  }
  bytes.writeDoubleLE(start, 24);
  return bytes;
}

/** What an index tells of a log. */
export interface LookedUp {
  /** Where the id may begin; `undefined` where the index cannot tell. */
  readonly ranges: readonly Range[] | undefined;
  /** Where records of lost records may begin; `undefined` where the index is damaged. */
  readonly gaps: readonly Range[] | undefined;
  /** Bytes of the log that are in the index. */
  readonly indexed: number;
}

/** Asks the index of the log that is open as `log`, where there is one that still holds. */
export function lookUpIn(native: Native, cacheFolder: string, log: number, id: string): LookedUp | undefined {
  const sidecar = openSidecar(native, sidecarPath(cacheFolder, log), log);
  if (sidecar === undefined) return undefined;
  try {
    const { size } = fstatSync(log);
    const groups = groupsOf(sidecar);
    const indexed = sidecar.head.blocks * sidecar.head.blockBytes;
    if (groups === undefined) return { ranges: undefined, gaps: undefined, indexed };
    const gaps = rangesOf(groups, size, ({ marks, gaps }) => ({
      low: marks.low | gaps.low,
      high: marks.high | gaps.high,
    }));
    return { ranges: isIndexed(id) ? lookUp(native, sidecar.fd, groups, id, size) : undefined, gaps, indexed };
  } finally {
    closeSync(sidecar.fd);
  }
}

/** The parts of the log in which `id` may begin. */
function lookUp(native: Native, fd: number, groups: readonly Group[], id: string, size: number): Range[] {
  const key = native.allocate(KEY_BYTES);
  const hash = native.code.hash(key, native.bytes.write(id, key, 'latin1'));
  // As `bit` in scan.wat says: where in its window a key's bits are, no group changes; the window, its length does.
  const rows = Array.from({ length: PROBES }, (_, number) => native.code.bit(hash, number, WINDOW_BITS) * 8);
  const high = Number(BigInt.asUintN(32, hash >> 32n));
  const window = Buffer.allocUnsafe(WINDOW_BITS * 8);
  return rangesOf(groups, size, ({ start, bits, marks }) => {
    const first = Math.floor((high * (bits / WINDOW_BITS)) / 2 ** 32);
    readSync(fd, window, 0, window.length, start + first * window.length);
    let low = -1;
    let rest = -1;
    for (const row of rows) {
      low &= window.readInt32LE(row);
      rest &= window.readInt32LE(row + 4);
    }
    return { low: low | marks.low, high: rest | marks.high };
  });
}

/** One bit for each filter of a group. */
export interface Marks {
  readonly low: number;
  readonly high: number;
}

function marksAt(bytes: Buffer, at: number): Marks {
  return { low: bytes.readInt32LE(at), high: bytes.readInt32LE(at + 4) };
}

/**
 * The blocks that `marksOf` marks, with the end of the log that is behind what is indexed. A block is read a little beyond
 * its end, since it has the ids whose opening quote it has.
 */
function rangesOf(groups: readonly Group[], size: number, marksOf: (group: Group) => Marks): Range[] {
  const ranges: Range[] = [];
  let block = 0;
  for (const group of groups) {
    const { low, high } = marksOf(group);
    for (let lane = 0; lane < group.filters; lane++) {
      const half = lane < 32 ? low : high;
      if ((half & (1 << (lane & 31))) !== 0) addBlock(ranges, block + lane);
    }
    block += group.filters;
  }
  const indexed = block * BLOCK_BYTES;
  if (indexed < size) add(ranges, { start: indexed, end: size });
  return ranges;
}

function addBlock(ranges: Range[], block: number): void {
  add(ranges, { start: block * BLOCK_BYTES, end: (block + 1) * BLOCK_BYTES + 1 });
}

/** Ranges come in rising order; what touches is joined. */
function add(ranges: Range[], range: Range): void {
  const last = ranges.at(-1);
  if (last === undefined || last.end < range.start) ranges.push(range);
  else ranges[ranges.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
}
