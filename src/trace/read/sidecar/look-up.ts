/** Asks an index where an id may be. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Range } from '../scan-file.js';
import type { Native } from '../wasm/native.js';
import { GAP_KEY, isIndexed } from './key.js';
import {
  BLOCK_BYTES,
  GROUP_FILTERS,
  GROUP_HEAD_BYTES,
  HEAD_BYTES,
  parseHead,
  type SidecarHead,
  sidecarPath,
  stillHolds,
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
  readonly end: number;
  readonly filters: number;
  readonly bits: number;
}

/** The groups of an index; `undefined` where it is damaged. */
export function groupsOf({ fd, head, end }: OpenSidecar): Group[] | undefined {
  const groups: Group[] = [];
  const buffer = Buffer.alloc(GROUP_HEAD_BYTES);
  let blocks = 0;
  for (let start = HEAD_BYTES; start < end; ) {
    readSync(fd, buffer, 0, GROUP_HEAD_BYTES, start);
    const filters = buffer.readUInt32LE(0);
    const bits = buffer.readUInt32LE(4);
    const group = { start, end: start + GROUP_HEAD_BYTES + bits * 8, filters, bits };
    if (filters === 0 || filters > GROUP_FILTERS || group.end > end) return undefined;
    groups.push(group);
    blocks += filters;
    start = group.end;
  }
  return blocks === head.blocks ? groups : undefined;
}

/** What an index tells of a log. */
export interface LookedUp {
  /** Where `key` may begin; `undefined` where the index cannot tell. */
  readonly ranges: readonly Range[] | undefined;
  /** Bytes of the log that are in the index. */
  readonly indexed: number;
}

/** Asks the index of the log that is open as `log`, where there is one that still holds. */
export function lookUpIn(native: Native, cacheFolder: string, log: number, key: string): LookedUp | undefined {
  const sidecar = openSidecar(native, sidecarPath(cacheFolder, log), log);
  if (sidecar === undefined) return undefined;
  try {
    const isKnown = key === GAP_KEY || isIndexed(key);
    return {
      ranges: isKnown ? lookUp(native, sidecar, key, fstatSync(log).size) : undefined,
      indexed: sidecar.head.blocks * sidecar.head.blockBytes,
    };
  } finally {
    closeSync(sidecar.fd);
  }
}

/**
 * The parts of the log in which `id` may begin, its end behind what is indexed included; `undefined` for an index that is
 * damaged. A block is read a little beyond its end, since it has the ids whose opening quote it has.
 */
function lookUp(native: Native, sidecar: OpenSidecar, id: string, size: number): Range[] | undefined {
  const groups = groupsOf(sidecar);
  if (groups === undefined) return undefined;
  const key = native.allocate(KEY_BYTES);
  const hash = native.code.hash(key, native.bytes.write(id, key, 'latin1'));
  const ranges: Range[] = [];
  let block = 0;
  for (const group of groups) {
    const marks = probe(native, sidecar.fd, group, hash);
    for (let lane = 0; lane < group.filters; lane++) {
      const half = lane < 32 ? marks.low : marks.high;
      if ((half & (1 << (lane & 31))) !== 0) addBlock(ranges, block + lane);
    }
    block += group.filters;
  }
  const indexed = block * BLOCK_BYTES;
  if (indexed < size) add(ranges, { start: indexed, end: size });
  return ranges;
}

const eight = Buffer.alloc(8);

/** Which of the group's filters may hold the key. */
function probe(native: Native, fd: number, { start, bits }: Group, hash: bigint): { low: number; high: number } {
  const filters = start + GROUP_HEAD_BYTES;
  let low = -1;
  let high = -1;
  for (let number = 0; number < PROBES && (low !== 0 || high !== 0); number++) {
    readSync(fd, eight, 0, 8, filters + (native.code.bit(hash, number, bits) >>> 0) * 8);
    low &= eight.readInt32LE(0);
    high &= eight.readInt32LE(4);
  }
  readSync(fd, eight, 0, 8, start + 8);
  return { low: low | eight.readInt32LE(0), high: high | eight.readInt32LE(4) };
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
