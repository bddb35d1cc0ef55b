/** Which field of a line holds the id of its request. */
import { isObject } from '../../kernel/index.js';
import type { Fields } from './path.js';
import { valueAt } from './path.js';

/** Names without case, dots, dashes and underscores; also of a key together with the object it is in (`req.id`). */
const NAMES = new Set([
  'traceid',
  'requestid',
  'reqid',
  'correlationid',
  'opid',
  'operationid',
  'traceparent',
  'xrequestid',
  'xcorrelationid',
  'xtraceid',
  'xb3traceid',
  'oteltraceid',
  'ddtraceid',
  'awsrequestid',
  // Serilog's compact JSON
  '@tr',
  // Google Cloud
  'logginggoogleapiscomtrace',
]);
/** What is nested deeper is no id. */
const MAX_DEPTH = 6;
const TRACEPARENT = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/;

/** A field that holds an id. */
export interface IdField {
  readonly path: string;
  readonly id: string;
}

/** What was found of names: the lines of a log share them. By parent, then by key; bounded, for a log that makes names up. */
const known = new Map<string, Map<string, boolean>>();
const MOST_KNOWN = 1_000;

/** True where a field of that name, in an object called `parent`, holds ids of requests. */
function isIdName(key: string, parent: string): boolean {
  let keys = known.get(parent);
  const found = keys?.get(key);
  if (found !== undefined) return found;
  const isId = NAMES.has(normal(key)) || (parent !== '' && NAMES.has(normal(parent + key)));
  if (keys === undefined || keys.size >= MOST_KNOWN) {
    if (known.size >= MOST_KNOWN) known.clear();
    keys = new Map();
    known.set(parent, keys);
  }
  keys.set(key, isId);
  return isId;
}

function normal(name: string): string {
  return name.replace(/[._\-/]/g, '').toLowerCase();
}

/** The fields of `value` that hold an id of a request: those of the usual names, or the one that is called `field`. */
export function idFields(value: Fields, field: string | undefined): IdField[] {
  const found: IdField[] = [];
  if (field !== undefined) {
    const id = idText(valueAt(value, field));
    return id === undefined ? [] : [{ path: field, id }];
  }
  look(value, '', '', 1);
  return found;

  function look(holder: Fields, path: string, parent: string, depth: number): void {
    for (const key of Object.keys(holder)) {
      const child = holder[key];
      if (isObject(child)) {
        if (depth < MAX_DEPTH) look(child, `${path}${key}.`, key, depth + 1);
      } else if (isIdName(key, parent)) {
        const id = idText(child);
        if (id !== undefined) found.push({ path: path + key, id });
      }
    }
  }
}

/** The text of an id; numbers count as their digits. */
function idText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether the value of an id's field stands for `id`. */
export function standsFor(value: string, id: string): boolean {
  if (value === id) return true;
  if (!value.includes(id)) return false;
  return TRACEPARENT.exec(value)?.[1] === id || value.endsWith(`/traces/${id}`);
}

/** The id that the value of an id's field stands for. */
export function plainId(value: string): string {
  const slash = value.lastIndexOf('/traces/');
  if (slash !== -1) return value.slice(slash + '/traces/'.length);
  return TRACEPARENT.exec(value)?.[1] ?? value;
}
