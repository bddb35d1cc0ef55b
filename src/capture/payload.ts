/** Payloads of a captured scenario: what was logged, passed through where a handler passed it through. */
import { FORBIDDEN_KEYS, isObject } from '../kernel/index.js';
import type { EventNode } from '../trace/index.js';

export interface CapturedPayload {
  readonly value: Readonly<Record<string, unknown>> | undefined;
  /** Keys whose values were not logged; they are null in `value`. */
  readonly unknownKeys: readonly string[];
}

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The payload of `event` as a template, published by a handler of `cause` where there is one. */
export function capturePayload(event: EventNode, cause: EventNode | undefined): CapturedPayload {
  const published = event.published;
  if (published === undefined) return { value: undefined, unknownKeys: [] };
  if (isObject(published.payload)) {
    const handled = cause?.published?.payload;
    return { value: fromLogged(published.payload, isObject(handled) ? handled : {}), unknownKeys: [] };
  }
  const keys = published.payloadKeys.filter((key) => !FORBIDDEN_KEYS.has(key));
  if (keys.length === 0) return { value: undefined, unknownKeys: [] };
  return { value: Object.fromEntries(keys.map((key) => [key, null])), unknownKeys: keys };
}

function fromLogged(
  payload: Record<string, unknown>,
  handled: Record<string, unknown>,
): Record<string, unknown> | undefined {
  const entries = allowed(payload).map(([key, value]): [string, unknown] => {
    const passed = PLAIN_KEY.test(key) && Object.hasOwn(handled, key) && same(handled[key], value);
    return [key, passed ? `{{ event.payload.${key} }}` : literal(value)];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** A value that Liquid gives back unchanged. */
export function literal(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\{\{|\{%/g, (braces) => `{{ "${braces}" }}`);
  if (Array.isArray(value)) return value.map(literal);
  if (isObject(value)) return Object.fromEntries(allowed(value).map(([key, part]) => [key, literal(part)]));
  return value;
}

/** Keys that reach into prototypes are refused in scenario files. */
function allowed(object: Record<string, unknown>): readonly [string, unknown][] {
  return Object.entries(object).filter(([key]) => !FORBIDDEN_KEYS.has(key));
}

/** True where a payload holds keys that a scenario file cannot. */
export function hasForbiddenKeys(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasForbiddenKeys);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, part]) => FORBIDDEN_KEYS.has(key) || hasForbiddenKeys(part));
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
