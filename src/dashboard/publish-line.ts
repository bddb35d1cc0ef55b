/** The publish line: `index.updated {"repo_path": "/srv/web"}`. */
import { checkPayload, isCfBusError, isObject, type JsonObject, safeJson } from '../kernel/index.js';
import type { DashboardEvent } from './door.js';
import { type Model, shownData } from './model.js';

export interface PublishParts {
  readonly type: string;
  /** What comes after the type; empty where only a type was typed. */
  readonly payload: string;
  /** True while the type itself is being typed. */
  readonly typing: boolean;
}

export function splitPublish(text: string): PublishParts {
  const [, type = '', rest] = /^\s*(\S*)(\s.*)?$/s.exec(text) ?? [];
  return { type, payload: (rest ?? '').trim(), typing: rest === undefined };
}

/** Known types that begin with, or else contain, what was typed; at most `limit`. */
export function completions(model: Model, typed: string, limit = 50): readonly string[] {
  const types = [...new Set([...shownData(model).types.keys(), ...model.known.types()])].sort();
  const lower = typed.toLowerCase();
  const starting = types.filter((type) => type.toLowerCase().startsWith(lower));
  const containing = types.filter((type) => !starting.includes(type) && type.toLowerCase().includes(lower));
  return [...starting, ...containing].slice(0, limit);
}

/**
 * The line that publishes an event like the last one of `type`: what it carried, or its keys to be filled in.
 * @param payload that of the last one, where somebody knows it.
 */
export function templateLine(model: Model, type: string, payload: JsonObject | undefined): string {
  return lineOf(type, payload ?? loggedPayload(model, type) ?? {});
}

/** The line that publishes `payload` under `type`. */
export function lineOf(type: string, payload: object): string {
  return `${type} ${safeJson(payload)}`;
}

function loggedPayload(model: Model, type: string): object | undefined {
  const last = shownData(model).types.get(type)?.last;
  if (last === undefined) return undefined;
  if (isObject(last.payload)) return last.payload;
  return Object.fromEntries(last.payload_keys.map((key) => [key, '']));
}

export type ParsedPublish =
  | { readonly kind: 'event'; readonly event: DashboardEvent }
  | { readonly kind: 'wrong'; readonly problem: string };

export function parsePublish(text: string): ParsedPublish {
  const { type, payload } = splitPublish(text);
  if (type === '') return { kind: 'wrong', problem: 'type an event type first' };
  try {
    return { kind: 'event', event: { type, payload: payload === '' ? {} : parsePayload(payload) } };
  } catch (error) {
    if (isCfBusError(error)) return { kind: 'wrong', problem: error.message };
    const at = error instanceof SyntaxError ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    return {
      kind: 'wrong',
      problem: at === undefined ? 'the payload is not JSON' : `the payload is not JSON at character ${Number(at) + 1}`,
    };
  }
}

function parsePayload(text: string): JsonObject {
  return checkPayload(JSON.parse(text));
}
