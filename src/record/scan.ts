/**
 * What counts about a line of the log, read from its bytes: a fifth of what it costs to parse it. It knows lines as the
 * recorder writes them; of any other it says that it has to be parsed.
 */
import type { DeliveryKind } from './channel.js';
import { BRACE, COLON, LineCursor, QUOTE } from './line-cursor.js';
import { Names } from './names.js';

/** Bytes of `{"level":"`, and of a timestamp. */
const BEFORE_LEVEL = 10;
const TIME = 24;

/** First letters of keys and kinds, as bytes. */
const C = 0x63;
const D = 0x64;
const E = 0x65;
const H = 0x68;
const N = 0x6e;
const P = 0x70;
const S = 0x73;
const T = 0x74;

/** The kinds that can be many; of the others there are few, and they are parsed. */
export type ScannedKind = 'event_published' | 'event_no_subscribers' | DeliveryKind;

/** One line after the other; what it tells is of the line that was scanned last. */
export class LineScanner {
  readonly #cursor = new LineCursor();
  readonly session: string;
  readonly #session: Uint8Array;
  readonly #types = new Names();
  readonly #subscriptions = new Names();
  readonly #timeBytes = new Uint8Array(TIME);
  #from = 0;
  #traceFrom = 0;
  #traceTo = 0;
  #serviceFrom = 0;
  #serviceTo = 0;
  #handlerTo = 0;

  event: ScannedKind = 'event_published';
  /** Milliseconds since 1970; NaN where the timestamp is none. */
  time = Number.NaN;
  seq = 0;
  event_type = '';
  subscription_id = '';
  /** Hash of the bytes of `trace_id`, as `hashText` gives it. */
  traceHash = 0;
  /** Of a published event: nothing led to it. */
  root = false;
  subscriber_count = 0;
  attempt = 0;
  duration_ms = 0;
  will_retry = false;

  /** @param session lines of other sessions have to be parsed. */
  constructor(session: string) {
    this.session = session;
    this.#session = Buffer.from(`,"session":${JSON.stringify(session)}`);
  }

  /** Scans the line at `from`, which a line break must end; false where it has to be parsed. */
  scan(bytes: Uint8Array, from: number): boolean {
    this.#cursor.bytes = bytes;
    this.#from = from;
    const known = this.#head() && this.#event() && this.#rest();
    // It may have gone on into the next line.
    if (!known) this.#cursor.at = from;
    return known;
  }

  /** The start of the line after the one that was scanned last. */
  next(): number {
    return this.#cursor.end() + 1;
  }

  /** The whole line that was scanned last, without its line break. */
  line(): string {
    return this.#cursor.text(this.#from, this.#cursor.end());
  }

  get trace_id(): string {
    return this.#cursor.text(this.#traceFrom, this.#traceTo);
  }

  get service(): string {
    return this.#cursor.text(this.#serviceFrom, this.#serviceTo);
  }

  get handler(): string {
    return this.#cursor.text(this.#serviceTo + '","handler":"'.length, this.#handlerTo);
  }

