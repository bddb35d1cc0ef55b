/**
 * Finds an id's lines in a file on disk. A chunk is read into the memory of WebAssembly, where it is still in the
 * processor's cache when it is searched; of a large file, a second thread searches a part.
 */
import { readSync } from 'node:fs';
import { LineReader } from './line-reader.js';
import { boundsOf, type Needle, type Pattern } from './needle.js';
import { nextTurn, ScanHelper } from './scan-helper.js';
import { type AimedNeedle, type HelperData, readChunk, type SharedScan, searchClaim } from './scan-shared.js';
import type { Native } from './wasm/native.js';

/** Bytes of a file: `start` is in, `end` is not. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface FileScan {
  readonly fd: number;
  /** In rising order, none overlapping. A line is found where the id begins in one of them. */
  readonly ranges: readonly Range[];
  readonly needle: Needle;
  /** Called with each line that may hold the id, without its line break, valid during the call; in their order. */
  readonly onLine: (line: Buffer, offset: number) => void;
  /** Called where a line that may hold the id is over the limit. */
  readonly onTooLong: (offset: number) => void;
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** Called where another thread may read from the file until it has ended, though the search is over. */
  readonly onHelper?: ((ended: Promise<void>) => void) | undefined;
  /** Bytes of a range from which on a second thread helps. */
  readonly worthHelp?: number | undefined;
}

/** Less than the nearer cache of a processor holds. */
export const SCAN_CHUNK = 1 << 20;
/** An id that begins in a chunk ends in what is read beyond it. */
const OVERLAP = 4096;
/** Chunks that are searched before other work of the program has its turn. */
const CLAIM = 8;
const WORTH_HELP_BYTES = 384 << 20;
const NEEDLE_BYTES = 1 << 12;
/** A table of how often each pair of bytes stands in a sample. */
const PAIRS_BYTES = 4 << 16;
const SAMPLE_BYTES = 1 << 14;
const WORTH_SAMPLE_BYTES = 64 << 20;
/** WebAssembly looks for three bytes of an id first. */
const SHORTEST_AIM = 3;

/** Areas of memory that a search needs. */
export const SCAN_AREAS = [SCAN_CHUNK + OVERLAP, NEEDLE_BYTES, PAIRS_BYTES];

/**
 * Searches the ranges of a file.
 * @throws the system's error of a read that failed.
 */
export async function scanFile(native: Native, scan: FileScan): Promise<void> {
  const search = new ChunkSearch(native, scan);
  const { worthHelp = WORTH_HELP_BYTES, onProgress } = scan;
  for (const range of scan.ranges) {
    const chunks = chunksOf(range);
    const clear = range.end - range.start < worthHelp ? undefined : await searchShared(search, range, scan);
    for (let chunk = 0; chunk < chunks; chunk++) {
      if (clear?.[chunk] === 1) continue;
      const offset = range.start + chunk * SCAN_CHUNK;
      const length = Math.min(SCAN_CHUNK, range.end - offset);
      search.take(offset, length);
      if (clear === undefined) onProgress?.(length);
      if (chunk % CLAIM === CLAIM - 1) await nextTurn();
    }
  }
}

function chunksOf({ start, end }: Range): number {
  return Math.ceil((end - start) / SCAN_CHUNK);
}

/** Searches a range on two threads; gives for each chunk a 1 where the id is not in it. */
async function searchShared(
  search: ChunkSearch,
  range: Range,
  { fd, onProgress, onHelper }: FileScan,
): Promise<Uint8Array | undefined> {
  const claimed = new Int32Array(new SharedArrayBuffer(4));
  const clear = new Uint8Array(new SharedArrayBuffer(chunksOf(range)));
  const chunkBytes = SCAN_CHUNK;
  const scan: SharedScan = { claimed, clear, fd, ...range, chunkBytes, overlap: OVERLAP, claim: CLAIM };
  const data = search.helperData(scan);
  const helper = data === undefined ? undefined : ScanHelper.start(data);
  if (helper === undefined) return undefined;
  onHelper?.(helper.ended);
  let done = 0;
  while (searchClaim(scan, search, readChunk)) {
    await nextTurn();
    const before = done;
    done = Math.min(Atomics.load(claimed, 0), clear.length);
    onProgress?.(Math.min((done - before) * SCAN_CHUNK, range.end - range.start - before * SCAN_CHUNK));
  }
  // What the other thread has claimed and not searched yet, this one searches, too: it may have to wait for its turn.
  return clear;
}

