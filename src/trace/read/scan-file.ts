/**
 * Finds an id's lines in a file on disk. Reads go to Node's thread pool, several at once, while what has arrived is
 * searched: copying out of the page cache costs more than searching, and this does both on two cores.
 */
import { read, readSync } from 'node:fs';
import { LineReader } from './line-reader.js';
import { type Needle, type Pattern, standsAlone } from './needle.js';
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
}

export const SCAN_CHUNK = 1 << 20;
/** An id that begins in a chunk ends in what is read beyond it. */
const OVERLAP = 4096;
const SLOTS = 3;
/** So much is read sooner than other threads are ready to read it. */
const AT_ONCE_BYTES = 16 << 20;
const NEEDLE_BYTES = 1 << 12;

/** Areas of memory that a search needs. */
export const SCAN_AREAS = [NEEDLE_BYTES, ...Array.from({ length: SLOTS }, () => SCAN_CHUNK + OVERLAP)];

interface Piece {
  readonly offset: number;
  /** Where an id may begin, from `offset` on. */
  readonly length: number;
}

/**
 * Searches the ranges of a file.
 * @throws the system's error of a read that failed.
 */
export async function scanFile(native: Native, scan: FileScan): Promise<void> {
  const search = new PieceSearch(native, scan);
  const addresses = Array.from({ length: SLOTS }, () => native.allocate(SCAN_CHUNK + OVERLAP));
  const total = scan.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  if (total <= AT_ONCE_BYTES) {
    const [address = 0] = addresses;
    for (const piece of piecesOf(scan.ranges)) {
      search.take(piece, address, fillSync(scan.fd, native.bytes, address, piece.length + OVERLAP, piece.offset));
      scan.onProgress?.(piece.length);
    }
    return;
  }
  await eachPiece(native, addresses, piecesOf(scan.ranges), scan.fd, OVERLAP, (piece, address, bytes) => {
    search.take(piece, address, bytes);
    scan.onProgress?.(piece.length);
  });
}

function* piecesOf(ranges: readonly Range[]): Generator<Piece> {
  for (const { start, end } of ranges) {
    for (let offset = start; offset < end; offset += SCAN_CHUNK) {
      yield { offset, length: Math.min(SCAN_CHUNK, end - offset) };
    }
  }
}

/** Reads pieces, each with `overlap` bytes more, as many at once as there are `addresses`, and hands them on in order. */
export function eachPiece(
  native: Native,
  addresses: readonly number[],
  pieces: Iterator<Piece>,
  fd: number,
  overlap: number,
  onPiece: (piece: Piece, address: number, bytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const arrived: (readonly [Piece, number] | undefined)[] = addresses.map(() => undefined);
    let turn = 0;
    let pending = 0;
    let failed = false;
    const fail = (error: unknown) => {
      failed = true;
      reject(error);
    };
    const request = (slot: number) => {
      const next = pieces.next();
      if (next.done === true) return;
      const piece = next.value;
      pending++;
      fill(fd, native.bytes, addresses[slot] ?? 0, piece.length + overlap, piece.offset, (error, bytes) => {
        pending--;
        if (failed) return;
        if (error !== null) return fail(error);
        arrived[slot] = [piece, bytes];
        try {
          handOn();
        } catch (thrown) {
          return fail(thrown);
        }
        if (pending === 0) resolve();
      });
    };
    const handOn = () => {
      for (let here = arrived[turn]; here !== undefined; here = arrived[turn]) {
        const slot = turn;
        arrived[slot] = undefined;
        turn = (turn + 1) % addresses.length;
        onPiece(here[0], addresses[slot] ?? 0, here[1]);
        request(slot);
      }
    };
    for (const slot of addresses.keys()) request(slot);
    if (pending === 0) resolve();
  });
}

/** Reads `length` bytes, or up to the end of the file. */
function fill(
  fd: number,
  into: Buffer,
  at: number,
  length: number,
  position: number,
  done: (error: Error | null, bytes: number) => void,
): void {
  let got = 0;
  const more = () => {
    read(fd, into, at + got, length - got, position + got, (error, bytes) => {
      if (error !== null) return done(error, got);
      got += bytes;
      if (bytes === 0 || got === length) return done(null, got);
      more();
    });
  };
  more();
}

function fillSync(fd: number, into: Buffer, at: number, length: number, position: number): number {
  let got = 0;
  while (got < length) {
    const bytes = readSync(fd, into, at + got, length - got, position + got);
    if (bytes === 0) break;
    got += bytes;
  }
  return got;
}

class PieceSearch {
  readonly #native: Native;
  readonly #scan: FileScan;
  readonly #lines: LineReader;
  readonly #needles: readonly { readonly pattern: Pattern; readonly address: number }[];
  /** What lies before was looked at: a line is given once. */
  #resume = 0;

  constructor(native: Native, scan: FileScan) {
    this.#native = native;
    this.#scan = scan;
    this.#lines = new LineReader(scan.fd);
    let address = native.allocate(NEEDLE_BYTES);
    this.#needles = scan.needle.patterns.map((pattern) => {
      pattern.bytes.copy(native.bytes, address);
      const needle = { pattern, address };
      address += pattern.bytes.length;
      return needle;
    });
  }

  take(piece: Piece, address: number, bytes: number): void {
    const chunk = this.#native.bytes.subarray(address, address + bytes);
    const last = piece.offset + piece.length;
    let from = Math.max(0, this.#resume - piece.offset);
    for (;;) {
      const at = this.#next(address, chunk, from);
      if (at === -1 || piece.offset + at >= last) return;
      this.#line(chunk, piece.offset, at);
      from = this.#resume - piece.offset;
      if (from >= piece.length) return;
    }
  }

  #next(address: number, chunk: Buffer, from: number): number {
    let nearest = -1;
    for (const { pattern, address: needle } of this.#needles) {
      const limit = nearest === -1 ? chunk.length : Math.min(chunk.length, nearest + pattern.bytes.length);
      const at = this.#find(address, chunk, from, limit, pattern, needle);
      if (at !== -1) nearest = at;
    }
    return nearest;
  }

  #find(address: number, chunk: Buffer, from: number, limit: number, pattern: Pattern, needle: number): number {
    const [first, second] = pattern.rarest;
    const { find } = this.#native.code;
    for (let start = from; start < limit; ) {
      const found = find(address + start, address + limit, needle, pattern.bytes.length, first, second);
      if (found === -1) return -1;
      const at = found - address;
      // At the very start of a chunk the byte before is not at hand: the line will tell.
      if (standsAlone(chunk, at, pattern)) return at;
      start = at + 1;
    }
    return -1;
  }

  #line(chunk: Buffer, offset: number, at: number): void {
    const line = this.#lines.around(chunk, offset, at);
    this.#resume = line.end + 1;
    if (line.kind === 'line') this.#scan.onLine(line.bytes, line.start);
    else this.#scan.onTooLong(line.start);
  }
}
