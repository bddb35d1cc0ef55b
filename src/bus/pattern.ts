/** Event types and the topic patterns that match them. `*` is one segment, `**` any number of segments, none included. */
import { CfBusError } from '../kernel/index.js';

/** Longest event type and pattern, in characters. */
export const MAX_TYPE_LENGTH = 200;

const EVENT_TYPE = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
const SEGMENT = /^(?:[A-Za-z0-9_-]+|\*\*?)$/;

export function isEventType(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TYPE_LENGTH && EVENT_TYPE.test(value);
}

/**
 * The segments of a pattern, repeated `**` folded into one.
 * @throws CfBusError `INVALID_PATTERN`
 */
export function parsePattern(pattern: unknown): readonly string[] {
  if (typeof pattern === 'string' && pattern.length <= MAX_TYPE_LENGTH) {
    const segments = pattern.split('.');
    if (segments.every((segment) => SEGMENT.test(segment))) {
      return segments.filter((segment, index) => segment !== '**' || segments[index - 1] !== '**');
    }
  }
  throw new CfBusError('INVALID_PATTERN', `not a topic pattern: ${describe(pattern)}`, {
    hint: 'segments of letters, digits, _ and - joined by dots; * stands for one segment, ** for any number',
  });
}

/** True for a pattern that names exactly one event type. */
export function isExact(segments: readonly string[]): boolean {
  return !segments.some((segment) => segment === '*' || segment === '**');
}

/** A test for event types. @throws CfBusError `INVALID_PATTERN` */
export function matcher(pattern: string): (type: string) => boolean {
  const segments = parsePattern(pattern);
  if (isExact(segments)) return (type) => type === pattern;
  if (segments.length === 1 && segments[0] === '**') return () => true;
  return (type) => matches(segments, type.split('.'));
}

/** Greedy with one step back, as for file globs: linear in practice, never exponential. */
function matches(pattern: readonly string[], type: readonly string[]): boolean {
  let p = 0;
  let t = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (t < type.length) {
    const segment = pattern[p];
    if (segment === '**') {
      starAt = p++;
      resumeAt = t;
    } else if (segment === '*' || (segment !== undefined && segment === type[t])) {
      p++;
      t++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      t = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === '**') p++;
  return p === pattern.length;
}

function describe(pattern: unknown): string {
  if (typeof pattern !== 'string') return `a ${pattern === null ? 'null' : typeof pattern}`;
  return pattern.length > 60 ? `"${pattern.slice(0, 60)}…" (${pattern.length} characters)` : `"${pattern}"`;
}
