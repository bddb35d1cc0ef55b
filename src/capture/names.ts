/** Names from a log as names that a scenario file takes: `[A-Za-z0-9_-]+`, each its own. */
import { FORBIDDEN_KEYS } from '../kernel/index.js';

const MAX_NAME = 100;
const MAX_TYPE = 200;

export class Names {
  readonly #services = new Unique();
  readonly #handlers = new Map<string, Unique>();

  /** A subscriber may have named no service. */
  service(name: string): string {
    return this.#services.of(name, 'services');
  }

  handler(service: string, name: string): string {
    let own = this.#handlers.get(service);
    if (own === undefined) {
      own = new Unique();
      this.#handlers.set(service, own);
    }
    return own.of(name, 'handler');
  }

  /** Types of our own bus stay as they are; other programs' may hold anything. */
  type(type: string): string {
    const segments = type
      .split('.')
      .map((segment) => segment.replace(/[^A-Za-z0-9_-]/g, '_'))
      .filter((segment) => segment !== '');
    return segments.join('.').slice(0, MAX_TYPE).replace(/\.$/, '') || 'event';
  }
}

class Unique {
  readonly #given = new Map<string, string>();
  readonly #taken = new Set<string>();

  of(name: string, fallback: string): string {
    const known = this.#given.get(name);
    if (known !== undefined) return known;
    const plain = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, MAX_NAME);
    const base = plain === '' || FORBIDDEN_KEYS.has(plain) ? fallback : plain;
    let free = base;
    for (let number = 2; this.#taken.has(free); number++) free = `${base}_${number}`;
    this.#taken.add(free);
    this.#given.set(name, free);
    return free;
  }
}
