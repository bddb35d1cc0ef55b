/** The log's timestamps: ISO 8601, UTC, milliseconds. */

/** The widest time a `Date` can hold, in milliseconds either side of 1970. */
const MAX_TIME_MS = 8.64e15;
/** Length of the text after the whole second: `123Z`. */
const FRACTION_LENGTH = 4;

const FRACTIONS: readonly string[] = Array.from({ length: 1_000 }, (_, ms) => `${String(ms).padStart(3, '0')}Z`);

/**
 * Makes a function from milliseconds since 1970 to text such as `2025-01-23T10:30:00.000Z`. It remembers the last
 * second, because `toISOString` costs ten times as much and a busy log asks thousands of times in each millisecond.
 * A number that is no time gives 1970; it never throws.
 */
export function isoTimestamps(): (wallTime: number) => string {
  let lastMs = Number.NaN;
  let lastText = '';
  let lastSecond = Number.NaN;
  let prefix = '';
  return (wallTime) => {
    if (wallTime === lastMs) return lastText;
    const ms = Math.abs(wallTime) <= MAX_TIME_MS ? Math.floor(wallTime) : 0;
    const second = Math.floor(ms / 1_000);
    if (second !== lastSecond) {
      lastSecond = second;
      prefix = new Date(ms).toISOString().slice(0, -FRACTION_LENGTH);
    }
    lastMs = wallTime;
    lastText = prefix + FRACTIONS[ms - second * 1_000];
    return lastText;
  };
}
