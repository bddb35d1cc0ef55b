/** The scenario file's schema: the one source of validation, of the JSON Schema and of the reference. */
import * as z from 'zod/mini';
import { delaySchema } from './delays.js';
import { faultSchema } from './faults.js';
import {
  doc,
  docs,
  duration,
  eventPattern,
  eventType,
  MAX_COUNT,
  MAX_RATE,
  name,
  oneOrMany,
  share,
  variableName,
  wholeNumber,
} from './schema-parts.js';

const MAX_SLOTS = 1_000_000;
const MAX_ATTEMPTS = 1_000;
const MAX_WEIGHT = 1_000_000;
const MAX_TEXT = 200;

const condition = () =>
  doc(
    z.string().check(z.minLength(1)),
    'A Liquid condition; a missing payload key is nil.',
    'event.payload.total_tokens > 0',
  );

const payload = () =>
  doc(
    z.record(z.string(), z.unknown()),
    'Any JSON object; texts may be Liquid templates, and one that is a single {{ … }} keeps its type. Left out: {}.',
    { repo_path: '{{ event.payload.repo_path }}', files_indexed: 150 },
  );

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

const service = z.strictObject({
  handlers: doc(z.optional(z.record(name(), handler)), 'The handlers by name.'),
  every: doc(z.optional(oneOrMany(every)), 'What the service publishes by itself.'),
});
docs.add(service, { id: 'service', description: 'A simulated service.' });

interface WaitFor {
  readonly type: string;
  readonly within: number;
  readonly as?: string | undefined;
}

interface StepPublication {
  readonly type: string;
  readonly payload?: Record<string, unknown> | undefined;
  readonly when?: string | undefined;
}

/** A step as validated. */
export type WrittenStep =
  | { readonly publish: StepPublication }
  | { readonly think: z.output<typeof delaySchema> }
  | { readonly wait_for: WaitFor }
  | { readonly loop: { readonly count: number; readonly flow: readonly WrittenStep[] } };

const stepPublication = z.strictObject({
  type: doc(eventType(), 'The event type to publish.', 'index.started'),
  payload: z.optional(payload()),
  when: z.optional(condition()),
});

const waitFor = z.strictObject({
  type: doc(eventPattern(), 'The event type or pattern to wait for, in this request’s trace.', 'index.completed'),
  within: doc(duration('more'), 'How long to wait before the request fails.', '5s'),
  as: doc(z.optional(variableName()), 'Keeps the event as `request.<as>` for later steps.', 'indexed'),
});

const flow: z.ZodMiniType<WrittenStep[]> = z.lazy(() => z.array(step).check(z.minLength(1)));

const loop = z.strictObject({
  count: doc(wholeNumber(1, MAX_COUNT), 'How often.', 10),
  flow,
});

const step = z.union(
  [
    z.strictObject({ publish: doc(stepPublication, 'Publishes an event.') }),
    z.strictObject({ think: delaySchema }),
    z.strictObject({ wait_for: doc(waitFor, 'Waits for an event of this request.') }),
    z.strictObject({ loop: doc(loop, 'Repeats steps.') }),
  ],
  { error: 'must be one of `publish`, `think`, `wait_for` and `loop`' },
);
docs.add(step, { id: 'step', description: 'One step of a request.', examples: [{ think: '200ms' }] });

const request = z.strictObject({
  name: doc(name(), 'Its name.', 'index'),
  weight: doc(
    z.prefault(z.number().check(z.gt(0), z.lte(MAX_WEIGHT)), 1),
    'How often it is chosen, relative to the others.',
    3,
  ),
  source: doc(
    z.optional(z.string().check(z.minLength(1))),
    'Who publishes; left out: the request’s name.',
    'api_gateway',
  ),
  trace_id: doc(
    z.optional(z.string().check(z.minLength(1))),
    'Template of the trace id; left out: made up.',
    'req-{{ sequence }}',
  ),
  flow: doc(flow, 'The steps, under one trace id.'),
});
docs.add(request, { id: 'request', description: 'A request: one flow of steps under one trace id.' });

const phaseName = () =>
  doc(z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_TEXT))), 'Its name.', 'warm-up');
const arrivals = () => doc(z.prefault(z.enum(['even', 'poisson']), 'even'), 'How requests are spread.');
const rate = () => z.number().check(z.gte(0), z.lte(MAX_RATE));

const ratePhase = z.strictObject({
  name: phaseName(),
  duration: doc(duration('more'), 'How long it lasts.', '30s'),
  arrival_rate: doc(rate(), 'Requests a second.', 2),
  ramp_to: doc(z.optional(rate()), 'The rate at the end; it changes evenly.', 20),
  arrivals: arrivals(),
});

const countPhase = z.strictObject({
  name: phaseName(),
  arrival_count: doc(wholeNumber(1, MAX_COUNT), 'Requests in all.', 100),
  duration: doc(z.prefault(duration(), '0s'), 'Time they are spread over; left out: all at once.', '1s'),
  arrivals: arrivals(),
});

const pausePhase = z.strictObject({
  name: phaseName(),
  pause: doc(duration('more'), 'No requests for so long.', '5s'),
});

const phase = z.union([ratePhase, countPhase, pausePhase], {
  error: 'must say `arrival_rate` and `duration`, or `arrival_count`, or `pause`',
});
docs.add(phase, {
  id: 'phase',
  description: 'How requests arrive for a while.',
  examples: [{ duration: '10s', arrival_rate: 2 }, { arrival_count: 100, duration: '1s' }, { pause: '5s' }],
});

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

const expectation = z.union([afterExpectation, countExpectation, neverExpectation, metricExpectation], {
  error: 'must say `event` with `after` or `count`, or `never`, or `metric` with `below` or `above`',
});
docs.add(expectation, {
  id: 'expectation',
  description: 'What must hold when the run is over.',
  examples: [{ never: 'agent.failed' }],
});

const versionMessage = (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? undefined : `must be 1, not ${JSON.stringify(issue.input)}; this cf-bus reads no other`;

export const scenarioSchema = z.strictObject({
  version: doc(z.literal(1, { error: versionMessage }), 'The format’s version.'),
  name: doc(
    z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_TEXT))),
    'What the scenario is called.',
    'Index a repository',
  ),
  seed: doc(
    z.optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
    'Same seed, same run; left out: chosen, shown and logged.',
    42,
  ),
  variables: doc(
    z.optional(z.record(variableName(), z.unknown())),
    'Values for templates; --set name=value changes them.',
    {
      repo: '/srv/repos/web',
    },
  ),
  services: doc(z.record(name(), service), 'The simulated services by name.'),
  requests: doc(z.optional(z.array(request)), 'Traffic from outside.'),
  phases: doc(z.optional(z.array(phase)), 'How requests arrive; left out: each once, at the start.'),
  expect: doc(z.optional(z.array(expectation)), 'What `cf-bus check` judges, and `cf-bus run` at its end.'),
});

/** A scenario as validated, before it becomes a plan. */
export type WrittenScenario = z.output<typeof scenarioSchema>;
export type WrittenHandler = z.output<typeof handler>;
export type WrittenPublication = z.output<typeof publication>;
export type WrittenService = z.output<typeof service>;
export type WrittenRequest = z.output<typeof request>;
export type WrittenPhase = z.output<typeof phase>;
export type WrittenExpectation = z.output<typeof expectation>;
