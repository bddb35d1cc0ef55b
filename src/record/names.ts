/** Texts that come again and again, found by their bytes: no text is made of them a second time. */

const SLOTS = 8_192;
/** Beyond it all are forgotten: names that never come again must not fill the memory. */
const MOST = SLOTS / 2;
/** Bytes at the end of a text that its hash is made of: what tells ids from one another. */
const HASHED = 8;

/** The hash of a text, from its bytes. */
export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  for (let at = Math.max(from, to - HASHED); at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash;
}

export function hashText(text: string): number {
  const bytes = Buffer.from(text);
  return hashBytes(bytes, 0, bytes.length);
}

export interface Name {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** Whoever asks may note the length of what follows it. */
  followed: number;
}

export class Names {
  #slots: (Name | undefined)[] = new Array(SLOTS).fill(undefined);
  #count = 0;
  #last: Name = { text: '', bytes: new Uint8Array(0), followed: 0 };

  /** The text at `from` to `to`. */
  get(bytes: Uint8Array, from: number, to: number): Name {
    if (same(this.#last.bytes, bytes, from, to)) return this.#last;
    let slot = hashBytes(bytes, from, to) & (SLOTS - 1);
    for (;;) {
      const name = this.#slots[slot] ?? this.#add(slot, bytes.slice(from, to));
      if (same(name.bytes, bytes, from, to)) {
        this.#last = name;
        return name;
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  #add(slot: number, bytes: Uint8Array): Name {
    const name = { text: Buffer.from(bytes).toString('utf8'), bytes, followed: 0 };
    if (this.#count === MOST) {
      this.#slots = new Array(SLOTS).fill(undefined);
      this.#count = 0;
    }
    this.#slots[slot] = name;
    this.#count++;
    return name;
  }
}

function same(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  const { length } = known;
  if (length !== to - from) return false;
  // From the end: names differ there.
  for (let index = length - 1; index >= 0; index--) if (known[index] !== bytes[from + index]) return false;
  return true;
}