  /** `{"level":"debug","timestamp":"…","event":"event_…","seq":7` */
  #head(): boolean {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    const level = bytes[this.#from + BEFORE_LEVEL];
    // debug and error have five letters, info and warn four.
    cursor.at = this.#from + BEFORE_LEVEL + (level === D || level === E ? 5 : 4);
    if (bytes[cursor.at] !== QUOTE || !cursor.key(T, ',"timestamp":"'.length)) return false;
    const time = cursor.at;
    cursor.at += TIME;
    if (bytes[cursor.at] !== QUOTE || !cursor.key(E, ',"event":"'.length)) return false;
    const kind = cursor.at;
    if (!cursor.skip()) return false;
    const event = kindOf(bytes, kind, cursor.at - kind);
    if (event === undefined) return false;
    this.event = event;
    this.#readTime(time);
    this.seq = cursor.number(',"seq":'.length);
    return this.seq >= 0;
  }

  /** `,"event_id":"…","event_type":"…","trace_id":"…","session":"…"` */
  #event(): boolean {
    const cursor = this.#cursor;
    if (!cursor.key(E, ',"event_id":"'.length) || !cursor.skip()) return false;
    if (!cursor.key(E, ',"event_type":"'.length)) return false;
    const type = cursor.at;
    if (!cursor.hashed()) return false;
    this.event_type = this.#types.get(cursor.bytes, type, cursor.at, cursor.hash);
    if (!cursor.key(T, ',"trace_id":"'.length)) return false;
    this.#traceFrom = cursor.at;
    if (!cursor.hashed()) return false;
    this.#traceTo = cursor.at;
    this.traceHash = cursor.hash;
    return this.#skipSession();
  }

  #rest(): boolean {
    if (this.event === 'event_no_subscribers') return true;
    return this.event === 'event_published' ? this.#published() : this.#delivery();
  }

  /** `,"source":"…","subscriber_count":2`, with the causes between them. */
  #published(): boolean {
    const cursor = this.#cursor;
    if (!cursor.key(S, ',"source":"'.length) || !cursor.skip()) return false;
    this.root = !this.#caused();
    if (!this.root) {
      if (!cursor.key(C, ',"causation_id":"'.length) || !cursor.skip()) return false;
      if (this.#caused() && !(cursor.key(C, ',"causation_delivery_id":"'.length) && cursor.skip())) return false;
    }
    this.subscriber_count = cursor.number(',"subscriber_count":'.length);
    return this.subscriber_count >= 0;
  }

  #caused(): boolean {
    return this.#cursor.bytes[this.#cursor.at + 3] === C;
  }

  /** `,"subscription_id":"…","service":"…","handler":"…","delivery_id":"…","attempt":1`, and what its kind has. */
  #delivery(): boolean {
    const cursor = this.#cursor;
    if (!cursor.key(S, ',"subscription_id":"'.length)) return false;
    const subscription = cursor.at;
    if (!cursor.hashed()) return false;
    this.subscription_id = this.#subscriptions.get(cursor.bytes, subscription, cursor.at, cursor.hash);
    if (!cursor.key(S, ',"service":"'.length)) return false;
    this.#serviceFrom = cursor.at;
    if (!cursor.skip()) return false;
    this.#serviceTo = cursor.at;
    if (!cursor.key(H, ',"handler":"'.length) || !cursor.skip()) return false;
    this.#handlerTo = cursor.at;
    if (!cursor.key(D, ',"delivery_id":"'.length) || !cursor.skip()) return false;
    this.attempt = cursor.number(',"attempt":'.length);
    return this.attempt >= 0 && this.#ending();
  }

  /** `,"duration_ms":12.5` of an attempt that ended, and `,"will_retry":true}` of one that failed. */
  #ending(): boolean {
    const cursor = this.#cursor;
    if (this.event !== 'event_handler_complete' && this.event !== 'event_handler_error') return true;
    this.duration_ms = cursor.number(',"duration_ms":'.length);
    if (this.duration_ms < 0) return false;
    if (this.event === 'event_handler_complete') return true;
    // The last key of the line; "false" is a letter longer.
    const last = cursor.end() - 1;
    this.will_retry = cursor.bytes[last - 'true:'.length] === COLON;
    return cursor.bytes[last] === BRACE && (this.will_retry || cursor.bytes[last - 'false:'.length] === COLON);
  }

  #skipSession(): boolean {
    const { bytes, at } = this.#cursor;
    const session = this.#session;
    for (let index = 0; index < session.length; index++) if (bytes[at + 1 + index] !== session[index]) return false;
    this.#cursor.at = at + session.length;
    return true;
  }

  /** Many lines have the same time: it is worked out anew where a byte is another, looked for from the end. */
  #readTime(from: number): void {
    const { bytes } = this.#cursor;
    const known = this.#timeBytes;
    let index = TIME - 1;
    while (index >= 0 && known[index] === bytes[from + index]) index--;
    if (index < 0) return;
    for (; index >= 0; index--) known[index] = bytes[from + index] ?? 0;
    this.time = Date.parse(this.#cursor.text(from, from + TIME));
  }
}

/** Known by its length and by the letters at which kinds of that length differ. */
function kindOf(bytes: Uint8Array, from: number, length: number): ScannedKind | undefined {
  const first = bytes[from + 'event_'.length];
  const later = bytes[from + 'event_handler_'.length];
  switch (length) {
    case 'event_published'.length:
      return first === P ? 'event_published' : undefined;
    case 'event_no_subscribers'.length:
      return first === N ? 'event_no_subscribers' : undefined;
    case 'event_handler_start'.length:
      if (first === D) return 'event_delivery_dead';
      return later === S ? 'event_handler_start' : later === E ? 'event_handler_error' : undefined;
    case 'event_handler_complete'.length:
      return first === D ? 'event_delivery_dropped' : later === C ? 'event_handler_complete' : undefined;
    case 'event_delivery_abandoned'.length:
      return first === D ? 'event_delivery_abandoned' : undefined;
    default:
      return undefined;
  }
}
