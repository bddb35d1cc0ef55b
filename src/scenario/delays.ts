/** How long something takes: a plain duration, or one of these distributions. To add one: its schema here, its draw in the simulator. */
import * as z from 'zod/mini';
import { doc, docs, duration } from './schema-parts.js';
import type { Delay } from './types.js';

const uniform = z.strictObject({
  type: doc(z.literal('uniform'), 'Evenly spread from `min` to `max`.'),
  min: doc(duration(), 'The shortest.', '5ms'),
  max: doc(duration(), 'The longest.', '30ms'),
});

const normal = z.strictObject({
  type: doc(z.literal('normal'), 'A bell curve; draws below zero count as zero.'),
  mean: doc(duration(), 'The middle of the bell.', '100ms'),
  stddev: doc(duration(), 'The standard deviation.', '20ms'),
});

const lognormal = z.strictObject({
  type: doc(z.literal('lognormal'), 'Most are quick and a few are slow, as with real services.'),
  median: doc(duration('more'), 'Half take less than this.', '80ms'),
  p99: doc(duration('more'), 'One in a hundred takes longer than this.', '400ms'),
});

const exponential = z.strictObject({
  type: doc(z.literal('exponential'), 'Memoryless, as service times in queueing theory.'),
  mean: doc(duration('more'), 'The average.', '50ms'),
});

const plain = z.pipe(
  doc(duration(), 'Always the same.', '80ms'),
  z.transform((value: number): Delay => ({ type: 'constant', value })),
);

/** The distributions by name. */
export const DELAY_SCHEMAS = [uniform, normal, lognormal, exponential] as const;

const schema = z.union([plain, z.discriminatedUnion('type', DELAY_SCHEMAS)]);

/** A delay as files write it; as a `Delay`. One definition, referred to from everywhere. */
export const delaySchema: z.ZodMiniType<Delay, string | z.input<(typeof DELAY_SCHEMAS)[number]>> = schema;

docs.add(schema, {
  id: 'delay',
  description: 'How long it takes: a duration with its unit, or a distribution.',
  examples: ['80ms', { type: 'lognormal', median: '80ms', p99: '400ms' }],
});

/** What is wrong between the numbers of a distribution: the key to blame and the words, or nothing. */
export function delayProblem(delay: Delay): readonly [key: string, message: string] | undefined {
  switch (delay.type) {
    case 'uniform':
      return delay.min > delay.max ? ['min', '`min` must not be above `max`'] : undefined;
    case 'lognormal':
      return delay.p99 < delay.median ? ['p99', '`p99` must not be below `median`'] : undefined;
    default:
      return undefined;
  }
}
