/** What clients may ask: the parameters of every method, as the server checks them. Clients need only the types. */
import * as z from 'zod/mini';
import { LEVELS } from '../record/index.js';

const text = z.string();
const name = z.string().check(z.minLength(1), z.maxLength(200));
const probability = z.optional(z.number().check(z.gte(0), z.lte(1)));

const MIN_SPEED = 0.001;
const MAX_SPEED = 1_000_000;

const nothing = z.strictObject({});

const fault = { on: z.literal(true), target: name };

/**
 * Switches a fault of handlers on or off. `target` is `handler`, `service.handler` or `service`. A delay is `slow`, an
 * outage is `down`. A fault that is on already is replaced by the new one of its type.
 */
const FaultParams = z.discriminatedUnion('on', [
  z.strictObject({
    on: z.literal(false),
    target: name,
    type: z.enum(['error', 'hang', 'drop', 'duplicate', 'slow', 'down', 'all']),
  }),
  z.discriminatedUnion('type', [
    z.strictObject({ ...fault, type: z.literal('error'), probability, message: z.optional(name) }),
    z.strictObject({ ...fault, type: z.literal('hang'), probability }),
    z.strictObject({ ...fault, type: z.literal('drop'), probability }),
    z.strictObject({ ...fault, type: z.literal('duplicate'), probability }),
    z.strictObject({
      ...fault,
      type: z.literal('slow'),
      probability,
      by_ms: z.number().check(z.gte(0), z.lte(3_600_000)),
    }),
    z.strictObject({ ...fault, type: z.literal('down') }),
  ]),
]);

/** Parameters by method. Unknown keys are refused: a typo must not pass for a default. */
export const METHODS = {
  /** The first request of every connection. `protocol` is the newest version the client speaks. */
  hello: z.strictObject({ protocol: z.int(), client: name, version: z.optional(name) }),
  publish: z.strictObject({
    /** Chosen by the client, unique among all publishes of the session: the same id again gives the same answer. */
    id: name,
    type: text,
    payload: z.optional(z.unknown()),
    source: z.optional(name),
    trace_id: z.optional(name),
    /** Send the records of what this event causes, as `record` notifications with this publish's id. */
    records: z.optional(z.boolean()),
  }),
  /** Records from now on, as `record` notifications. A second `watch` replaces the first. */
  watch: z.strictObject({ level: z.optional(z.enum(LEVELS)), trace_id: z.optional(name) }),
  unwatch: nothing,
  stats: nothing,
  fault: FaultParams,
  pause: nothing,
  resume: nothing,
  /** Times real time. */
  speed: z.strictObject({ speed: z.number().check(z.gte(MIN_SPEED), z.lte(MAX_SPEED)) }),
  /** What a recent event carried, or the last one of a type. */
  payload: z.union([z.strictObject({ event_id: name }), z.strictObject({ type: name })]),
  expectations: nothing,
  stop: nothing,
} as const;
