/** Payloads as the log holds them: plain JSON, detached from the user's objects, with secrets taken out. */
import { pino } from 'pino';
import { CfBusError, describeError, FORBIDDEN_KEYS, isObject, type JsonValue } from '../kernel/index.js';

/** Gives the plain JSON of any value. Never throws and never changes the value. */
export type PayloadReader = (payload: unknown) => JsonValue;

/** Levels kept of what JSON cannot hold as it is; a payload from outside may have 64. */
const MAX_DEPTH = 64;
/** A key, or one in brackets; then more of them: `user.password`, `items[*].card`, `["odd key"].x`. */
const PATH = /^(?:[^.[\]\s]+|\[[^\]]+\])(?:\.[^.[\]\s]+|\[[^\]]+\])*$/;

/**
 * @param redact paths below the payload whose values are replaced by `[Redacted]`: `user.password`, `items[*].card`,
 *   `*.token`; a leading `payload.` may stand or be left out.
 * @throws CfBusError `INVALID_OPTIONS` for a path that is none.
 */
export function payloadReader(redact: readonly string[] = []): PayloadReader {
  if (redact.length === 0) return toPlainJson;
  const paths = redact.map(recordPath);
  let line = '';
  const lines = {
    write: (text: string) => {
      line = text;
    },
  };
  try {
    const logger = pino({ base: null, timestamp: false, redact: paths }, lines);
    return (payload) => {
      try {
        // pino redacts while it serialises; reading that back gives watchers the very value the file has.
        logger.info({ payload: toPlainJson(payload) });
        return JSON.parse(line).payload;
      } catch {
        return '[payload could not be redacted]';
      }
    };
  } catch (error) {
    throw invalidPath(describeError(error).message);
  }
}

function recordPath(path: string): string {
  const relative = path.trim().replace(/^payload(?:\.|(?=\[))/, '');
  if (!PATH.test(relative)) throw invalidPath(`"${path}" is not a path`);
  if (relative.includes('**')) throw invalidPath(`"${path}": a * stands for one level, ** is not known`);
  const keys = relative.split(/[.[\]'"]+/);
  if (keys.some((key) => FORBIDDEN_KEYS.has(key))) throw invalidPath(`"${path}" reaches into an object's prototype`);
  return relative.startsWith('[') ? `payload${relative}` : `payload.${relative}`;
}

function invalidPath(what: string): CfBusError {
  return new CfBusError('INVALID_OPTIONS', `cannot redact: ${what}`, {
    hint: 'examples: user.password   items[*].card   *.token',
  });
}

function toPlainJson(value: unknown): JsonValue {
  try {
    // A copy: a handler may change its payload after this, and a watcher may keep the record.
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    return salvage(value, [], 1);
  }
}

/** What `JSON.stringify` would have written, with a note in place of each part that makes it throw. */
function salvage(value: unknown, above: readonly object[], depth: number): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return null;
  if (above.includes(value)) return '[circular]';
  if (depth > MAX_DEPTH) return '[nested too deep]';
  const inside = [...above, value];
  try {
    const json: unknown = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : value;
    if (json !== value) return salvage(json, inside, depth + 1);
  } catch {
    // A toJSON that throws: its object may still be read.
  }
  try {
    if (Array.isArray(value)) return Array.from(value, (item) => salvage(item, inside, depth + 1));
    return Object.fromEntries(
      Object.keys(value).flatMap((key): [string, JsonValue][] => {
        const child = readKey(value, key);
        const left = child === undefined || typeof child === 'function' || typeof child === 'symbol';
        return left ? [] : [[key, salvage(child, inside, depth + 1)]];
      }),
    );
  } catch {
    return '[unreadable]';
  }
}

function readKey(value: object, key: string): unknown {
  try {
    return isObject(value) ? value[key] : undefined;
  } catch (error) {
    return `[threw: ${describeError(error).message}]`;
  }
}

/** The payload's own keys; none where it does not let itself be asked. */
export function payloadKeys(payload: object): string[] {
  try {
    return Object.keys(payload);
  } catch {
    return [];
  }
}
