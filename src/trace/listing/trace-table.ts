/** What is known of each trace, by the million: 48 bytes a trace and its id. A trace is known by its session and its id. */
import { Arena } from './arena.js';
import { Column } from './column.js';

/** Names that are kept as texts; further ones as bytes, so many of each. */
const MOST_NAMES = 10_000;
const MOST_NAME_BYTES = 200;
/** The session of lines of other programs, which have none. */
export const NO_SESSION = 0;

/** What is said of a trace by a bit. */
export const FLAG = {
  /** It has lines with a time. */
  timed: 1,
  failed: 2,
  abandoned: 4,
  /** Deliveries that go well are logged. */
  logged: 8,
  /** One of its events' types is known. */
  begun: 16,
} as const;

export class TraceTable {
  /** Milliseconds since 1970 of its first record; `FLAG.timed`. */
  readonly first = Column.any();
  /** Milliseconds from the first to the last. */
  readonly span = Column.large();
  /** Microseconds that one of its deliveries took at most. */
  readonly longest = Column.large();
  /** Lowest `seq` of its events; `FLAG.begun`. */
  readonly firstSeq = Column.large();
  /** Of a trace in lines of other programs: its lines. */
  readonly events = Column.small();
  readonly expected = Column.small();
  readonly deliveries = Column.small();
  readonly errors = Column.small();
  /** Deliveries under way. */
  readonly open = Column.small();
  /** Hash of the delivery whose last error was logged last. */
  readonly lastFailed = Column.large();
  readonly #flags = Column.small();
  readonly #session = Column.small();
  readonly #id = Column.large();
  readonly #idLength = Column.small();
  /** 0 for none; the number of a name; else where its bytes lie, behind those numbers. */
  readonly #root = Column.large();
  readonly #arena = new Arena();
  readonly #sessions: string[] = [''];
  readonly #sessionNumbers = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #nameNumbers = new Map<string, number>();
  readonly #most: number;
  /** Row + 1 of a trace; 0 where there is none. */
  #slots = new Int32Array(1 << 12);
  #size = 0;

  /** @param most traces that it holds at most */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  sessionNumber(session: string): number {
    let number = this.#sessionNumbers.get(session);
    if (number === undefined) {
      number = this.#sessions.push(session) - 1;
      this.#sessionNumbers.set(session, number);
    }
    return number;
  }

  /** The row of a trace, which is added where it is new; -1 where there is no room for it. */
  row(session: number, bytes: Uint8Array, from: number, to: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(bytes, from, to, session) & mask; ; slot = (slot + 1) & mask) {
      const row = (this.#slots[slot] ?? 0) - 1;
      if (row === -1) return this.#add(slot, session, bytes, from, to);
      const length = to - from;
      if (this.#idLength.get(row) !== length || this.#session.get(row) !== session) continue;
      if (this.#arena.holds(this.#id.get(row), length, bytes, from)) return row;
    }
  }

  #add(slot: number, session: number, bytes: Uint8Array, from: number, to: number): number {
    if (this.#size >= this.#most) return -1;
    const row = this.#size++;
    this.#slots[slot] = row + 1;
    this.#session.set(row, session);
    this.#id.set(row, this.#arena.put(bytes, from, to));
    this.#idLength.set(row, to - from);
    // A quarter of the slots at least is free.
    if (this.#size > this.#slots.length * 0.75) this.#grow();
    return row;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let row = 0; row < this.#size; row++) {
      const { page, from } = this.#arena.place(this.#id.get(row));
      let slot = hashOf(page, from, from + this.#idLength.get(row), this.#session.get(row)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = row + 1;
    }
    this.#slots = slots;
  }

  is(row: number, flag: number): boolean {
    return (this.#flags.get(row) & flag) !== 0;
  }

  set(row: number, flag: number): void {
    this.#flags.set(row, this.#flags.get(row) | flag);
  }

  /** It has a line of that time. */
  at(row: number, time: number): void {
    if (!this.is(row, FLAG.timed)) {
      this.set(row, FLAG.timed);
      this.first.set(row, time);
      return;
    }
    const first = this.first.get(row);
    if (time > first + this.span.get(row)) this.span.set(row, time - first);
    else if (time < first) {
      this.first.set(row, time);
      this.span.add(row, first - time);
    }
  }

  /** What the trace began with. Most share it with others; where they do not, texts lie beside the ids. */
  setRoot(row: number, name: string): void {
    const known = this.#nameNumbers.get(name);
    if (known !== undefined) return this.#root.set(row, known);
    if (this.#names.length < MOST_NAMES) {
      const number = this.#names.push(name);
      this.#nameNumbers.set(name, number);
      return this.#root.set(row, number);
    }
    const bytes = Buffer.from(` ${name}`).subarray(0, MOST_NAME_BYTES);
    bytes[0] = bytes.length - 1;
    this.#root.set(row, MOST_NAMES + 1 + this.#arena.put(bytes, 0, bytes.length));
  }

  root(row: number): string | undefined {
    const number = this.#root.get(row);
    if (number <= MOST_NAMES) return number === 0 ? undefined : this.#names[number - 1];
    const { page, from } = this.#arena.place(number - MOST_NAMES - 1);
    return page.toString('utf8', from + 1, from + 1 + (page[from] ?? 0));
  }

  id(row: number): string {
    const { page, from } = this.#arena.place(this.#id.get(row));
    return page.toString('utf8', from, from + this.#idLength.get(row));
  }

  sessionOf(row: number): string {
    return this.#sessions[this.#session.get(row)] ?? '';
  }

  /** False for one in lines of other programs. */
  isOwn(row: number): boolean {
    return this.#session.get(row) !== NO_SESSION;
  }
}

/** A whole number from 0 on, of 32 bits. */
export function hashOf(bytes: Uint8Array, from: number, to: number, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) | 0;
  for (let index = from; index < to; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  // The last bytes must reach the lowest bits, too.
  return (hash ^ (hash >>> 15)) >>> 0;
}
