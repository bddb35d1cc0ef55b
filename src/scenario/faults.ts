/**
 * The kinds of faults, for the schema, the docs and the live switches. To add one: its schema and a line in
 * `FAULT_SCHEMAS` here, its member of `Fault` in types.ts, its behaviour in the simulator.
 */
import * as z from 'zod/mini';
import { delaySchema } from './delays.js';
import { doc, docs, duration, share } from './schema-parts.js';
import type { Fault, FaultType } from './types.js';

function fault<const T extends FaultType, S extends z.core.$ZodLooseShape>(type: T, description: string, shape: S) {
  const schema = z.strictObject({
    type: doc(z.literal(type), description),
    probability: doc(z.prefault(share(), 1), 'Chance that it acts on one attempt; left out: always.', '5%', 0.05),
    ...shape,
  });
  return doc(schema, description);
}

const error = fault('error', 'The attempt fails.', {
  message: doc(z.prefault(z.string(), 'simulated error'), 'The error message.', 'disk full'),
});
const hang = fault('hang', 'The attempt never ends; only a `timeout` ends it.', {});
const drop = fault('drop', 'The delivery is lost: it is dropped without running.', {});
const duplicate = fault('duplicate', 'The work is done twice, as when a broker delivers twice.', {});
const slow = fault('slow', 'The attempt takes longer.', { by: delaySchema });
const down = fault('down', 'Every attempt that starts in a window of time fails.', {
  from: doc(z.prefault(duration(), '0s'), 'Start of the window, from the start of the session.', '10s'),
  until: doc(z.optional(duration()), 'End of the window; left out: for good.', '20s'),
});

/** The registry. */
export const FAULT_SCHEMAS = [error, hang, drop, duplicate, slow, down] as const;

export const faultSchema = z.discriminatedUnion('type', FAULT_SCHEMAS);

docs.add(faultSchema, {
  id: 'fault',
  description: 'Something that goes wrong in a handler.',
  examples: [{ type: 'error', probability: '5%', message: 'disk full' }],
});

/** A fault as the simulator takes it. */
export function toFault(written: z.output<typeof faultSchema>): Fault {
  return written.type === 'down' ? { ...written, until: written.until ?? Number.POSITIVE_INFINITY } : written;
}

/** What is wrong between the values of a fault: the key to blame and the words, or nothing. */
export function faultProblem(written: Fault): readonly [key: string, message: string] | undefined {
  if (written.type === 'down' && written.until <= written.from) return ['until', '`until` must be after `from`'];
  return undefined;
}

/** The kinds with their one-line descriptions, in the registry's order. */
export function faultKinds(): readonly { readonly type: FaultType; readonly description: string }[] {
  return FAULT_SCHEMAS.flatMap((schema) => {
    const description = docs.get(schema)?.description ?? '';
    return [...schema.shape.type._zod.values].flatMap((type) => (isFaultType(type) ? [{ type, description }] : []));
  });
}

function isFaultType(word: unknown): word is FaultType {
  return FAULT_SCHEMAS.some((schema) => schema.shape.type.safeParse(word).success);
}
