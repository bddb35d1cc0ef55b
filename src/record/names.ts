/** Texts that come again and again, found by their bytes: no text is made of them a second time. */

const SLOTS = 8_192;
/** Beyond it all are forgotten: names that never come again must not fill the memory. */
const MOST = SLOTS / 2;

/** FNV-1a, a byte at a time: what names are found by. */
export const HASH_START = 0x811c9dc5 | 0;
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/** The hash of the bytes of `text`. */
export function hashText(text: string): number {
  let hash = HASH_START;
  for (const byte of Buffer.from(text)) hash = hashByte(hash, byte);
  return hash;
}

interface Name {
  readonly hash: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}

export class Names {
  #slots: (Name | undefined)[] = new Array(SLOTS).fill(undefined);
  #count = 0;

  /** The text at `from` to `to`, whose bytes have this hash. */
  get(bytes: Uint8Array, from: number, to: number, hash: number): string {
    let slot = hash & (SLOTS - 1);
    for (;;) {
      const name = this.#slots[slot];
      if (name === undefined) return this.#add(slot, bytes.slice(from, to), hash);
      if (name.hash === hash && same(name.bytes, bytes, from, to)) return name.text;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  #add(slot: number, bytes: Uint8Array, hash: number): string {
    const text = Buffer.from(bytes).toString('utf8');
    if (this.#count === MOST) {
      this.#slots = new Array(SLOTS).fill(undefined);
      this.#count = 0;
    } else {
      this.#slots[slot] = { hash, bytes, text };
      this.#count++;
    }
    return text;
  }
}

function same(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let index = 0; index < known.length; index++) if (known[index] !== bytes[from + index]) return false;
  return true;
}
