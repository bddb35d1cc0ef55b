/** Counts as a row of bars, and figures in few cells. */
import { formatDuration } from '../../kernel/index.js';
import type { Glyphs } from './theme.js';

/** One cell a count, scaled to the largest; a count above zero is never invisible. */
export function sparkline(counts: readonly number[], { levels }: Glyphs): string {
  const top = Math.max(1, ...counts);
  const steps = levels.length - 1;
  return counts.map((count) => levels[count <= 0 ? 0 : Math.max(1, Math.round((count / top) * steps))] ?? ' ').join('');
}

const UNITS = [
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
] as const;

/** A number in at most `cells` cells (three at least), mostly fewer: `0`, `7.5`, `999`, `12.3k`, `4.1M`. */
export function compact(value: number, cells = 6): string {
  const text = inSix(value);
  if (text.length <= cells) return text;
  for (const [unit, size] of UNITS) {
    const short = value < size ? `<1${unit}` : `${Math.floor(value / size)}${unit}`;
    if (short.length <= cells) return short;
  }
  return '?';
}

function inSix(value: number): string {
  if (!Number.isFinite(value)) return '?';
  if (value < 10 && !Number.isInteger(value)) return value.toFixed(1);
  if (value < 10_000) return String(Math.round(value));
  if (value < 999_950) return `${(value / 1_000).toFixed(value < 99_950 ? 1 : 0)}k`;
  if (value < 999_950_000) return `${(value / 1_000_000).toFixed(1)}M`;
  return `${(value / 1_000_000_000).toFixed(1)}G`;
}

/** A duration in at most six cells. */
export function shortDuration(ms: number): string {
  if (ms > 0 && ms < 0.1) return '<0.1ms';
  const text = formatDuration(ms);
  return text.length > 6 ? text.replace(' ', '') : text;
}
