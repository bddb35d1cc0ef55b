/** Where the parts of a YAML document stand in its text. */
import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { Span } from './source-text.js';

/** One value of the document: its span, its key's, and the places of what is inside. */
export class Place {
  /** The value's span; its key's where the value is left empty. */
  readonly value: Span;
  /** The key's span; the value's for items of a list and for the root. */
  readonly key: Span;
  readonly #node: ParsedNode | null;
  readonly #text: string;
  #children: Map<string | number, Place> | undefined;

  private constructor(node: ParsedNode | null, key: Span | undefined, text: string) {
    const own = node === null ? undefined : spanOf(node, text);
    this.value = own ?? key ?? { start: 0, end: 1 };
    this.key = key ?? this.value;
    this.#node = node;
    this.#text = text;
  }

  static root(node: ParsedNode, text: string): Place {
    return new Place(node, undefined, text);
  }

  /** The place at `key`; this place itself where there is none, so that a missing key points at its parent. */
  child(key: string | number): Place {
    this.#children ??= this.#index();
    return this.#children.get(key) ?? this;
  }

  /** The place at the end of `path`. */
  at(path: readonly PropertyKey[]): Place {
    let place: Place = this;
    for (const key of path) if (typeof key !== 'symbol') place = place.child(key);
    return place;
  }

  /** Span of part of a text value; the whole value's where escapes or line folding keep offsets apart. */
  within(start: number, end: number): Span {
    const node = this.#node;
    if (!isScalar(node) || typeof node.value !== 'string') return this.value;
    const quoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0;
    const from = node.range[0] + quoted;
    if (this.#text.slice(from, from + node.value.length) !== node.value) return this.value;
    return { start: from + start, end: from + Math.max(end, start + 1) };
  }

  #index(): Map<string | number, Place> {
    const children = new Map<string | number, Place>();
    const node = this.#node;
    if (isSeq(node)) {
      node.items.forEach((item, index) => {
        children.set(index, new Place(item, undefined, this.#text));
      });
    } else if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (isScalar(key)) children.set(String(key.value), new Place(value, spanOf(key, this.#text), this.#text));
      }
    }
    return children;
  }
}

/** `undefined` for a value that is left empty. A block of several lines is marked by its first. */
function spanOf(node: ParsedNode, text: string): Span | undefined {
  const [start, end] = node.range;
  if (end <= start) return undefined;
  const lineEnd = text.indexOf('\n', start);
  return { start, end: lineEnd === -1 ? end : Math.min(end, lineEnd) };
}
