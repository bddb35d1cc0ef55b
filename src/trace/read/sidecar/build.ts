/** Makes the index of a log, or goes on with one where the log has grown. */
import { closeSync, copyFileSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { eachPiece, SCAN_CHUNK } from '../scan-file.js';
import { Native } from '../wasm/native.js';
import { openSidecar } from './look-up.js';
import { BLOCK_BYTES, describeLog, HEAD_BYTES, headBytes, SIDECAR_AREAS } from './sidecar.js';

/** A key that begins in a block ends in what is read beyond it. */
const BEYOND = 1024;
const SLOTS = 2;
/** A block with more keys than that gets no filter: it is always read. */
const KEYS_BYTES = 8 * 32_768;
const BITS_A_KEY = 12;
const SEEN_BYTES = 1 << 16;
const FILTER_BYTES = (KEYS_BYTES / 8 / 8) * BITS_A_KEY + 8;
/** Filters are written in portions of that size. */
const PORTION_BYTES = 1 << 20;
const AREAS = [
  ...SIDECAR_AREAS,
  ...[KEYS_BYTES, SEEN_BYTES, FILTER_BYTES],
  ...Array.from({ length: SLOTS }, () => SCAN_CHUNK + BEYOND),
];

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

/** Begins `temporary` as a copy of the index at `path`, where that still holds; gives the blocks in it. */
function copyOf(native: Native, path: string, log: number, temporary: string): number {
  const present = openSidecar(native, path, log);
  if (present === undefined) return 0;
  closeSync(present.fd);
  copyFileSync(path, temporary);
  return present.head.blocks;
}

class SidecarWriter {
  readonly #native: Native;
  readonly #fd: number;
  readonly #keys: number;
  readonly #seen: number;
  readonly #filter: number;
  readonly #portion = Buffer.allocUnsafe(PORTION_BYTES);
  #used = 0;
  #at: number;
  #blocks: number;

  constructor(native: Native, path: string, blocks: number) {
    this.#native = native;
    this.#fd = openSync(path, blocks === 0 ? 'w' : 'r+', 0o600);
    this.#at = blocks === 0 ? HEAD_BYTES : fstatSync(this.#fd).size;
    this.#blocks = blocks;
    this.#keys = native.allocate(KEYS_BYTES);
    this.#seen = native.allocate(SEEN_BYTES);
    this.#filter = native.allocate(FILTER_BYTES);
  }

  async index(log: number, blocks: number, { signal, onProgress }: BuildOptions): Promise<void> {
    const native = this.#native;
    const addresses = Array.from({ length: SLOTS }, () => native.allocate(SCAN_CHUNK + BEYOND));
    await eachPiece(native, addresses, pieces(this.#blocks, blocks, signal), log, BEYOND, (piece, address, bytes) => {
      // A log that was truncated meanwhile.
      if (bytes < piece.length) return;
      native.bytes.fill(0, address + bytes, address + SCAN_CHUNK + BEYOND);
      for (let at = 0; at < piece.length; at += BLOCK_BYTES) this.#add(address + at);
      onProgress?.(piece.length);
    });
  }

  #add(block: number): void {
    const { bytes, code } = this.#native;
    const end = code.keys(block, block + BLOCK_BYTES, this.#keys, this.#keys + KEYS_BYTES, this.#seen);
    // No keys at all would be no bits, and those have another meaning.
    const keys = Math.max(1, (end - this.#keys) / 8);
    const bits = end === 0 ? 0 : Math.ceil((keys * BITS_A_KEY) / 32) * 32;
    if (bits > 0) code.fill(this.#keys, end, this.#filter, bits);
    if (this.#used + 4 + bits / 8 > PORTION_BYTES) this.#flush();
    this.#used = this.#portion.writeUInt32LE(bits, this.#used);
    this.#used += bytes.copy(this.#portion, this.#used, this.#filter, this.#filter + bits / 8);
    this.#blocks++;
  }

  #flush(): void {
    for (let at = 0; at < this.#used; ) {
      const written = writeSync(this.#fd, this.#portion, at, this.#used - at, this.#at);
      at += written;
      this.#at += written;
    }
    this.#used = 0;
  }

  end(log: number): void {
    this.#flush();
    const head = headBytes(describeLog(this.#native, log, this.#blocks));
    writeSync(this.#fd, head, 0, head.length, 0);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function* pieces(from: number, to: number, signal: AbortSignal | undefined) {
  const step = SCAN_CHUNK / BLOCK_BYTES;
  for (let block = from; block < to && signal?.aborted !== true; block += step) {
    yield { offset: block * BLOCK_BYTES, length: Math.min(step, to - block) * BLOCK_BYTES };
  }
}
