/** The event types of the Event Bus Guide, and the payloads its examples give them. */

/** The 16 well-known event types. Any other dotted name is a type too. */
export const EventType = {
  INDEX_STARTED: 'index.started',
  INDEX_UPDATED: 'index.updated',
  INDEX_COMPLETED: 'index.completed',
  INDEX_FAILED: 'index.failed',
  QUERY_RECEIVED: 'query.received',
  QUERY_COMPLETED: 'query.completed',
  QUERY_FAILED: 'query.failed',
  LLM_REQUEST: 'llm.request',
  LLM_RESPONSE: 'llm.response',
  LLM_ERROR: 'llm.error',
  AGENT_STARTED: 'agent.started',
  AGENT_COMPLETED: 'agent.completed',
  AGENT_FAILED: 'agent.failed',
  SERVICE_STARTED: 'service.started',
  SERVICE_STOPPED: 'service.stopped',
  HEALTH_CHECK: 'health.check',
} as const;

export type EventType = (typeof EventType)[keyof typeof EventType];

/**
 * Payload types by event type. Augment it to type your own events:
 *
 * ```ts
 * declare module 'cf-bus' {
 *   interface EventPayloads { 'cache.cleared': { readonly keys: number } }
 * }
 * ```
 */
export interface EventPayloads {
  'index.started': { readonly repo_path: string };
  'index.updated': { readonly repo_path: string; readonly files_indexed: number; readonly chunks_created: number };
  'index.completed': {
    readonly repo_path: string;
    readonly files_indexed?: number;
    readonly duration_seconds?: number;
  };
  'index.failed': { readonly repo_path?: string; readonly error: string };
  'query.received': { readonly query: string };
  'query.completed': { readonly query?: string; readonly results?: number; readonly duration_seconds?: number };
  'query.failed': { readonly query?: string; readonly error: string };
  'llm.request': { readonly model?: string; readonly prompt?: string };
  'llm.response': { readonly model?: string; readonly total_tokens?: number };
  'llm.error': { readonly model?: string; readonly error: string };
  'agent.started': { readonly agent?: string; readonly task?: string };
  'agent.completed': { readonly agent?: string; readonly duration_seconds?: number };
  'agent.failed': { readonly agent?: string; readonly error: string };
  'service.started': { readonly service?: string };
  'service.stopped': { readonly service?: string; readonly reason?: string };
  'health.check': { readonly service?: string; readonly healthy?: boolean };
}

/** A payload nobody described: an object of anything. */
export type UnknownPayload = Readonly<Record<string, unknown>>;

/** The payload of type `T`: the described one, or an object of anything. */
export type PayloadOf<T extends string> = T extends keyof EventPayloads ? EventPayloads[T] : UnknownPayload;
