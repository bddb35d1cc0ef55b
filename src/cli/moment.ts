/** Times that people give: `-3h`, `2026-11-23`, `2026-11-23T10:30:00+01:00`. */
import { CfBusError, parseDuration, realClock } from '../kernel/index.js';
import { parseTime } from '../trace/index.js';

/**
 * Milliseconds since 1970. A duration counts back from `now`; a time without a zone is UTC, as the log's are.
 * @throws CfBusError `USAGE`
 */
export function momentOf(option: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (text === 'now') return now;
  const ago = parseDuration(text.replace(/^-/, '')) ?? days(text);
  const time = ago === undefined ? parseTime(text) : now - ago;
  if (time !== undefined) return time;
  throw new CfBusError('USAGE', `${option} takes a time, not "${text}"`, {
    hint: 'how long ago (-3h, -15m, -2d), or when (2026-11-23, 2026-11-23T10:30, 2026-11-23T10:30:00+01:00)',
  });
}

/** What `--since` and `--until` say. */
export function timesOf({ since, until }: { readonly since?: string; readonly until?: string }): {
  readonly since: number | undefined;
  readonly until: number | undefined;
} {
  const now = realClock.wallTime();
  return { since: momentOf('--since', since, now), until: momentOf('--until', until, now) };
}

function days(text: string): number | undefined {
  const match = /^-?(\d+(?:\.\d+)?)(d|w)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * (match[2] === 'w' ? 7 : 1) * 86_400_000;
}
