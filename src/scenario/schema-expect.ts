/** The schema of expectations. */
import * as z from 'zod/mini';
import { doc, docs, duration, eventPattern, wholeNumber } from './schema-parts.js';

const afterExpectation = z.strictObject({
  event: doc(eventPattern(), 'What must happen.', 'index.completed'),
  after: doc(eventPattern(), 'In every trace that has this event: the first of each counts.', 'index.started'),
  within: doc(z.optional(duration('more')), 'How soon; left out: at all.', '2s'),
});

const bounds = z.strictObject({
  min: doc(z.optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)), 'At least.', 1),
  max: doc(z.optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)), 'At most.', 10),
});

const countExpectation = z.strictObject({
  event: doc(eventPattern(), 'What is counted, over the run.', 'index.completed'),
  count: doc(z.union([wholeNumber(0, Number.MAX_SAFE_INTEGER), bounds]), 'How many: a number, or `min` and `max`.', {
    min: 1,
  }),
});

const neverExpectation = z.strictObject({ never: doc(eventPattern(), 'What must not happen.', 'agent.failed') });

const limit = () =>
  doc(z.optional(z.union([z.number(), z.string()])), 'A duration, a percentage or a number.', '300ms', '10%', 1);

const metricExpectation = z.strictObject({
  metric: doc(
    z.string().check(z.minLength(1)),
    'A handler’s figure ([service.]handler.p50, p95, p99, error_rate, dead, dropped, queued), or error_rate, dead, dropped of the run.',
    'index_repository.p95',
    'error_rate',
  ),
  below: limit(),
  above: limit(),
});

export const expectation = z.union([afterExpectation, countExpectation, neverExpectation, metricExpectation], {
  error: 'must say `event` with `after` or `count`, or `never`, or `metric` with `below` or `above`',
});
docs.add(expectation, {
  id: 'expectation',
  description: 'What must hold when the run is over.',
  examples: [{ never: 'agent.failed' }],
});

export type WrittenExpectation = z.output<typeof expectation>;
