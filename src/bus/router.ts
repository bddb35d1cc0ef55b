/** From an event type to its subscribers. The cost of a look-up depends on the subscribers it finds, not on the others. */
import { isExact, parsePattern } from './pattern.js';

/** Where a subscriber stands among all, by the time it subscribed. */
export interface Ordered {
  readonly order: number;
  /** Whether its events may take the short way. */
  readonly free: boolean;
}

interface PatternNode<S> {
  /** The node behind `**`: it stays while segments pass. */
  readonly globstar: boolean;
  readonly children: Map<string, PatternNode<S>>;
  readonly subscribers: Set<S>;
}

/** What the router knows of one event type. `published` and `errors` are the bus's counts; they live here to save a look-up. */
export class TypeEntry<S extends Ordered> {
  readonly type: string;
  published = 0;
  errors = 0;
  /** In order of subscription. */
  readonly exact = new Set<S>();
  /** Made anew at the first publish after a change: a dispatch keeps the array that it started with. */
  route: readonly S[] = [];
  /** Every subscriber of the route is free. */
  free = true;
  /** The pattern version that `route` was made for; -1 asks for a new one. */
  version = -1;

  constructor(type: string) {
    this.type = type;
  }
}

interface PatternUse {
  /** A list of this pattern alone, for its subscribers to share. */
  readonly alone: readonly string[];
  subscribers: number;
}

export class Router<S extends Ordered> {
  readonly #types = new Map<string, TypeEntry<S>>();
  readonly #root: PatternNode<S> = newNode(false);
  /** Patterns (exact ones too) that have subscribers. */
  readonly #uses = new Map<string, PatternUse>();
  /** One for each pattern of each subscriber. */
  subscriptionCount = 0;
  #patternSubscribers = 0;
  #version = 0;
  /** Entries whose route holds subscribers of patterns. */
  readonly #merged = new Set<TypeEntry<S>>();

  /** The entry of a valid event type, made when it is new. */
  entry(type: string): TypeEntry<S> {
    let entry = this.#types.get(type);
    if (entry === undefined) {
      entry = new TypeEntry(type);
      this.#types.set(type, entry);
    }
    return entry;
  }

  known(type: string): TypeEntry<S> | undefined {
    return this.#types.get(type);
  }

  /** Subscribers of an entry's type, each once, in order of subscription. The array is never changed afterwards. */
  route(entry: TypeEntry<S>): readonly S[] {
    if (entry.version === this.#version) return entry.route;
    entry.version = this.#version;
    entry.route = this.#patternSubscribers === 0 ? [...entry.exact] : this.#merge(entry);
    entry.free = entry.route.every((subscriber) => subscriber.free);
    return entry.route;
  }

  /** @throws CfBusError `INVALID_PATTERN` */
  add(pattern: string, subscriber: S): void {
    const segments = parsePattern(pattern);
    const use = this.#uses.get(pattern);
    if (use === undefined) this.#uses.set(pattern, { alone: [pattern], subscribers: 1 });
    else use.subscribers++;
    this.subscriptionCount++;
    if (isExact(segments)) {
      const entry = this.entry(pattern);
      entry.exact.add(subscriber);
      entry.version = -1;
      return;
    }
    let node = this.#root;
    for (const segment of segments) {
      let child = node.children.get(segment);
      if (child === undefined) {
        child = newNode(segment === '**');
        node.children.set(segment, child);
      }
      node = child;
    }
    node.subscribers.add(subscriber);
    this.#patternSubscribers++;
    this.#forgetRoutes();
  }

  remove(pattern: string, subscriber: S): void {
    const use = this.#uses.get(pattern);
    if (use === undefined) return;
    this.subscriptionCount--;
    if (--use.subscribers === 0) this.#uses.delete(pattern);
    const segments = parsePattern(pattern);
    if (!isExact(segments)) return this.#removePattern(segments, subscriber);
    const entry = this.#types.get(pattern);
    if (entry === undefined) return;
    entry.exact.delete(subscriber);
    entry.version = -1;
    // An old route would keep it in memory.
    entry.route = [];
    if (entry.exact.size === 0 && entry.published === 0 && entry.errors === 0) this.#types.delete(pattern);
  }

  /** Types and patterns that have a subscriber. */
  get patternCount(): number {
    return this.#uses.size;
  }

  /** How many subscribers a pattern has. */
  countOf(pattern: string): number {
    return this.#uses.get(pattern)?.subscribers ?? 0;
  }

  /** A list of this pattern alone: the one that its subscribers have, where it has any. */
  alone(pattern: string): readonly string[] {
    return this.#uses.get(pattern)?.alone ?? [pattern];
  }

  types(): IterableIterator<TypeEntry<S>> {
    return this.#types.values();
  }

  #removePattern(segments: readonly string[], subscriber: S): void {
    const path: PatternNode<S>[] = [this.#root];
    for (const segment of segments) {
      const next = path.at(-1)?.children.get(segment);
      if (next === undefined) return;
      path.push(next);
    }
    const last = path.at(-1);
    if (last?.subscribers.delete(subscriber) !== true) return;
    this.#patternSubscribers--;
    this.#forgetRoutes();
    // Empty branches go, so that nothing is left behind.
    for (let depth = segments.length; depth > 0; depth--) {
      const node = path[depth];
      const segment = segments[depth - 1];
      if (node === undefined || segment === undefined || node.subscribers.size > 0 || node.children.size > 0) break;
      path[depth - 1]?.children.delete(segment);
    }
  }

  /** Routes are made anew at the next look-up; the old ones must not keep alive who left. */
  #forgetRoutes(): void {
    this.#version++;
    for (const entry of this.#merged) entry.route = [];
    this.#merged.clear();
  }

  #merge(entry: TypeEntry<S>): readonly S[] {
    const found = new Set<S>(entry.exact);
    collect(this.#root, entry.type.split('.'), found);
    if (found.size === entry.exact.size) return [...found];
    this.#merged.add(entry);
    return [...found].sort((a, b) => a.order - b.order);
  }
}

function newNode<S>(globstar: boolean): PatternNode<S> {
  return { globstar, children: new Map(), subscribers: new Set() };
}

/** Walks all ways through the tree at once, a segment at a time, so that `**` costs no more than the nodes it reaches. */
function collect<S>(root: PatternNode<S>, type: readonly string[], found: Set<S>): void {
  let states = withGlobstars([root]);
  for (const segment of type) {
    const next: PatternNode<S>[] = [];
    for (const node of states) {
      if (node.globstar) next.push(node);
      const exact = node.children.get(segment);
      if (exact !== undefined) next.push(exact);
      const star = node.children.get('*');
      if (star !== undefined) next.push(star);
    }
    states = withGlobstars(next);
  }
  for (const node of states) for (const subscriber of node.subscribers) found.add(subscriber);
}

/** The nodes, and what `**` reaches from them without eating a segment. */
function withGlobstars<S>(nodes: readonly PatternNode<S>[]): Set<PatternNode<S>> {
  const states = new Set(nodes);
  for (const node of nodes) {
    const globstar = node.children.get('**');
    if (globstar !== undefined) states.add(globstar);
  }
  return states;
}
