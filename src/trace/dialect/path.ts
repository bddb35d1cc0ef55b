/** Fields by their path: `req.id` is the key `req.id`, or the key `id` in an object `req`. */
import { isObject } from '../../kernel/index.js';

/** A JSON object as it was parsed. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value at `path`, where there is one; `items.0.id` reaches into a list. */
export function valueAt(value: Fields, path: string): unknown {
  if (Object.hasOwn(value, path)) return value[path];
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const held = Object.hasOwn(value, path.slice(0, dot)) ? value[path.slice(0, dot)] : undefined;
    const inner: unknown = Array.isArray(held) ? { ...held } : held;
    if (!isObject(inner)) continue;
    const found = valueAt(inner, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `value` without the fields at `paths`; objects that are left empty go, too. */
export function without(value: Fields, paths: readonly string[]): Fields {
  const rest: Record<string, unknown> = { ...value };
  for (const path of paths) remove(rest, path);
  return rest;
}

function remove(value: Record<string, unknown>, path: string): void {
  if (Object.hasOwn(value, path)) {
    delete value[path];
    return;
  }
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const key = path.slice(0, dot);
    const inner = Object.hasOwn(value, key) ? value[key] : undefined;
    if (!isObject(inner) || valueAt(inner, path.slice(dot + 1)) === undefined) continue;
    const copy: Record<string, unknown> = { ...inner };
    remove(copy, path.slice(dot + 1));
    if (Object.keys(copy).length === 0) delete value[key];
    else value[key] = copy;
    return;
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** `text` as an object, where it is one. */
export function parseObject(text: string): Fields | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