class ChunkSearch {
  readonly bytes: Buffer;
  readonly address: number;
  readonly readSync = readSync;
  readonly #native: Native;
  readonly #scan: FileScan;
  readonly #lines: LineReader;
  /** `undefined` where there is a pattern too short to be aimed at. */
  readonly #needles: readonly AimedNeedle[] | undefined;
  /** What lies before was looked at: a line is given once. */
  #resume = 0;

  constructor(native: Native, scan: FileScan) {
    this.#native = native;
    this.#scan = scan;
    this.#lines = new LineReader(scan.fd);
    this.bytes = native.bytes;
    this.address = native.allocate(SCAN_CHUNK + OVERLAP);
    this.#needles = this.#aim(native.allocate(NEEDLE_BYTES), native.allocate(PAIRS_BYTES));
  }

  /**
   * Puts the patterns into memory, with the place in each that is rarest in a sample of what is to be searched; of little,
   * the place of its rarest letters.
   */
  #aim(address: number, table: number): readonly AimedNeedle[] | undefined {
    const { needle, fd, ranges } = this.#scan;
    if (needle.patterns.some(({ bytes }) => bytes.length < SHORTEST_AIM)) return undefined;
    const isMuch = ranges.reduce((sum, { start, end }) => sum + end - start, 0) >= WORTH_SAMPLE_BYTES;
    if (isMuch) {
      const sample = readChunk(this, fd, SAMPLE_BYTES, ranges[0]?.start ?? 0);
      this.#native.code.pairs(this.address, this.address + sample, table);
    }
    let at = address;
    return needle.patterns.map((pattern) => {
      const { bytes } = pattern;
      bytes.copy(this.bytes, at);
      const aimed = {
        bytes,
        address: at,
        anchor: isMuch ? rarestTriple(bytes, this.bytes, table) : middleOf(pattern),
        bounds: boundsOf(pattern),
      };
      at += bytes.length;
      return aimed;
    });
  }

  /** What another thread needs to search, too; `undefined` where it cannot. */
  helperData(scan: SharedScan): HelperData | undefined {
    const { address } = this;
    const needles = this.#needles;
    if (needles === undefined) return undefined;
    return { scan, module: this.#native.module, needles, memoryBytes: this.bytes.length, address };
  }

  /** Reads and searches the chunk at `offset`; an id may begin in its first `length` bytes. */
  take(offset: number, length: number): void {
    const bytes = readChunk(this, this.#scan.fd, length + OVERLAP, offset);
    let from = Math.max(0, this.#resume - offset);
    while (from < length) {
      const at = this.#next(bytes, from);
      if (at === -1 || at >= length) return;
      this.#line(this.bytes.subarray(this.address, this.address + bytes), offset, at);
      from = this.#resume - offset;
    }
  }

  readonly holds = (bytes: number): boolean => this.#next(bytes, 0) !== -1;

  /** Where in the chunk, of which `bytes` were read, the id may stand next; -1 where it does not. */
  #next(bytes: number, from: number): number {
    const { address } = this;
    if (this.#needles === undefined) {
      return this.#scan.needle.next(this.bytes.subarray(address, address + bytes), from);
    }
    const { find } = this.#native.code;
    let nearest = -1;
    for (const { bytes: needle, address: at, anchor, bounds } of this.#needles) {
      const found = find(address + from, address + bytes, at, needle.length, anchor, bounds);
      if (found !== -1 && (nearest === -1 || found - address < nearest)) nearest = found - address;
    }
    return nearest;
  }

  #line(chunk: Buffer, offset: number, at: number): void {
    const line = this.#lines.around(chunk, offset, at);
    this.#resume = line.end + 1;
    if (line.kind === 'line') this.#scan.onLine(line.bytes, line.start);
    else this.#scan.onTooLong(line.start);
  }
}

/** The offset of three bytes around the rarest one. */
function middleOf({ bytes, offset }: Pattern): number {
  return Math.max(0, Math.min(offset - 1, bytes.length - SHORTEST_AIM));
}

/** The offset of three bytes of `needle` of which few pairs are in the `table` that lies in `memory`. */
function rarestTriple(needle: Buffer, memory: Buffer, table: number): number {
  const count = (at: number) => memory.readUInt32LE(table + 4 * needle.readUInt16LE(at));
  let rarest = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at + SHORTEST_AIM <= needle.length; at++) {
    const often = count(at) + count(at + 1);
    if (often >= least) continue;
    rarest = at;
    least = often;
  }
  return rarest;
}
