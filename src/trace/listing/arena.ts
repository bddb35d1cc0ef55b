/** Texts by the million as bytes, off the heap and never moved. */

const PAGE = 1 << 20;

export class Arena {
  readonly #pages: Buffer[] = [];
  #free = PAGE;

  /** Keeps a copy of `bytes` from `from` to `to`, and gives where. */
  put(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (this.#free + length > PAGE) {
      this.#pages.push(Buffer.allocUnsafeSlow(Math.max(PAGE, length)));
      this.#free = 0;
    }
    const page = this.#pages.length - 1;
    const at = this.#free;
    this.#pages[page]?.set(bytes.subarray(from, to), at);
    this.#free += length;
    return page * PAGE + at;
  }

  /** What was put there lies in `page` from `from` on. */
  place(at: number): { readonly page: Buffer; readonly from: number } {
    return { page: this.#pages[Math.floor(at / PAGE)] ?? Buffer.alloc(0), from: at % PAGE };
  }

  /** Whether what was put there is `length` bytes of `bytes` from `from` on. */
  holds(at: number, length: number, bytes: Uint8Array, from: number): boolean {
    const page = this.#pages[Math.floor(at / PAGE)];
    const start = at % PAGE;
    if (page === undefined) return false;
    // Ids differ near their ends.
    for (let index = length - 1; index >= 0; index--) if (page[start + index] !== bytes[from + index]) return false;
    return true;
  }
}
