/** The schema of requests and phases. */
import * as z from 'zod/mini';
import { delaySchema } from './delays.js';
import {
  condition,
  doc,
  docs,
  duration,
  eventPattern,
  eventType,
  MAX_COUNT,
  MAX_RATE,
  MAX_TEXT,
  name,
  payload,
  variableName,
  wholeNumber,
} from './schema-parts.js';

const MAX_WEIGHT = 1_000_000;

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

export const request = z.strictObject({
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

export const phase = z.union([ratePhase, countPhase, pausePhase], {
  error: 'must say `arrival_rate` and `duration`, or `arrival_count`, or `pause`',
});
docs.add(phase, {
  id: 'phase',
  description: 'How requests arrive for a while.',
  examples: [{ duration: '10s', arrival_rate: 2 }, { arrival_count: 100, duration: '1s' }, { pause: '5s' }],
});

export type WrittenRequest = z.output<typeof request>;
export type WrittenPhase = z.output<typeof phase>;
