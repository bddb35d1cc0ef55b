/**
 * What counts about a line of the log, read from its bytes: a fifth of what it costs to parse it. It knows lines as the
 * recorder writes them; of any other it says that it has to be parsed.
 */
import type { DeliveryKind } from './channel.js';
import { BRACE, COLON, LineCursor, QUOTE } from './line-cursor.js';
import { hashBytes, type Name, Names } from './names.js';

/** Bytes of `{"level":"`, and of a timestamp. */
const BEFORE_LEVEL = 10;
const TIME = 24;

/** Letters at which keys and kinds differ, as bytes. */
const [B, C, D, E, H, N, P, R, S, T] = [0x62, 0x63, 0x64, 0x65, 0x68, 0x6e, 0x70, 0x72, 0x73, 0x74] as const;

/** By the letter behind `event_handler_`. */
const HANDLER_KINDS: ReadonlyMap<number, ScannedKind> = new Map([
  [S, 'event_handler_start'],
  [C, 'event_handler_complete'],
  [E, 'event_handler_error'],
]);
/** By the second letter behind `event_delivery_`. */
const DELIVERY_KINDS: ReadonlyMap<number, ScannedKind> = new Map([
  [E, 'event_delivery_dead'],
  [R, 'event_delivery_dropped'],
  [B, 'event_delivery_abandoned'],
]);

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
  #serviceAt = 0;
  #eventLength = 0;
  #deliveryLength = 0;

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
    return this.#cursor.textAt(this.#serviceAt);
  }

  get handler(): string {
    const { service } = this;
    return this.#cursor.textAt(this.#serviceAt + Buffer.byteLength(service) + '","handler":"'.length);
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
    const event = kindAt(bytes, cursor.at);
    if (event === undefined) return false;
    this.event = event;
    cursor.at += event.length;
    if (bytes[cursor.at] !== QUOTE) return false;
    this.#readTime(time);
    this.seq = cursor.number(',"seq":'.length);
    return this.seq >= 0;
  }

  /** `,"event_id":"…","event_type":"…","trace_id":"…","session":"…"` */
  #event(): boolean {
    const cursor = this.#cursor;
    if (!cursor.key(E, ',"event_id":"'.length)) return false;
    const id = cursor.at;
    if (!cursor.jump(this.#eventLength)) return false;
    this.#eventLength = cursor.at - id;
    if (!cursor.key(E, ',"event_type":"'.length)) return false;
    const type = cursor.at;
    if (!cursor.skip()) return false;
    this.event_type = this.#types.get(cursor.bytes, type, cursor.at).text;
    if (!cursor.key(T, ',"trace_id":"'.length)) return false;
    this.#traceFrom = cursor.at;
    if (!cursor.skip()) return false;
    this.#traceTo = cursor.at;
    this.traceHash = hashBytes(cursor.bytes, this.#traceFrom, this.#traceTo);
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
    const from = cursor.at;
    if (!cursor.skip()) return false;
    const subscription = this.#subscriptions.get(cursor.bytes, from, cursor.at);
    this.subscription_id = subscription.text;
    if (!this.#skipHandler(subscription)) return false;
    if (!cursor.key(D, ',"delivery_id":"'.length)) return false;
    const id = cursor.at;
    if (!cursor.jump(this.#deliveryLength)) return false;
    this.#deliveryLength = cursor.at - id;
    this.attempt = cursor.number(',"attempt":'.length);
    return this.attempt >= 0 && this.#ending();
  }

  /** `,"service":"…","handler":"…"`: of one subscription they are always the same. */
  #skipHandler(subscription: Name): boolean {
    const cursor = this.#cursor;
    this.#serviceAt = cursor.at + ',"service":"'.length + 1;
    if (subscription.followed > 0) {
      cursor.at += subscription.followed;
      return cursor.bytes[cursor.at] === QUOTE;
    }
    const from = cursor.at;
    if (!cursor.key(S, ',"service":"'.length) || !cursor.skip()) return false;
    if (!cursor.key(H, ',"handler":"'.length) || !cursor.skip()) return false;
    subscription.followed = cursor.at - from;
    return true;
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

/** Known by the letters at which the kinds differ. */
function kindAt(bytes: Uint8Array, from: number): ScannedKind | undefined {
  switch (bytes[from + 'event_'.length]) {
    case P:
      return 'event_published';
    case N:
      return 'event_no_subscribers';
    case H:
      return HANDLER_KINDS.get(bytes[from + 'event_handler_'.length] ?? 0);
    case D:
      return DELIVERY_KINDS.get(bytes[from + 'event_delivery_d'.length] ?? 0);
    default:
      return undefined;
  }
}
