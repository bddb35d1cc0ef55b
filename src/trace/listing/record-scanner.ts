/**
 * What tells of a record whether and how it counts, read from its bytes: a fraction of what it takes to parse the line. It knows
 * the records of a trace whose keys and texts are written without escapes, in any order; of any other line it says that
 * it has to be parsed.
 */
import { isLevelAt, type Key, type Kind, keyAt, kindAt, type TraceKind } from './record-fields.js';
import { TimeReader, text } from './time-reader.js';
import { hashOf } from './trace-table.js';

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const END_BRACKET = 0x5d;
const BRACE = 0x7b;
const END_BRACE = 0x7d;
const LETTER_T = 0x74;
/** More digits than a number holds. */
const MOST_DIGITS = 15;

/** What of a record counts in a list of traces. */
export interface RecordFacts {
  readonly kind: TraceKind;
  readonly time: number;
  readonly seq: number;
  readonly subscribers: number;
  readonly attempt: number;
  readonly tookMs: number;
  readonly willRetry: boolean;
  readonly delivery: number;
  readonly eventType: string;
}

/** Bytes of the line. */
export interface Piece {
  from: number;
  to: number;
}

export class RecordScanner implements RecordFacts {
  kind: TraceKind = 'event_published';
  /** Milliseconds since 1970; NaN where the timestamp is none. */
  time = Number.NaN;
  seq = 0;
  subscribers = 0;
  attempt = 0;
  willRetry = false;
  readonly session: Piece = { from: 0, to: 0 };
  readonly traceId: Piece = { from: 0, to: 0 };
  readonly eventId: Piece = { from: 0, to: 0 };
  readonly #eventType: Piece = { from: 0, to: 0 };
  readonly #deliveryId: Piece = { from: 0, to: 0 };
  #durationMs = 0;
  #queuedMs = 0;
  readonly #time = new TimeReader();
  #bytes: Uint8Array = new Uint8Array();
  #to = 0;
  #kind: Kind | undefined;
  /** The number that was read last. */
  #number = 0;

  /** From publish to the end of the attempt; of records that tell of one. */
  get tookMs(): number {
    return this.#queuedMs + this.#durationMs;
  }

