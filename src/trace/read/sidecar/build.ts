/** Makes the index of a log, or goes on with one where the log has grown. */
import {
  closeSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { SCAN_CHUNK } from '../scan-file.js';
import { nextTurn } from '../scan-helper.js';
import { readChunk } from '../scan-shared.js';
import { Native } from '../wasm/native.js';
import { GAP_WORD } from './key.js';
import { type Group, groupBytes, groupsOf, openSidecar } from './look-up.js';
import {
  BLOCK_BYTES,
  describeLog,
  GROUP_FILTERS,
  HEAD_BYTES,
  headBytes,
  SIDECAR_AREAS,
  WINDOW_BITS,
} from './sidecar.js';

/** A key that begins in a block ends in what is read beyond it. */
const BEYOND = 1024;
/** A block with more keys than that gets no filter: it is always read. */
const MOST_KEYS = 32_768;
/** Hashes of the keys of a group; one that has more has fewer filters. */
const KEYS_BYTES = 8 * 16 * MOST_KEYS;
const BITS_A_KEY = 14;
const SEEN_BYTES = 1 << 16;
const FILTERS_BYTES = 8 * (BITS_A_KEY * MOST_KEYS + WINDOW_BITS);
const GAP_BYTES = 16;
/** Of `log_gap`, what is rarest: `g_g`. */
const GAP_ANCHOR = 2;
const AREAS = [...SIDECAR_AREAS, ...[KEYS_BYTES, SEEN_BYTES, FILTERS_BYTES, GAP_BYTES], SCAN_CHUNK + BEYOND];

export interface BuildOptions {
  /** Ends the work; what is indexed by then is kept. */
  readonly signal?: AbortSignal | undefined;
  /** Called with bytes that were indexed. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * Indexes what is new in the log that is open as `fd`. The index takes its place in one step, so that several processes
 * may do this at the same time.
 * @throws the system's error where the index cannot be written or the log cannot be read.
 */
export async function buildSidecar(path: string, fd: number, options: BuildOptions = {}): Promise<void> {
  const native = Native.create(AREAS);
  if (native === undefined) return;
  const blocks = Math.max(0, Math.floor((fstatSync(fd).size - BEYOND) / BLOCK_BYTES));
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const writer = new SidecarWriter(native, temporary, copyOf(native, path, fd, temporary));
    try {
      await writer.index(fd, blocks, options);
      writer.end(fd);
    } finally {
      writer.close();
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

interface Begun {
  readonly groups: readonly Group[];
  /** Where to write on. */
  readonly end: number;
}

/** Begins `temporary` as a copy of the index at `path`, where that still holds, without a last group that is not full. */
function copyOf(native: Native, path: string, log: number, temporary: string): Begun | undefined {
  const present = openSidecar(native, path, log);
  if (present === undefined) return undefined;
  const groups = groupsOf(present);
  closeSync(present.fd);
  const last = groups?.at(-1);
  if (groups === undefined || last === undefined) return undefined;
  copyFileSync(path, temporary);
  const isFull = last.filters === GROUP_FILTERS;
  const end = isFull ? present.head.directory : last.start;
  truncateSync(temporary, end);
  return { groups: isFull ? groups : groups.slice(0, -1), end };
}

/** What is known of one block. */
interface BlockKeys {
  readonly start: number;
  /** 0 where there are too many. */
  readonly end: number;
  readonly hasGap: boolean;
}

class SidecarWriter {
  readonly #native: Native;
  readonly #fd: number;
  readonly #keys: number;
  readonly #seen: number;
  readonly #filters: number;
  readonly #gap: number;
  /** Those that are written. */
  readonly #groups: Group[];
  #group: BlockKeys[] = [];
  #free: number;
  #at: number;
  #blocks: number;

  constructor(native: Native, path: string, begun: Begun | undefined) {
    this.#native = native;
    this.#fd = openSync(path, begun === undefined ? 'w' : 'r+', 0o600);
    this.#at = begun?.end ?? HEAD_BYTES;
    this.#groups = [...(begun?.groups ?? [])];
    this.#blocks = this.#groups.reduce((sum, { filters }) => sum + filters, 0);
    this.#keys = native.allocate(KEYS_BYTES);
    this.#seen = native.allocate(SEEN_BYTES);
    this.#filters = native.allocate(FILTERS_BYTES);
    this.#gap = native.allocate(GAP_BYTES);
    this.#free = this.#keys;
  }

  async index(log: number, blocks: number, { signal, onProgress }: BuildOptions): Promise<void> {
    const { bytes } = this.#native;
    const address = this.#native.allocate(SCAN_CHUNK + BEYOND);
    for (const { offset, length } of pieces(this.#blocks, blocks, signal)) {
      const got = readChunk({ bytes, address, readSync }, log, length + BEYOND, offset);
      // A log that was truncated meanwhile.
      if (got < length) return;
      bytes.fill(0, address + got, address + SCAN_CHUNK + BEYOND);
      for (let at = 0; at < length; at += BLOCK_BYTES) this.#add(address + at);
      onProgress?.(length);
      await nextTurn();
    }
  }

  #add(block: number): void {
    const start = this.#free;
    const full = start + 8 * MOST_KEYS;
    const keys = this.#native.code.keys(block, block + BLOCK_BYTES, start, full, this.#seen);
    this.#group.push({ start, end: keys, hasGap: this.#hasGap(block) });
    this.#free = Math.max(start, keys);
    if (this.#group.length === GROUP_FILTERS || this.#free + 8 * MOST_KEYS > this.#keys + KEYS_BYTES) this.#endGroup();
  }

  /** Whether the block may have a record of lost records. */
  #hasGap(block: number): boolean {
    const { bytes, code } = this.#native;
    const length = bytes.write(GAP_WORD, this.#gap, 'latin1');
    return code.find(block, block + BLOCK_BYTES + length, this.#gap, length, GAP_ANCHOR, 0) !== -1;
  }

  #endGroup(): void {
    const { bytes, code } = this.#native;
    if (this.#group.length === 0) return;
    const most = this.#group.reduce((count, { start, end }) => Math.max(count, (end - start) / 8), 1);
    const bits = Math.ceil((most * BITS_A_KEY) / WINDOW_BITS) * WINDOW_BITS;
    bytes.fill(0, this.#filters, this.#filters + bits * 8);
    const marks = { low: 0, high: 0 };
    const gaps = { low: 0, high: 0 };
    for (const [lane, { start, end, hasGap }] of this.#group.entries()) {
      if (end === 0) mark(marks, lane);
      else code.fill(start, end, this.#filters, bits, lane);
      if (hasGap) mark(gaps, lane);
    }
    this.#groups.push({ start: this.#at, filters: this.#group.length, bits, marks, gaps });
    this.#write(bytes.subarray(this.#filters, this.#filters + bits * 8));
    this.#blocks += this.#group.length;
    this.#group = [];
    this.#free = this.#keys;
  }

  #write(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) {
      const written = writeSync(this.#fd, bytes, done, bytes.length - done, this.#at);
      done += written;
      this.#at += written;
    }
  }

  end(log: number): void {
    this.#endGroup();
    const directory = this.#at;
    this.#write(Buffer.concat(this.#groups.map(groupBytes)));
    const about = { blocks: this.#blocks, directory, groups: this.#groups.length };
    const head = headBytes(describeLog(this.#native, log, about));
    writeSync(this.#fd, head, 0, head.length, 0);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function mark(marks: { low: number; high: number }, lane: number): void {
  if (lane < 32) marks.low |= 1 << lane;
  else marks.high |= 1 << (lane - 32);
}

function* pieces(from: number, to: number, signal: AbortSignal | undefined) {
  const step = SCAN_CHUNK / BLOCK_BYTES;
  for (let block = from; block < to && signal?.aborted !== true; block += step) {
    yield { offset: block * BLOCK_BYTES, length: Math.min(step, to - block) * BLOCK_BYTES };
  }
}
