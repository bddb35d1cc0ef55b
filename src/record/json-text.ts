/**
 * JSON of the keys that records have for themselves, by hand where nearly all records need it: asking a general
 * serialiser costs several times the rest of a line.
 */
import type { DeliveryView, Event } from '../bus/index.js';
import type { OpenFields } from './channel.js';
import { milliseconds, wellFormed } from './value.js';

/** Characters that JSON text takes as they are; long texts are left to `JSON.stringify`. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]{0,200}$/;
/** Durations below it have an exact number of whole microseconds in 31 bits. */
const SHORT_MS = 1e6;

/** `,"key":value` for each key of flat or nested plain data that is not `undefined`. */
export function fieldsJson(fields: object): string {
  const json = JSON.stringify(fields);
  return json === '{}' ? '' : `,${json.slice(1, -1)}`;
}

/** What every record about an event has, with a comma behind it. */
export function eventJson({ id, type, traceId }: Event): string {
  return `"event_id":${textJson(id)},"event_type":"${type}","trace_id":${textJson(traceId)},`;
}

/** What the record of a publish has besides. */
export function publishedJson(fields: OpenFields<'event_published'>): string {
  const { source, causation_id, causation_delivery_id, subscriber_count, payload_keys, payload } = fields;
  let json = `,"source":${textJson(source)}`;
  if (causation_id !== undefined) json += `,"causation_id":${textJson(causation_id)}`;
  if (causation_delivery_id !== undefined) json += `,"causation_delivery_id":${textJson(causation_delivery_id)}`;
  json += `,"subscriber_count":${subscriber_count},"payload_keys":[${payload_keys.map(textJson).join(',')}]`;
  return payload === undefined ? json : `${json},"payload":${JSON.stringify(payload)}`;
}

/** What every record of an attempt has. */
export function attemptJson({ id, attempt }: DeliveryView): string {
  return `,"delivery_id":${textJson(id)},"attempt":${attempt}`;
}

/** What the end of an attempt has besides. */
export function endJson(delivery: DeliveryView): string {
  const { fault } = delivery;
  const times = `,"duration_ms":${durationJson(delivery.durationMs)},"queued_ms":${durationJson(delivery.queuedMs)}`;
  return fault === undefined ? times : `${times},"fault":${textJson(wellFormed(fault))}`;
}

export function textJson(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** The text of `milliseconds(duration)`. Numbers with decimals are slow to turn into text, whole ones are not. */
export function durationJson(duration: number): string {
  if (!(duration >= 0 && duration < SHORT_MS)) return String(milliseconds(duration));
  const micros = Math.round(duration * 1_000);
  const whole = Math.floor(micros / 1_000);
  const rest = micros - whole * 1_000;
  return rest === 0 ? String(whole) : whole + thousandths(rest);
}

const made: (string | undefined)[] = [];

/** `.021` for 21, `.5` for 500. */
function thousandths(rest: number): string {
  const known = made[rest];
  if (known !== undefined) return known;
  const text = `.${String(rest).padStart(3, '0').replace(/0+$/, '')}`;
  made[rest] = text;
  return text;
}