  /** Hash of the delivery's id; of records of deliveries. */
  get delivery(): number {
    return hashOf(this.#bytes, this.#deliveryId.from, this.#deliveryId.to);
  }

  get eventType(): string {
    return text(this.#bytes, this.#eventType.from, this.#eventType.to);
  }

  /** Scans the line from `from` to `to`, without its line break; false where it has to be parsed. */
  scan(bytes: Uint8Array, from: number, to: number): boolean {
    if (bytes[from] !== BRACE) return false;
    this.#bytes = bytes;
    this.#to = to;
    this.#kind = undefined;
    let seen = 0;
    for (let at = from + 1; ; ) {
      const named = this.#text(at);
      if (named === -1 || bytes[named] !== COLON) return false;
      const key = keyAt(bytes, at + 1, named - 1);
      if (key === undefined) at = this.#skip(named + 1);
      else {
        // Of a key that is there twice, the last one counts.
        if ((seen & key.bit) !== 0) return false;
        seen |= key.bit;
        at = this.#value(key, named + 1);
      }
      if (at === -1 || at >= to) return false;
      if (bytes[at] === END_BRACE) return at === to - 1 && this.#isWhole(seen);
      if (bytes[at++] !== COMMA) return false;
    }
  }

  #isWhole(seen: number): boolean {
    const kind = this.#kind;
    if (kind === undefined || (seen & kind.required) !== kind.required) return false;
    this.kind = kind.name;
    return true;
  }

  /** Reads the value at `at` and gives where it ends; -1 where it is not what the key must hold. */
  #value({ name, holds }: Key, at: number): number {
    const end = this.#typed(holds, at);
    if (end === -1) return -1;
    switch (name) {
      case 'level':
        return isLevelAt(this.#bytes, at + 1, end - 1) ? end : -1;
      case 'event':
        this.#kind = kindAt(this.#bytes, at + 1, end - 1);
        return this.#kind === undefined ? -1 : end;
      case 'timestamp':
        this.time = this.#time.read(this.#bytes, at + 1, end - 1);
        return end;
      case 'session':
        return place(this.session, at, end);
      case 'trace_id':
        return place(this.traceId, at, end);
      case 'event_id':
        return place(this.eventId, at, end);
      case 'event_type':
        return place(this.#eventType, at, end);
      case 'delivery_id':
        return place(this.#deliveryId, at, end);
      case 'seq':
        this.seq = this.#number;
        return end;
      case 'subscriber_count':
        this.subscribers = this.#number;
        return end;
      case 'attempt':
        this.attempt = this.#number;
        return end;
      case 'duration_ms':
        this.#durationMs = this.#number;
        return end;
      case 'queued_ms':
        this.#queuedMs = this.#number;
        return end;
      case 'will_retry':
        this.willRetry = this.#bytes[at] === LETTER_T;
        return end;
      default:
        return end;
    }
  }

  #typed(holds: Key['holds'], at: number): number {
    switch (holds) {
      case 'text':
        return this.#text(at);
      case 'number':
        return this.#readNumber(at);
      case 'flag':
        return this.#word(at, 'true') ? at + 4 : this.#word(at, 'false') ? at + 5 : -1;
      case 'texts':
        return this.#bytes[at] === BRACKET ? this.#texts(at) : -1;
    }
  }

  #word(at: number, word: string): boolean {
    for (let index = 0; index < word.length; index++) {
      if (this.#bytes[at + index] !== word.charCodeAt(index)) return false;
    }
    return true;
  }

  /** Where the text that begins at `at` ends; -1 where there is none, or one with escapes. */
  #text(at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== QUOTE) return -1;
    for (let end = at + 1; end < this.#to; end++) {
      const byte = bytes[end];
      if (byte === QUOTE) return end + 1;
      if (byte === BACKSLASH || byte === undefined || byte < SPACE) return -1;
    }
    return -1;
  }

  #texts(at: number): number {
    const bytes = this.#bytes;
    let end = at + 1;
    if (bytes[end] === END_BRACKET) return end + 1;
    for (;;) {
      end = this.#text(end);
      if (end === -1) return -1;
      if (bytes[end] === END_BRACKET) return end + 1;
      if (bytes[end++] !== COMMA) return -1;
    }
  }

  #readNumber(at: number): number {
    const bytes = this.#bytes;
    const negative = bytes[at] === MINUS;
    const start = negative ? at + 1 : at;
    let digits = 0;
    let decimals = -1;
    let end = start;
    for (; end < this.#to; end++) {
      const byte = bytes[end] ?? 0;
      if (byte >= ZERO && byte <= ZERO + 9) {
        digits = digits * 10 + byte - ZERO;
        if (decimals >= 0) decimals++;
      } else if (byte === DOT && decimals === -1 && end > start) decimals = 0;
      else break;
    }
    if (bytes[start] === ZERO && end > start + 1 && decimals === -1) return -1;
    // Beside a digit there is nothing but the end of a number: an exponent, for one, is left to others.
    const after = bytes[end];
    if (end === start || end - start > MOST_DIGITS || decimals === 0) return -1;
    if (after !== COMMA && after !== END_BRACE) return -1;
    const value = decimals <= 0 ? digits : digits / 10 ** decimals;
    this.#number = negative ? -value : value;
    return end;
  }

  /** Where the value of a key that is not known ends; -1 for what has to be parsed. */
  #skip(at: number): number {
    const first = this.#bytes[at];
    if (first === QUOTE) return this.#text(at);
    if (first === BRACKET) return this.#texts(at);
    if (this.#word(at, 'true') || this.#word(at, 'null')) return at + 4;
    return this.#word(at, 'false') ? at + 5 : this.#readNumber(at);
  }
}

function place(piece: Piece, at: number, end: number): number {
  piece.from = at + 1;
  piece.to = end - 1;
  return end;
}
