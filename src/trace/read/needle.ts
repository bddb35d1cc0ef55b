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
/** Bytes of a JSON log, the most frequent first; any other is rare. */
const FREQUENT = '"etn_,ad:rislo0-h2pvumcy1gb.{}5f3w4TZ6k7 8x9';

interface Pattern {
  readonly bytes: Buffer;
  /** The part that is searched for, and where in `bytes` it begins. */
  readonly window: Buffer;
  readonly offset: number;
}

export class Needle {
  readonly #patterns: readonly Pattern[];

  /** @param id not empty */
  constructor(id: string) {
    this.#patterns = patternsFor(id).map(withWindow);
  }

  /** Where the id may stand in `block`, at `from` or later; -1 where it does not. */
  next(block: Buffer, from: number): number {
    let nearest = -1;
    for (const pattern of this.#patterns) {
      // What lies behind the nearest hit so far need not be searched.
      const within = nearest === -1 ? block : block.subarray(0, nearest);
      const at = find(within, pattern, from);
      if (at !== -1) nearest = at;
    }
    return nearest;
  }
}

function find(block: Buffer, { bytes, window, offset }: Pattern, from: number): number {
  for (let at = block.indexOf(window, from + offset); at !== -1; at = block.indexOf(window, at + 1)) {
    const start = at - offset;
    if (block.compare(bytes, 0, bytes.length, start, Math.min(block.length, start + bytes.length)) === 0) return start;
  }
  return -1;
}

/** Bytes of which at least one stands in every line that holds `id` as a JSON string or number. */
function patternsFor(id: string): Buffer[] {
  let longest = '';
  let at = 0;
  for (const match of id.matchAll(PLAIN_RUN)) {
    if (match[0].length <= longest.length) continue;
    longest = match[0];
    at = match.index;
  }
  if (longest === '') return escapedForms(id);
  if (CANONICAL_NUMBER.test(id)) return [Buffer.from(id)];
  // A string's quotes stand right beside its first and last character.
  const opening = at === 0 ? '"' : '';
  const closing = at + longest.length === id.length ? '"' : '';
  return [Buffer.from(opening + longest + closing)];
}

/** The ways to write the first character of an id that has no plain one. */
function escapedForms(id: string): Buffer[] {
  const first = String.fromCodePoint(id.codePointAt(0) ?? 0);
  const hex = id.charCodeAt(0).toString(16).padStart(4, '0');
  const raw = JSON.stringify(first).slice(1, -1);
  return [...new Set([raw, `\\u${hex}`, `\\u${hex.toUpperCase()}`])].map((form) => Buffer.from(form));
}

function withWindow(bytes: Buffer): Pattern {
  const latest = Math.max(0, bytes.length - SHORTEST_WINDOW);
  let offset = 0;
  for (let index = 1; index <= latest; index++) {
    if (frequency(bytes[index]) < frequency(bytes[offset])) offset = index;
  }
  return { bytes, window: bytes.subarray(offset, offset + WINDOW_BYTES), offset };
}

/** Higher for bytes that logs are full of; 0 for rare ones. */
function frequency(byte: number | undefined): number {
  const rank = FREQUENT.indexOf(String.fromCharCode(byte ?? 0));
  return rank === -1 ? 0 : FREQUENT.length - rank;
}
