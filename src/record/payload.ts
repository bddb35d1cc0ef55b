/** Payloads as the log holds them: plain JSON, detached from the user's objects, with secrets taken out. */
import { CfBusError, describeError, FORBIDDEN_KEYS, isObject, type JsonValue } from '../kernel/index.js';

/** Gives the plain JSON of any value. Never throws and never changes the value. */
export type PayloadReader = (payload: unknown) => JsonValue;

/** Levels kept of what JSON cannot hold as it is; a payload from outside may have 64. */
const MAX_DEPTH = 64;
/** What stands in place of a redacted value. */
const REDACTED = '[Redacted]';
/** One level of a path: `.key`, `[0]`, `[*]`, `["odd key"]`. A comma would be a second path. */
const LEVEL = /\.?([^.,[\]\s"']+)|\[(?:([^,[\]\s"']+)|"([^"\]]+)"|'([^'\]]+)')\]/y;

/** A key, or any. */
type Level = { readonly key: string } | 'any';
type Path = readonly Level[];

/**
 * @param redact paths below the payload whose values are replaced by `[Redacted]`: `user.password`, `items[*].card`,
 *   `*.token`; a leading `payload.` may stand or be left out.
 * @throws CfBusError `INVALID_OPTIONS` for a path that is none.
 */
export function payloadReader(redact: readonly string[] = []): PayloadReader {
  if (redact.length === 0) return toPlainJson;
  const paths = redact.flatMap(pathsOf);
  return (payload) => {
    const json = toPlainJson(payload);
    for (const path of paths) hide(json, path, 0);
    return json;
  };
}

/** A payload may have a key of its own that is called `payload`: then both are meant. */
function pathsOf(written: string): readonly Path[] {
  const path = levelsOf(written.trim());
  const [first, ...rest] = path;
  return first !== 'any' && first?.key === 'payload' && rest.length > 0 ? [path, rest] : [path];
}

function levelsOf(path: string): Path {
  if (path.includes('**')) throw invalidPath(`"${path}": a * stands for one level, ** is not known`);
  const levels: Level[] = [];
  LEVEL.lastIndex = 0;
  while (LEVEL.lastIndex < path.length || levels.length === 0) {
    const dotted = path[LEVEL.lastIndex] === '.';
    const match = LEVEL.exec(path);
    // A dot stands between two levels, and nowhere else.
    if (match === null || (match[1] !== undefined && dotted !== levels.length > 0)) {
      throw invalidPath(`"${path}" is not a path`);
    }
    const [, plain, bracketed, ...quoted] = match;
    const key = plain ?? bracketed ?? quoted.join('');
    if (FORBIDDEN_KEYS.has(key)) throw invalidPath(`"${path}" reaches into an object's prototype`);
    levels.push((plain ?? bracketed) === '*' ? 'any' : { key });
  }
  return levels;
}

/** Replaces what is at `path` in a copy that nobody else has. */
function hide(value: unknown, path: Path, depth: number): void {
  const level = path[depth];
  if (typeof value !== 'object' || value === null || level === undefined) return;
  for (const key of level === 'any' ? Object.keys(value) : [level.key]) {
    // Not what it inherits, nor the length of a list.
    const own = Object.getOwnPropertyDescriptor(value, key);
    if (own?.enumerable !== true) continue;
    if (depth < path.length - 1) hide(own.value, path, depth + 1);
    else Object.defineProperty(value, key, { ...own, value: REDACTED });
  }
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
