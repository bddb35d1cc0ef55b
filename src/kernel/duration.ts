/** Durations as people write them: `80ms`, `2s`, `1.5s`, `2m30s`, `1h`. */

const UNIT_MS = { us: 0.001, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNIT_MS;
const WHOLE = /^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h|d))+$/;
const PART = /(\d+(?:\.\d+)?)(us|ms|s|m|h|d)/g;

/** Milliseconds of a text such as `2m30s`, or `undefined` where it is no duration. A bare `0` is one; other bare numbers are not. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  if (!WHOLE.test(trimmed)) return undefined;
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(PART)) total += Number(amount) * UNIT_MS[unit as Unit];
  return Number.isFinite(total) ? total : undefined;
}

/** A duration for reading: `0.4ms`, `12ms`, `1.25s`, `2m 05s`, `1h 02m`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '?';
  const size = Math.abs(ms);
  if (size < 1) return `${trimZeros(ms.toFixed(size < 0.1 ? 3 : 2))}ms`;
  if (size < 10) return `${trimZeros(ms.toFixed(1))}ms`;
  if (Math.round(size) < 1_000) return `${Math.round(ms)}ms`;
  if (size < 59_995) return `${trimZeros((ms / 1_000).toFixed(2))}s`;
  const seconds = Math.round(size / 1_000);
  const sign = ms < 0 ? '-' : '';
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 3_600) return `${sign}${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${sign}${Math.floor(seconds / 3_600)}h ${two(Math.floor((seconds % 3_600) / 60))}m`;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
