/** Which fields of an object hold a value. */
import { isObject } from '../kernel/index.js';

/** Levels that are looked through: what is nested deeper is no id. */
const MAX_DEPTH = 8;

/** Paths (`trace.id`, `items.0.id`) of the fields whose string or number is `text`. */
export function fieldsHolding(value: Readonly<Record<string, unknown>>, text: string): string[] {
  const found: string[] = [];
  look(value, '', 1);
  return found;

  function look(holder: object, path: string, depth: number): void {
    for (const [key, child] of Object.entries(holder)) {
      if (typeof child === 'string' || typeof child === 'number') {
        if (String(child) === text) found.push(path + key);
      } else if (depth < MAX_DEPTH && (isObject(child) || Array.isArray(child))) {
        look(child, `${path}${key}.`, depth + 1);
      }
    }
  }
}
