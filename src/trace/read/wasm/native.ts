/** The WebAssembly half of reading: memory that file reads go into, and what searches it. */
import { SCAN_CODE } from './scan-code.js';

/** See scan.wat. Addresses are offsets in the memory. */
export interface ScanCode {
  readonly find: (from: number, end: number, needle: number, length: number, anchor: number, bounds: number) => number;
  readonly pairs: (from: number, end: number, table: number) => void;
  readonly hash: (at: number, length: number) => bigint;
  readonly isKey: (at: number, length: number) => number;
  readonly keys: (from: number, end: number, out: number, full: number, seen: number) => number;
  readonly bit: (hash: bigint, number: number, bits: number) => number;
  readonly fill: (from: number, end: number, group: number, bits: number, lane: number) => void;
}

const PAGE = 1 << 16;
/** Loads reach beyond what they are given. */
const MARGIN = 256;

let module: WebAssembly.Module<ScanCode> | undefined;

function compiled(): WebAssembly.Module<ScanCode> {
  module ??= new WebAssembly.Module<ScanCode>(Buffer.from(SCAN_CODE, 'base64'));
  return module;
}

export class Native {
  readonly code: ScanCode;
  /** What `code` was made of, for another thread.
   * @internal Programs' types know nothing of webassembly.d.ts. */
  readonly module: WebAssembly.Module<ScanCode>;
  /** All of the memory. */
  readonly bytes: Buffer;
  #free = 0;

  private constructor(size: number) {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((size + MARGIN) / PAGE) });
    this.module = compiled();
    this.code = new WebAssembly.Instance(this.module, { env: { memory } }).exports;
    this.bytes = Buffer.from(memory.buffer);
  }

  /** With room for areas of `sizes` bytes; `undefined` where Node.js runs without WebAssembly (`--jitless`). */
  static create(sizes: readonly number[]): Native | undefined {
    if (typeof WebAssembly === 'undefined') return undefined;
    return new Native(sizes.reduce((sum, size) => sum + rounded(size), 0));
  }

  /** The address of an area of `size` bytes, at the start of a page: copies into it are fastest. */
  allocate(size: number): number {
    const at = this.#free;
    this.#free += rounded(size);
    return at;
  }
}

function rounded(size: number): number {
  return Math.ceil((size + MARGIN) / PAGE) * PAGE;
}
