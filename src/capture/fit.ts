/** Fits delays to what was observed. Durations are milliseconds, written as scenario files write them. */

export type FittedDelay =
  | string
  | { readonly type: 'uniform'; readonly min: string; readonly max: string }
  | { readonly type: 'lognormal'; readonly median: string; readonly p99: string };

/** Fewer observations than this say nothing about the shape of a distribution. */
const SHAPE_FROM = 8;
/** Observations this near to each other are one constant delay: clocks of logs are no finer. */
const SAME_MS = 1;

/** A delay that draws like `observed`; `undefined` where there is nothing to wait for. */
export function fitDelay(observed: readonly number[]): FittedDelay | undefined {
  const sorted = [...observed].sort((a, b) => a - b);
  const least = sorted[0];
  const most = sorted.at(-1);
  if (least === undefined || most === undefined || most < 0.001) return undefined;
  if (most - least <= SAME_MS) return writeDuration(quantile(sorted, 0.5));
  const median = quantile(sorted, 0.5);
  if (sorted.length < SHAPE_FROM || median <= 0)
    return { type: 'uniform', min: writeDuration(least), max: writeDuration(most) };
  return { type: 'lognormal', median: writeDuration(median), p99: writeDuration(quantile(sorted, 0.99)) };
}

/** Nearest rank. `sorted` is not empty. */
export function quantile(sorted: readonly number[], q: number): number {
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil(q * sorted.length)));
  return sorted[rank - 1] ?? 0;
}

/** Milliseconds as a scenario's duration, to a microsecond. */
export function writeDuration(ms: number): string {
  const micros = Math.max(0, Math.round(ms * 1_000));
  if (micros % 1_000_000 === 0 && micros > 0) return `${micros / 1_000_000}s`;
  return micros % 1_000 === 0
    ? `${micros / 1_000}ms`
    : micros < 1_000
      ? `${micros}us`
      : `${(micros / 1_000).toFixed(3).replace(/0+$/, '')}ms`;
}

/** A bound with room above `ms`: twice as much, in steps that people would write. */
export function roomAbove(ms: number): string {
  const twice = Math.max(1, ms * 2);
  const step = 10 ** Math.floor(Math.log10(twice));
  return writeDuration(Math.ceil(twice / step) * step);
}
