/** From the fields of a line to what it says. */
import { isObject } from '../../kernel/index.js';
import type { TimelineLevel } from '../timeline.js';
import type { Dialect, Reading } from './dialect.js';
import { levelOfWord } from './level.js';
import { type Fields, isText, valueAt } from './path.js';
import { dialectOf } from './registry.js';
import { parseTime } from './time.js';

/** Fields that tell how long something took, and how many milliseconds one of their unit is. */
const DURATIONS: Readonly<Record<string, number>> = {
  duration_ms: 1,
  durationMs: 1,
  elapsed_ms: 1,
  elapsedMs: 1,
  latency_ms: 1,
  latencyMs: 1,
  took_ms: 1,
  response_time_ms: 1,
  // pino-http
  responseTime: 1,
  duration_seconds: 1_000,
  elapsed_seconds: 1_000,
  duration_s: 1_000,
  duration_us: 1e-3,
  duration_ns: 1e-6,
  // ECS
  'event.duration': 1e-6,
};
const DURATION_NAMES = Object.keys(DURATIONS);

/** What a line says, in the dialect that recognises it. */
export function readLine(value: Fields, dialect: Dialect = dialectOf(value)): Reading {
  const used: string[] = [];
  /** The first of `paths` that `convert` makes something of. */
  const first = <T>(paths: readonly string[], convert: (found: unknown) => T | undefined): T | undefined => {
    for (const path of paths) {
      const found = valueAt(value, path);
      const converted = found === undefined ? undefined : convert(found);
      if (converted === undefined) continue;
      used.push(path);
      return converted;
    }
    return undefined;
  };
  return {
    dialect: dialect.name,
    time: first(dialect.time, parseTime),
    level: first(dialect.level, (found) => levelOf(found, dialect)),
    message: first(dialect.message, textOf),
    service: first(dialect.service, (found) => (isText(found) ? found : undefined)),
    error: first(dialect.error, errorText),
    durationMs: durationOf(value, used),
    used,
  };
}

function levelOf(found: unknown, { levelOf }: Dialect): TimelineLevel | undefined {
  if (typeof found === 'string') {
    const word = levelOfWord(found);
    if (word !== undefined || !/^\d{1,2}$/.test(found)) return word;
  }
  const number = typeof found === 'string' ? Number(found) : found;
  return typeof number === 'number' ? levelOf?.(number) : undefined;
}

function textOf(found: unknown): string | undefined {
  if (typeof found === 'string') return found;
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  return found === null ? undefined : JSON.stringify(found);
}

function durationOf(value: Fields, used: string[]): number | undefined {
  for (const name of DURATION_NAMES) {
    const found = valueAt(value, name);
    if (typeof found !== 'number' || !Number.isFinite(found) || found < 0) continue;
    used.push(name);
    return Math.round(found * (DURATIONS[name] ?? 1) * 1_000) / 1_000;
  }
  return undefined;
}

/** An error in one line: `Type: message`. */
export function errorText(found: unknown): string | undefined {
  if (typeof found === 'string') return found === '' ? undefined : lineOfTrace(found);
  // Of structlog's exceptions the first was raised, the others led to it; of the lines of a traceback the last one tells.
  if (Array.isArray(found)) return errorText(isObject(found[0]) ? found[0] : found.at(-1));
  if (!isObject(found)) return undefined;
  const type = found.type ?? found.name ?? found.exc_type ?? found.class;
  const message = found.message ?? found.msg ?? found.exc_value;
  if (!isText(message)) return isText(type) ? type : errorText(found.stack ?? found.stack_trace);
  return isText(type) && !message.startsWith(`${type}:`) ? `${type}: ${message}` : message;
}

/** What a stack trace is about: Python's says it last, the others first. */
function lineOfTrace(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const line = text.startsWith('Traceback ') ? lines.at(-1) : lines[0];
  return (line ?? text).trim();
}
