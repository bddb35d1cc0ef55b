/**
 * A search of a file that two threads share. What is here runs on both: the functions are given to the other thread as
 * text, so they use nothing but their parameters.
 */
import type { ScanCode } from './wasm/native.js';

export interface SharedScan {
  /** How many chunks are claimed. */
  readonly claimed: Int32Array;
  /** For each chunk: 1 where it was searched and the id is not in it. */
  readonly clear: Uint8Array;
  readonly fd: number;
  /** Where the first chunk begins, and what all of them end before. */
  readonly start: number;
  readonly end: number;
  readonly chunkBytes: number;
  /** Read beyond each chunk: an id that begins in it ends there. */
  readonly overlap: number;
  /** Chunks that a thread takes at a time. */
  readonly claim: number;
}

/** Memory, and where in it chunks are read to. */
export interface ReadTools {
  readonly bytes: Uint8Array;
  readonly address: number;
  readonly readSync: (fd: number, into: Uint8Array, at: number, length: number, position: number) => number;
}

/** A thread's own memory, and the search in it. */
export interface ScanTools extends ReadTools {
  /** Whether the id is among the bytes read. */
  readonly holds: (bytes: number) => boolean;
}

/** Reads up to `length` bytes to where chunks are read to; less at the end of the file. */
export function readChunk(
  { bytes, address, readSync }: ReadTools,
  fd: number,
  length: number,
  position: number,
): number {
  let got = 0;
  while (got < length) {
    const more = readSync(fd, bytes, address + got, length - got, position + got);
    if (more === 0) break;
    got += more;
  }
  return got;
}

/** Searches the next chunks that nobody has claimed; false where there are none. */
export function searchClaim(scan: SharedScan, tools: ScanTools, read: typeof readChunk): boolean {
  const { claimed, clear, fd, start, end, chunkBytes, overlap, claim } = scan;
  const first = Atomics.add(claimed, 0, claim);
  for (let chunk = first; chunk < first + claim && chunk < clear.length; chunk++) {
    const offset = start + chunk * chunkBytes;
    const length = Math.min(chunkBytes, end - offset) + overlap;
    clear[chunk] = tools.holds(read(tools, fd, length, offset)) ? 0 : 1;
  }
  return first < clear.length;
}

/** What the other thread is given. */
export interface HelperData {
  readonly scan: SharedScan;
  readonly module: WebAssembly.Module<Pick<ScanCode, 'find'>>;
  readonly needles: readonly AimedNeedle[];
  /** Bytes of memory for needles and chunk, and where the chunk begins. */
  readonly memoryBytes: number;
  readonly address: number;
}

/** Bytes to look for, and how (see `find` in scan.wat). */
export interface AimedNeedle {
  readonly bytes: Uint8Array;
  readonly address: number;
  readonly anchor: number;
  readonly bounds: number;
}

/** The other thread's program. */
export function help(
  { scan, module, needles, memoryBytes, address }: HelperData,
  readSync: ScanTools['readSync'],
  search: typeof searchClaim,
  read: typeof readChunk,
): void {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(memoryBytes / 65_536) });
  const { find } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const bytes = new Uint8Array(memory.buffer);
  for (const needle of needles) bytes.set(needle.bytes, needle.address);
  const holds = (length: number) =>
    needles.some((needle) => {
      const { bytes, anchor, bounds } = needle;
      return find(address, address + length, needle.address, bytes.length, anchor, bounds) !== -1;
    });
  while (search(scan, { bytes, address, readSync, holds }, read));
}
