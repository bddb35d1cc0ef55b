/** Makes events out of what publishers give, or refuses them. */
import { CfBusError, type Ids, isObject, type StepTime } from '../kernel/index.js';
import type { Delivery } from './delivery.js';
import type { Event, EventInput } from './event.js';
import { isEventType } from './pattern.js';
import type { Router } from './router.js';
import type { Subscriber } from './subscriber.js';

const MAX_TEXT_LENGTH = 1_000;
const NO_PAYLOAD: Event['payload'] = Object.freeze({});

interface FactoryParts {
  readonly time: StepTime;
  readonly ids: Ids;
  readonly router: Router<Subscriber>;
}

/** @throws CfBusError `INVALID_EVENT` */
export function createEvent(input: EventInput, cause: Delivery | undefined, parts: FactoryParts): Event {
  if (typeof input !== 'object' || input === null) throw invalid('an event is an object with a type');
  const { type, payload = NO_PAYLOAD, source, traceId } = input;
  // A type that is known already was checked when it became known.
  if (parts.router.known(type) === undefined && !isEventType(type)) throw invalidType(type);
  if (!isObject(payload)) throw invalid('a payload is an object, neither null nor an array');
  const { ids, time } = parts;
  return {
    id: ids.event(),
    type,
    payload,
    source: source === undefined ? defaultSource(cause) : checkText('source', source),
    traceId: traceId === undefined ? (cause?.event.traceId ?? ids.trace()) : checkText('traceId', traceId),
    timestamp: time.wallTime(),
    causationId: cause?.event.id,
    causationDeliveryId: cause?.id,
  };
}

/** What a handler publishes comes from its service. */
function defaultSource(cause: Delivery | undefined): string {
  return cause === undefined || cause.target.service === '' ? 'unknown' : cause.target.service;
}

function checkText(name: string, value: unknown): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT_LENGTH) return value;
  throw invalid(`${name} must be a text of 1 to ${MAX_TEXT_LENGTH} characters`);
}

function invalidType(type: unknown): CfBusError {
  const shown = typeof type === 'string' ? `"${type.slice(0, 60)}"` : `a ${typeof type}`;
  return invalid(
    `not an event type: ${shown}`,
    'segments of letters, digits, _ and - joined by dots, 200 characters at most: index.updated',
  );
}

function invalid(message: string, hint?: string): CfBusError {
  return new CfBusError('INVALID_EVENT', message, hint === undefined ? {} : { hint });
}
