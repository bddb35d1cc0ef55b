/** An example payload for each of the well-known event types, as the Event Bus Guide uses them. */
import { EventType, type PayloadOf } from '../bus/index.js';

type Examples = { readonly [T in EventType]: PayloadOf<T> };

export const EVENT_EXAMPLES: Examples = {
  'index.started': { repo_path: '/srv/repos/web' },
  'index.updated': { repo_path: '/srv/repos/web', files_indexed: 150, chunks_created: 1200 },
  'index.completed': { repo_path: '/srv/repos/web', files_indexed: 150, duration_seconds: 1.8 },
  'index.failed': { repo_path: '/srv/repos/web', error: 'disk full' },
  'query.received': { query: 'how are events traced?' },
  'query.completed': { query: 'how are events traced?', results: 8, duration_seconds: 0.4 },
  'query.failed': { query: 'how are events traced?', error: 'index not ready' },
  'llm.request': { model: 'small', prompt: 'Summarise these passages.' },
  'llm.response': { model: 'small', total_tokens: 420 },
  'llm.error': { model: 'small', error: 'rate limit reached' },
  'agent.started': { agent: 'researcher', task: 'answer the query' },
  'agent.completed': { agent: 'researcher', duration_seconds: 2.3 },
  'agent.failed': { agent: 'researcher', error: 'no tool left to try' },
  'service.started': { service: 'vector_index' },
  'service.stopped': { service: 'vector_index', reason: 'deploy' },
  'health.check': { service: 'vector_index', healthy: true },
};

/** Name in `EventType`, type and example of each well-known type, in the guide's order. */
export function knownTypes(): { readonly name: string; readonly type: EventType; readonly payload: object }[] {
  return Object.entries(EventType).map(([name, type]) => ({ name, type, payload: EVENT_EXAMPLES[type] }));
}
