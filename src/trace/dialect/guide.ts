/**
 * Records of the Event Bus Guide's Python bus, which have no ids of events and deliveries:
 * `{"event": "event_published", "event_type": "index.updated", "source": "…", "trace_id": "…", "subscriber_count": 2, …}`,
 * and `event_handler_start`, `event_handler_complete` and `event_handler_error` with an `event_type` and a `handler`.
 */

import { type Fields, isText } from './path.js';
import { errorText } from './read.js';
import { parseTime } from './time.js';

interface Common {
  readonly time: number | undefined;
  readonly type: string;
  readonly traceId: string | undefined;
}

export type GuideRecord =
  | (Common & {
      readonly kind: 'published';
      readonly source: string;
      readonly subscribers: number | undefined;
      readonly payloadKeys: readonly string[];
    })
  | (Common & { readonly kind: 'start'; readonly handler: string; readonly service: string })
  | (Common & {
      readonly kind: 'complete' | 'error';
      readonly handler: string;
      readonly service: string;
      readonly durationMs: number | undefined;
      readonly error: string;
      readonly errorName: string;
    });

const KINDS = {
  event_published: 'published',
  event_handler_start: 'start',
  event_handler_complete: 'complete',
  event_handler_error: 'error',
} as const;

function isKind(event: unknown): event is keyof typeof KINDS {
  return typeof event === 'string' && Object.hasOwn(KINDS, event);
}

/** The record in `value`, if it is one of these. */
export function guideRecord(value: Fields): GuideRecord | undefined {
  const { event, event_type: type, trace_id, request_id } = value;
  if (!isKind(event) || !isText(type) || value.event_id !== undefined) return undefined;
  const id = trace_id ?? request_id;
  const common: Common = {
    time: parseTime(value.timestamp),
    type,
    traceId: isText(id) || typeof id === 'number' ? String(id) : undefined,
  };
  const kind = KINDS[event];
  if (kind === 'published') {
    const { source, subscriber_count: count, payload_keys: keys } = value;
    return {
      ...common,
      kind,
      source: isText(source) ? source : 'unknown',
      subscribers: typeof count === 'number' ? count : undefined,
      payloadKeys: Array.isArray(keys) ? keys.filter(isText) : [],
    };
  }
  const name = value.handler ?? value.handler_name ?? value.subscriber;
  const handler = isText(name) ? name : 'anonymous';
  const service = isText(value.service) ? value.service : '';
  if (kind === 'start') return { ...common, kind, handler, service };
  return {
    ...{ ...common, kind, handler, service },
    durationMs: typeof value.duration_ms === 'number' ? value.duration_ms : undefined,
    error: errorText(value.error) ?? errorText(value.exception) ?? '',
    errorName: isText(value.error_type) ? value.error_type : isText(value.error_name) ? value.error_name : 'Error',
  };
}
