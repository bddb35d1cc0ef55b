/** How the values of options are read. A wrong one is a usage error that says what is expected. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../kernel/index.js';

/** Milliseconds of `30s`, `1m30s`, `500ms`. */
export function duration(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new InvalidArgumentError('A duration looks like 500ms, 30s or 1m30s.');
  return value;
}

/** A whole number from `least` up. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
  };
}

/** A number above zero. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above zero.');
}

/** For an option that may be given several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

const MAX_SEEDS = 1_000_000;

/** `1..500`: first and last seed, both included. */
export function seedRange(text: string): readonly [number, number] {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  const first = Number(from);
  const last = Number(to);
  if (Number.isSafeInteger(first) && Number.isSafeInteger(last) && first <= last && last - first < MAX_SEEDS)
    return [first, last];
  throw new InvalidArgumentError('Seeds look like 1..500, a million at most.');
}
