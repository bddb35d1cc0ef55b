/** What a dialect of JSON logging says about its lines: a file a family, and one registry (registry.ts). */

import type { TimelineLevel } from '../timeline.js';
import type { Fields } from './path.js';

/**
 * One way to log JSON. A field is named by its path: `req.id` is the key `req.id`, or the key `id` in an object `req`.
 * Of several paths the first that is there counts.
 */
export interface Dialect {
  readonly name: string;
  readonly recognises: (value: Fields) => boolean;
  readonly time: readonly string[];
  readonly level: readonly string[];
  /** For levels that are numbers. */
  readonly levelOf?: (number: number) => TimelineLevel | undefined;
  readonly message: readonly string[];
  readonly service: readonly string[];
  /** Text, or an object with a message. */
  readonly error: readonly string[];
}

/** What a line says. */
export interface Reading {
  readonly dialect: string;
  readonly time: number | undefined;
  readonly level: TimelineLevel | undefined;
  readonly service: string | undefined;
  readonly message: string | undefined;
  readonly error: string | undefined;
  readonly durationMs: number | undefined;
  /** Paths of the fields that were read. */
  readonly used: readonly string[];
}
