/** A number for each row of a table with millions of them, off the heap; pages are added, never moved. */

const SHIFT = 14;
const ROWS = 1 << SHIFT;

type Page = Uint16Array | Uint32Array | Float64Array;

export class Column {
  readonly #page: () => Page;
  readonly #most: number;
  readonly #pages: Page[] = [];
  /** Numbers that are too large for a page. */
  readonly #larger = new Map<number, number>();

  private constructor(page: () => Page, most: number) {
    this.#page = page;
    this.#most = most;
  }

  /** Whole numbers from 0 on, few of which are over 65,534. */
  static small(): Column {
    return new Column(() => new Uint16Array(ROWS), 0xffff);
  }

  /** Whole numbers from 0 on, few of which are over 4,294,967,294. */
  static large(): Column {
    return new Column(() => new Uint32Array(ROWS), 0xffff_ffff);
  }

  static any(): Column {
    return new Column(() => new Float64Array(ROWS), Number.POSITIVE_INFINITY);
  }

  get(row: number): number {
    const value = this.#pages[row >>> SHIFT]?.[row & (ROWS - 1)] ?? 0;
    return value === this.#most ? (this.#larger.get(row) ?? value) : value;
  }

  set(row: number, value: number): void {
    let page = this.#pages[row >>> SHIFT];
    if (page === undefined) {
      page = this.#page();
      this.#pages[row >>> SHIFT] = page;
    }
    page[row & (ROWS - 1)] = Math.min(value, this.#most);
    if (value >= this.#most) this.#larger.set(row, value);
  }

  add(row: number, amount: number): void {
    this.set(row, this.get(row) + amount);
  }
}
