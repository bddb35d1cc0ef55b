/**
 * Finds the bytes of an id in a log without decoding it. What is found is a candidate only: the line is parsed and the
 * id compared as a string.
 */

/** Characters that every JSON writer leaves as they are (some escape `<`, `&`, `+` or `'` too). */
const PLAIN_RUN = /[A-Za-z0-9 _.:;,@#=~!?()[\]{}|*^$%-]+/g;
const CANONICAL_NUMBER = /^-?\d+(?:\.\d+)?$/;
/** From eight bytes on, `Buffer.indexOf` falls back to a search that is several times slower. */
const WINDOW_BYTES = 7;
const SHORTEST_WINDOW = 4;
/** More of an id need not be looked for: it is compared as a whole later. */
const LONGEST = 1_000;
/** Bytes of a JSON log, the most frequent first; any other is rare. */
const FREQUENT = '"etn_,ad:rislo0-h2pvumcy1gb.{}5f3w4TZ6k7 8x9';

/** Bytes that stand in a line which holds the id, and how to look for them. */
export interface Pattern {
  readonly bytes: Buffer;
  /** Whether the id begins and ends with these bytes, so that a letter or digit beside them makes it another id. */
  readonly beginsId: boolean;
  readonly endsId: boolean;
  /** The part that is searched for by `indexOf`, and where in `bytes` it begins. */
  readonly window: Buffer;
  readonly offset: number;
}

export class Needle {
  readonly patterns: readonly Pattern[];

  /** @param id not empty */
  constructor(id: string) {
    this.patterns = patternsFor(id);
  }

  /** Where the id may stand in `block`, at `from` or later; -1 where it does not. */
  next(block: Buffer, from: number): number {
    let nearest = -1;
    for (const pattern of this.patterns) {
      // What lies behind the nearest hit so far need not be searched.
      const within = nearest === -1 ? block : block.subarray(0, nearest);
      const at = find(within, pattern, from);
      if (at !== -1) nearest = at;
    }
    return nearest;
  }
}

/** False where the bytes beside a hit show that it is part of a longer id. `block` holds what is around `at`. */
function standsAlone(block: Buffer, at: number, { bytes, beginsId, endsId }: Pattern): boolean {
  if (beginsId && isWordByte(block[at - 1]) && isWordByte(bytes[0])) return false;
  return !(endsId && isWordByte(block[at + bytes.length]) && isWordByte(bytes[bytes.length - 1]));
}

/** The same in bits: 1 where no letter or digit may stand before a hit, 2 behind it. */
export function boundsOf({ bytes, beginsId, endsId }: Pattern): number {
  return (beginsId && isWordByte(bytes[0]) ? 1 : 0) | (endsId && isWordByte(bytes[bytes.length - 1]) ? 2 : 0);
}

function find(block: Buffer, pattern: Pattern, from: number): number {
  const { bytes, window, offset } = pattern;
  for (let at = block.indexOf(window, from + offset); at !== -1; at = block.indexOf(window, at + 1)) {
    const start = at - offset;
    const end = start + bytes.length;
    if (end > block.length) return -1;
    if (block.compare(bytes, 0, bytes.length, start, end) === 0 && standsAlone(block, start, pattern)) return start;
  }
  return -1;
}

/** Patterns of which at least one stands in every line that holds `id` as a JSON string or number. */
function patternsFor(id: string): Pattern[] {
  let longest = '';
  let at = 0;
  for (const match of id.matchAll(PLAIN_RUN)) {
    if (match[0].length <= longest.length) continue;
    longest = match[0];
    at = match.index;
  }
  if (longest === '') return escapedForms(id).map((form) => pattern(form, false, false));
  // A number may go on: 1.5 is written as 1.50, too.
  const number = CANONICAL_NUMBER.test(id);
  const part = longest.slice(0, LONGEST);
  const beginsId = !number && at === 0;
  const endsId = !number && at + part.length === id.length;
  return [pattern(Buffer.from(part), beginsId, endsId)];
}

/** The ways to write the first character of an id that has no plain one. */
function escapedForms(id: string): Buffer[] {
  const first = String.fromCodePoint(id.codePointAt(0) ?? 0);
  const hex = id.charCodeAt(0).toString(16).padStart(4, '0');
  const raw = JSON.stringify(first).slice(1, -1);
  return [...new Set([raw, `\\u${hex}`, `\\u${hex.toUpperCase()}`])].map((form) => Buffer.from(form));
}

function pattern(bytes: Buffer, beginsId: boolean, endsId: boolean): Pattern {
  const [rarest = 0] = Array.from(bytes.keys()).sort((a, b) => frequency(bytes[a]) - frequency(bytes[b]));
  // A window has some length, so the very end is no place to begin it.
  const offset = Math.min(rarest, Math.max(0, bytes.length - SHORTEST_WINDOW));
  return { bytes, beginsId, endsId, offset, window: bytes.subarray(offset, offset + WINDOW_BYTES) };
}

/** Higher for bytes that logs are full of; 0 for rare ones. */
function frequency(byte: number | undefined): number {
  const rank = FREQUENT.indexOf(String.fromCharCode(byte ?? 0));
  return rank === -1 ? 0 : FREQUENT.length - rank;
}

function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x7a);
}
