/** Times as logs write them. */

const WRITTEN =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?)? ?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?/i;
const DIGITS = /^\d{9,20}(?:\.\d+)?$/;

/** From these numbers on, one counts milliseconds, microseconds, nanoseconds since 1970, not seconds. */
const MILLI = 1e11;
const MICRO = 1e14;
const NANO = 1e17;

/**
 * Milliseconds since 1970 of a time in a log: ISO 8601 and what is like it, or a number of seconds, milli-, micro- or
 * nanoseconds. A time without a zone counts as UTC. `undefined` for anything else.
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  if (DIGITS.test(value)) return fromDigits(value);
  return leadingTime(value)?.time;
}

/** The time at the start of `text`, and where it ends. */
export function leadingTime(text: string): { readonly time: number; readonly end: number } | undefined {
  const match = WRITTEN.exec(text);
  if (match === null) return undefined;
  const [whole, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  if (Number.isNaN(time) || Number(month) > 12 || Number(day) > 31 || Number(hour) > 24) return undefined;
  const ms = fraction === '' ? 0 : Number(`0.${fraction}`) * 1_000;
  return { time: time + rounded(ms) - offsetMs(zone), end: whole.trimEnd().length };
}

function offsetMs(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (match === null) return 0;
  const [, sign, hours, minutes] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

function fromNumber(value: number): number | undefined {
  if (!(value >= 1e8) || value > 1e20) return undefined;
  if (value < MILLI) return rounded(value * 1_000);
  if (value < MICRO) return rounded(value);
  return rounded(value < NANO ? value / 1_000 : value / 1e6);
}

/** Nanoseconds have more digits than a number holds. */
function fromDigits(text: string): number | undefined {
  return text.length === 19 && !text.includes('.')
    ? Number(`${text.slice(0, 13)}.${text.slice(13)}`)
    : fromNumber(Number(text));
}

/** Whole microseconds: more is noise of the arithmetic. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
