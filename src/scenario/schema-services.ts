/** The schema of services, handlers and what they publish. */
import * as z from 'zod/mini';
import { delaySchema } from './delays.js';
import { faultSchema } from './faults.js';
import {
  condition,
  doc,
  docs,
  duration,
  eventPattern,
  eventType,
  name,
  oneOrMany,
  payload,
  share,
  wholeNumber,
} from './schema-parts.js';

const MAX_SLOTS = 1_000_000;
const MAX_ATTEMPTS = 1_000;

const publication = z.strictObject({
  type: doc(eventType(), 'The event type to publish.', 'index.updated'),
  payload: z.optional(payload()),
  after: doc(z.optional(duration()), 'How long after the end of the handler; left out: as its last act.', '20ms'),
  when: z.optional(condition()),
});
docs.add(publication, { id: 'publication', description: 'An event to publish.' });
const publications = (description: string) => doc(oneOrMany(publication), description);

const queue = z.strictObject({
  size: doc(wholeNumber(0, MAX_SLOTS), 'Deliveries that may wait for a slot.', 100),
  overflow: doc(
    z.prefault(z.enum(['block', 'drop_newest', 'drop_oldest']), 'block'),
    'What happens to one more: the publisher waits, it is dropped, or the one that waited longest is.',
  ),
});

const retry = z.strictObject({
  attempts: doc(wholeNumber(1, MAX_ATTEMPTS), 'Attempts in all, the first one included.', 3),
  backoff: doc(
    z.prefault(z.enum(['fixed', 'linear', 'exponential']), 'fixed'),
    'How the delay grows: d d d, d 2d 3d, or d 2d 4d.',
  ),
  delay: doc(z.prefault(duration(), '0s'), 'Time before the second attempt.', '50ms'),
  max_delay: doc(z.prefault(duration(), '30s'), 'Upper bound of one delay, before jitter.', '5s'),
  jitter: doc(z.prefault(share(), 0), 'Share of the delay by which it varies, up or down.', '20%'),
});

const handler = z.strictObject({
  subscribe: doc(
    oneOrMany(eventPattern()),
    'Event types or patterns: `*` is one segment, `**` any number.',
    'index.started',
    ['index.failed', 'agent.*'],
  ),
  when: z.optional(condition()),
  concurrency: doc(
    z.optional(wholeNumber(1, MAX_SLOTS)),
    'Deliveries that run at the same time; left out: no limit.',
    2,
  ),
  queue: doc(z.optional(queue), 'Bounds what waits for a slot; left out: no bound.', {
    size: 100,
    overflow: 'drop_oldest',
  }),
  delay: z.optional(delaySchema),
  timeout: doc(z.optional(duration('more')), 'Limit of one attempt.', '2s'),
  retry: doc(z.optional(retry), 'Tries again after a failed attempt.', {
    attempts: 3,
    backoff: 'exponential',
    delay: '50ms',
  }),
  faults: doc(z.optional(oneOrMany(faultSchema)), 'What goes wrong, each kind with its probability.'),
  publish: z.optional(publications('Published when the work is done.')),
  on_error: z.optional(publications('Published when the last attempt has failed; `error.message` tells why.')),
  module: doc(
    z.optional(z.string().check(z.minLength(1))),
    'Your own code, relative to this file: its default export is called with (event, context). Needs --allow-modules.',
    './handlers/real-code.js',
  ),
});
docs.add(handler, {
  id: 'handler',
  description: 'One subscriber: what it listens to, how long it takes, what it publishes.',
});

const every = z.strictObject({
  interval: doc(duration('more'), 'Time between two publishes; the first is after one interval.', '5s'),
  publish: publications('Published each time.'),
});
docs.add(every, { id: 'every', description: 'What a service publishes by itself.' });

export const service = z.strictObject({
  handlers: doc(z.optional(z.record(name(), handler)), 'The handlers by name.'),
  every: doc(z.optional(oneOrMany(every)), 'What the service publishes by itself.'),
});
docs.add(service, { id: 'service', description: 'A simulated service.' });

export type WrittenHandler = z.output<typeof handler>;
export type WrittenPublication = z.output<typeof publication>;
export type WrittenService = z.output<typeof service>;
