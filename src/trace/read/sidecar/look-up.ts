/** Asks an index where an id may be. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Range } from '../scan-file.js';
import type { Native } from '../wasm/native.js';
import { BLOCK_BYTES, HEAD_BYTES, parseHead, type SidecarHead, stillHolds } from './sidecar.js';

const CHUNK = 1 << 20;
const KEY_BYTES = 256;
/** A filter takes 4 bytes at least, and each may give a number of 4 bytes. */
export const LOOK_UP_AREAS = [KEY_BYTES, CHUNK, CHUNK];

export interface OpenSidecar {
  readonly fd: number;
  readonly head: SidecarHead;
  /** Where they end. */
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

/**
 * The parts of the log in which `id` may begin, its end behind what is indexed included; `undefined` for an index that is
 * damaged. A block is read a little beyond its start, since it has the ids whose opening quote it has.
 */
export function lookUp(native: Native, sidecar: OpenSidecar, id: string, size: number): Range[] | undefined {
  const key = native.allocate(KEY_BYTES);
  const chunk = native.allocate(CHUNK);
  const out = native.allocate(CHUNK);
  const hash = native.code.hash(key, native.bytes.write(id, key, 'latin1'));
  const ranges: Range[] = [];
  let number = 0;
  let kept = 0;
  for (let at = HEAD_BYTES; at < sidecar.end; ) {
    const bytes = readSync(sidecar.fd, native.bytes, chunk + kept, CHUNK - kept, at);
    const end = chunk + kept + bytes;
    number = native.code.query(chunk, end, hash, number, out);
    const { stopped, found } = native.code;
    for (let place = out; place < found.value; place += 4) addBlock(ranges, native.bytes.readUInt32LE(place));
    at += bytes;
    kept = end - stopped.value;
    if (bytes === 0 || kept === CHUNK) return undefined;
    native.bytes.copyWithin(chunk, stopped.value, end);
  }
  if (kept !== 0 || number !== sidecar.head.blocks) return undefined;
  const indexed = number * BLOCK_BYTES;
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
