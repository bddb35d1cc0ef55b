/** Events as templates see them. */
import type { Event } from '../bus/index.js';
import type { ScopeEvent } from '../scenario/index.js';

export function scopeEvent(event: Event): ScopeEvent {
  const { id, type, source, traceId, timestamp, payload } = event;
  return { id, type, source, trace_id: traceId, timestamp, payload };
}
