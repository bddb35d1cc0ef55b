/** Levels as logs name and number them. */
import type { TimelineLevel } from '../timeline.js';

const WORDS: Readonly<Record<string, TimelineLevel>> = {
  trace: 'trace',
  finest: 'trace',
  finer: 'trace',
  silly: 'trace',
  verbose: 'trace',
  debug: 'debug',
  dbug: 'debug',
  fine: 'debug',
  info: 'info',
  information: 'info',
  informational: 'info',
  inf: 'info',
  http: 'info',
  notice: 'info',
  default: 'info',
  log: 'info',
  warn: 'warn',
  warning: 'warn',
  wrn: 'warn',
  error: 'error',
  err: 'error',
  eror: 'error',
  severe: 'error',
  fail: 'error',
  critical: 'fatal',
  crit: 'fatal',
  fatal: 'fatal',
  dpanic: 'fatal',
  panic: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: winston's format.colorize() colours the level in files, too
const COLOURS = /\u001b\[[0-9;]*m/g;

/** The level that a word stands for, whatever its case: `WARNING`, `Information`, `ERROR+2` (slog), `info4` (OpenTelemetry). */
export function levelOfWord(word: string): TimelineLevel | undefined {
  const match = /^([a-z]+)(?:[+-]\d+|[1-4])?$/.exec(word.replace(COLOURS, '').trim().toLowerCase());
  const name = match?.[1] ?? '';
  return Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
}

/** pino and bunyan: 10 is trace, 60 fatal; what lies between counts as the lower. */
export function levelOfTens(number: number): TimelineLevel | undefined {
  if (number >= 60) return 'fatal';
  if (number >= 50) return 'error';
  if (number >= 40) return 'warn';
  if (number >= 30) return 'info';
  if (number >= 20) return 'debug';
  return number >= 10 ? 'trace' : undefined;
}

/** OpenTelemetry: 1 to 4 is trace, 21 to 24 fatal. */
export function levelOfSeverity(number: number): TimelineLevel | undefined {
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
  return number >= 1 && number <= 24 ? levels[Math.floor((number - 1) / 4)] : undefined;
}

/** syslog and the journal: 0 is an emergency, 7 debug. */
export function levelOfPriority(number: number): TimelineLevel | undefined {
  const levels = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'] as const;
  return levels[number];
}
