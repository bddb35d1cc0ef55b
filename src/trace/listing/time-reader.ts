/** Timestamps as bytes: lines that follow each other mostly share the day. */

const LENGTH = '2026-11-23T08:00:00.000Z'.length;
const DAY = '2026-11-23T'.length;
const ZERO = 0x30;

export class TimeReader {
  readonly #day = new Uint8Array(DAY);
  #dayTime = Number.NaN;

  /** Milliseconds since 1970 of the timestamp from `from` to `to`; NaN where it is none. */
  read(bytes: Uint8Array, from: number, to: number): number {
    if (to - from !== LENGTH || !isOurs(bytes, from)) return parsed(bytes, from, to);
    const day = this.#day;
    for (let index = 0; index < DAY; index++) {
      if (day[index] === bytes[from + index]) continue;
      day.set(bytes.subarray(from, from + DAY));
      this.#dayTime = Date.parse(`${text(bytes, from, from + DAY)}00:00:00.000Z`);
      break;
    }
    const hours = two(bytes, from + 11);
    const minutes = two(bytes, from + 14);
    const seconds = two(bytes, from + 17);
    const milliseconds = two(bytes, from + 20) * 10 + digit(bytes, from + 22);
    if (!(hours < 24 && minutes < 60 && seconds < 60 && milliseconds < 1_000)) return parsed(bytes, from, to);
    return this.#dayTime + hours * 3_600_000 + minutes * 60_000 + seconds * 1_000 + milliseconds;
  }
}

/** `…T…:…:….…Z`. */
function isOurs(bytes: Uint8Array, from: number): boolean {
  return (
    bytes[from + 10] === 0x54 &&
    bytes[from + 13] === 0x3a &&
    bytes[from + 16] === 0x3a &&
    bytes[from + 19] === 0x2e &&
    bytes[from + 23] === 0x5a
  );
}

function two(bytes: Uint8Array, at: number): number {
  return digit(bytes, at) * 10 + digit(bytes, at + 1);
}

/** NaN for what is none. */
function digit(bytes: Uint8Array, at: number): number {
  const value = (bytes[at] ?? 0) - ZERO;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

function parsed(bytes: Uint8Array, from: number, to: number): number {
  return Date.parse(text(bytes, from, to));
}

export function text(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}
