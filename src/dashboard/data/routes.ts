/** Which subscribers an event of a type goes to, so that queues can be counted from records alone. */

/** Patterns by subscriber, as subscriptions told them; routes are worked out once a type. */
export class Routes {
  readonly #cache = new Map<string, readonly string[]>();
  readonly #patterns: ReadonlyMap<string, Iterable<string>>;

  /** @param patterns by subscriber's target; one entry a subscription. */
  constructor(patterns: ReadonlyMap<string, Iterable<string>>) {
    this.#patterns = patterns;
  }

  /** Targets that get an event of `type`, one entry a subscription. */
  of(type: string): readonly string[] {
    const known = this.#cache.get(type);
    if (known !== undefined) return known;
    const targets: string[] = [];
    for (const [target, patterns] of this.#patterns) {
      for (const pattern of patterns) if (matchesPattern(pattern, type)) targets.push(target);
    }
    this.#cache.set(type, targets);
    return targets;
  }
}

/** Topic patterns of the bus: `*` is one segment, `**` any number of them. */
export function matchesPattern(pattern: string, type: string): boolean {
  if (!pattern.includes('*')) return pattern === type;
  return matchSegments(pattern.split('.'), type.split('.'));
}

function matchSegments(pattern: readonly string[], type: readonly string[]): boolean {
  // Reachable positions in `type` after each segment of the pattern: linear, whatever the pattern.
  let reached = new Set([0]);
  for (const segment of pattern) {
    const next = new Set<number>();
    for (const at of reached) {
      if (segment === '**') for (let to = at; to <= type.length; to++) next.add(to);
      else if (at < type.length && (segment === '*' || segment === type[at])) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(type.length);
}
