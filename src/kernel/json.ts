/** What a payload from outside may be: a JSON object of bounded depth and size. */
import { CfBusError } from './errors.js';

/** Levels of objects and arrays in a payload. */
export const MAX_PAYLOAD_DEPTH = 64;
/** Bytes of a payload as UTF-8 JSON. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** Keys that reach into an object's prototype; refused wherever a path or an id is made of user input. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** True for an object that is neither `null` nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Checks that `value`, made by `JSON.parse` or by hand, can be a payload, and returns it.
 * @throws CfBusError `INVALID_PAYLOAD` naming the JSON path of what is too deep, no JSON, or not an object.
 */
export function checkPayload(value: unknown): JsonObject {
  if (!isObject(value)) {
    const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
    throw new CfBusError('INVALID_PAYLOAD', `a payload is a JSON object, not ${kind}`, {
      hint: `example: --payload '{"repo_path": "/srv/web"}'`,
    });
  }
  checkDepth(value);
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > MAX_PAYLOAD_BYTES) throw payloadTooLarge(bytes);
  return value as JsonObject;
}

/** The error for a payload of `bytes` bytes, over the limit. */
export function payloadTooLarge(bytes: number): CfBusError {
  return new CfBusError(
    'INVALID_PAYLOAD',
    `the payload has ${bytes} bytes; at most ${MAX_PAYLOAD_BYTES} (256 KiB) are allowed`,
    {
      hint: 'keep payloads small: send a reference to the data instead',
    },
  );
}

// An explicit stack: a payload nested a million deep must not overflow ours.
function checkDepth(root: Record<string, unknown>): void {
  const stack: { readonly value: unknown; readonly depth: number; readonly path: string }[] = [
    { value: root, depth: 1, path: '$' },
  ];
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { value, depth, path } = entry;
    if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') {
      throw new CfBusError('INVALID_PAYLOAD', `${shorten(path)} is a ${typeof value}, which JSON cannot hold`);
    }
    // `1e999` is JSON, and read as Infinity; written again it would be null.
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new CfBusError('INVALID_PAYLOAD', `${shorten(path)} is ${value}, which JSON cannot hold`);
    }
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MAX_PAYLOAD_DEPTH) {
      throw new CfBusError(
        'INVALID_PAYLOAD',
        `the payload is nested deeper than ${MAX_PAYLOAD_DEPTH} levels, at ${shorten(path)}`,
      );
    }
    for (const [key, child] of Object.entries(value)) {
      const childPath = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
      stack.push({ value: child, depth: depth + 1, path: childPath });
    }
  }
}

function shorten(path: string): string {
  return path.length <= 80 ? path : `${path.slice(0, 40)}…${path.slice(-36)}`;
}
