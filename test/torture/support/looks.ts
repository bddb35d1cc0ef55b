/** Small things that the parts with programs share. */
import type { Random } from '../../../src/kernel/index.js';

export function between(random: Random, from: number, to: number): number {
  return from + random.next() * (to - from);
}

/** True for what no user should see: a stack, or an error that nobody thought of. */
export function isRaw(text: string): boolean {
  return /^\s+at (?:\S+ \(|file:|node:|\/)/m.test(text) || /should not have happened|Native stack trace/.test(text);
}
