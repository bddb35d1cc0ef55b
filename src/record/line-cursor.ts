/** A place in the bytes of a line, moved from value to value. */
export const LINE_BREAK = 0x0a;
export const QUOTE = 0x22;
export const COLON = 0x3a;
export const BRACE = 0x7d;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const POINT = 0x2e;

export class LineCursor {
  bytes: Uint8Array = new Uint8Array(0);
  /** Between two values it stands on the last byte of the one before: a quote, a digit. */
  at = 0;

  text(from: number, to: number): string {
    const { buffer, byteOffset } = this.bytes;
    return Buffer.from(buffer, byteOffset + from, to - from).toString('utf8');
  }

  /** The text that begins at `from`. */
  textAt(from: number): string {
    return this.text(from, this.bytes.indexOf(QUOTE, from));
  }

  /** To the first byte of the next value, a text, whose key begins with `first`; with all `,"key":"` of `length`. */
  key(first: number, length: number): boolean {
    const { bytes, at } = this;
    this.at = at + length + 1;
    return (
      bytes[at + 3] === first &&
      bytes[at + 1] === COMMA &&
      bytes[at + length] === QUOTE &&
      bytes[at + length - 1] === COLON
    );
  }

  /**
   * To the end of a text that is mostly `expected` bytes long. Where it was not, and nobody would notice by the key that
   * follows, the line is none of the recorder's.
   */
  jump(expected: number): boolean {
    const { bytes } = this;
    const end = this.at + expected;
    if (bytes[end] !== QUOTE || bytes[end + 1] !== COMMA || bytes[end - 1] === BACKSLASH) return this.skip();
    this.at = end;
    return true;
  }

  /** To the end of a text. False where it holds what JSON writes otherwise: its bytes are not the text's. */
  skip(): boolean {
    const { bytes } = this;
    let { at } = this;
    for (; ; at++) {
      const byte = bytes[at] ?? LINE_BREAK;
      if (byte === QUOTE || byte === BACKSLASH || byte === LINE_BREAK) {
        this.at = at;
        return byte === QUOTE;
      }
    }
  }

  /** The number behind the next key, with all `,"key":` of `length`; -1 where there is none, or one written otherwise. */
  number(length: number): number {
    const { bytes } = this;
    let at = this.at + length + 1;
    if (bytes[at - 1] !== COLON) return -1;
    let value = 0;
    let scale = 0;
    for (; ; at++) {
      const byte = bytes[at] ?? LINE_BREAK;
      const digit = byte - ZERO;
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        scale *= 10;
      } else if (byte === POINT && scale === 0) scale = 1;
      else break;
    }
    this.at = at - 1;
    const end = bytes[at];
    return end === COMMA || end === BRACE ? (scale > 1 ? value / scale : value) : -1;
  }

  /** To the end of the line. */
  end(): number {
    const { bytes } = this;
    let { at } = this;
    while ((bytes[at] ?? LINE_BREAK) !== LINE_BREAK) at++;
    this.at = at;
    return at;
  }
}
