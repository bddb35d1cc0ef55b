/** The Event Bus Guide's usage, its three services and its statistics, in TypeScript's idiom. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Event, type EventInput, EventType, getEventBus } from '../../src/index.js';

beforeEach(() => vi.stubEnv('CF_BUS_LOG', 'off'));

afterEach(async () => {
  await getEventBus().close();
  vi.unstubAllEnvs();
});

describe('Event types', () => {
  test('of indexing, queries, LLMs, agents and the system are all there', () => {
    expect(EventType).toEqual({
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
    });
  });
});

describe('Publishing events, subscribing, unsubscribing', () => {
  const event = {
    type: EventType.INDEX_UPDATED,
    payload: { repo_path: '/path/to/repo', files_indexed: 150, chunks_created: 1200 },
    source: 'vector_index_service',
    traceId: 'req-12345', // Optional: for request correlation
  } satisfies EventInput<'index.updated'>;

  test('a subscriber gets the files, the source and the trace id that were published', async () => {
    const bus = getEventBus();
    const printed: string[] = [];
    async function onIndexUpdated(updated: Event<'index.updated'>) {
      printed.push(`Index updated: ${updated.payload.files_indexed} files`);
      printed.push(`Source: ${updated.source}`);
      printed.push(`Trace ID: ${updated.traceId}`);
    }
    bus.subscribe(EventType.INDEX_UPDATED, onIndexUpdated);

    await bus.publish(event);

    expect(printed).toEqual(['Index updated: 150 files', 'Source: vector_index_service', 'Trace ID: req-12345']);
  });

  test('an unsubscribed handler gets nothing more', async () => {
    const bus = getEventBus();
    let calls = 0;
    async function onIndexUpdated() {
      calls++;
    }
    bus.subscribe(EventType.INDEX_UPDATED, onIndexUpdated);
    await bus.publish(event);

    bus.unsubscribe(EventType.INDEX_UPDATED, onIndexUpdated);

    await bus.publish(event);
    expect(calls).toBe(1);
  });
});

describe('Example 1: vector index service', () => {
  interface IndexResult {
    readonly fileCount: number;
    readonly duration: number;
  }

  /** The body of `POST /index`. */
  async function indexRepository(path: string, doIndexing: (path: string) => Promise<IndexResult>) {
    const bus = getEventBus();
    const source = 'vector_index';
    await bus.publish({ type: EventType.INDEX_STARTED, payload: { repo_path: path }, source });
    try {
      const result = await doIndexing(path);
      await bus.publish({
        type: EventType.INDEX_COMPLETED,
        payload: { repo_path: path, files_indexed: result.fileCount, duration_seconds: result.duration },
        source,
      });
      return result;
    } catch (error) {
      await bus.publish({ type: EventType.INDEX_FAILED, payload: { repo_path: path, error: String(error) }, source });
      throw error;
    }
  }

  function recordEvents(): Event[] {
    const events: Event[] = [];
    getEventBus().subscribe('index.*', (event) => void events.push(event));
    return events;
  }

  test('publishes the start and the completion', async () => {
    const events = recordEvents();
    const result = await indexRepository('/srv/web', async () => ({ fileCount: 150, duration: 2.5 }));
    expect(result.fileCount).toBe(150);
    expect(events).toMatchObject([
      { type: 'index.started', payload: { repo_path: '/srv/web' }, source: 'vector_index' },
      {
        type: 'index.completed',
        payload: { repo_path: '/srv/web', files_indexed: 150, duration_seconds: 2.5 },
        source: 'vector_index',
      },
    ]);
  });

  test('publishes the failure, and lets the error go on to the caller', async () => {
    const events = recordEvents();
    const failing = indexRepository('/srv/web', () => Promise.reject(new Error('disk full')));
    await expect(failing).rejects.toThrow('disk full');
    expect(events).toMatchObject([
      { type: 'index.started' },
      { type: 'index.failed', payload: { repo_path: '/srv/web', error: 'Error: disk full' } },
    ]);
  });
});

describe('Example 2: metrics service subscriber', () => {
  test('records durations and tokens with their tags', async () => {
    const bus = getEventBus();
    const metrics: unknown[] = [];
    async function recordMetric(name: string, value: number | undefined, options: { tags: Record<string, unknown> }) {
      metrics.push([name, value, options.tags]);
    }
    async function trackIndexMetrics(event: Event<'index.completed'>) {
      const { duration_seconds, repo_path } = event.payload;
      await recordMetric('index_duration', duration_seconds, { tags: { repo: repo_path } });
    }
    async function trackLlmMetrics(event: Event<'llm.response'>) {
      const { total_tokens = 0, model } = event.payload;
      await recordMetric('llm_tokens', total_tokens, { tags: { model } });
    }
    bus.subscribe(EventType.INDEX_COMPLETED, trackIndexMetrics);
    bus.subscribe(EventType.LLM_RESPONSE, trackLlmMetrics);

    await bus.publish({ type: EventType.INDEX_COMPLETED, payload: { repo_path: '/srv/web', duration_seconds: 2.5 } });
    await bus.publish({ type: EventType.LLM_RESPONSE, payload: { model: 'small', total_tokens: 900 } });
    await bus.publish({ type: EventType.LLM_RESPONSE });

    expect(metrics).toEqual([
      ['index_duration', 2.5, { repo: '/srv/web' }],
      ['llm_tokens', 900, { model: 'small' }],
      ['llm_tokens', 0, { model: undefined }],
    ]);
  });
});

describe('Example 3: notification service', () => {
  const failures = [EventType.INDEX_FAILED, EventType.AGENT_FAILED, EventType.LLM_ERROR] as const;

  test('one handler, subscribed to every failure, sends a notification for each', async () => {
    const bus = getEventBus();
    const sent: unknown[] = [];
    async function sendNotification(notification: { title: string; message: string; severity: 'error' }) {
      sent.push(notification);
    }
    async function notifyOnFailure(event: Event<(typeof failures)[number]>) {
      await sendNotification({ title: event.type, message: event.payload.error, severity: 'error' });
    }
    for (const type of failures) bus.subscribe(type, notifyOnFailure);

    await bus.publish({ type: EventType.INDEX_FAILED, payload: { error: 'disk full' } });
    await bus.publish({ type: EventType.AGENT_FAILED, payload: { error: 'lost' } });
    await bus.publish({ type: EventType.LLM_ERROR, payload: { error: 'too long' } });
    await bus.publish({ type: EventType.INDEX_STARTED, payload: { repo_path: '/srv/web' } });

    expect(sent).toEqual([
      { title: 'index.failed', message: 'disk full', severity: 'error' },
      { title: 'agent.failed', message: 'lost', severity: 'error' },
      { title: 'llm.error', message: 'too long', severity: 'error' },
    ]);
  });

  test('a notification service that is down harms nobody else', async () => {
    const bus = getEventBus();
    let tracked = 0;
    bus.subscribe(EventType.INDEX_FAILED, async function notifyOnFailure() {
      throw new Error('mail server down');
    });
    bus.subscribe(EventType.INDEX_FAILED, async () => void tracked++);
    const report = await bus.publish({ type: EventType.INDEX_FAILED, payload: { error: 'disk full' } });
    expect(tracked).toBe(1);
    expect(report.deliveries).toMatchObject([
      { subscriber: { handler: 'notifyOnFailure' }, state: 'failed', error: { message: 'mail server down' } },
      { state: 'done' },
    ]);
  });
});

describe('Statistics', () => {
  test('have the numbers of the guide', async () => {
    const bus = getEventBus();
    const onFailure = async () => {
      throw new Error('no');
    };
    bus.subscribe(EventType.INDEX_FAILED, onFailure);
    bus.subscribe(EventType.LLM_ERROR, onFailure);
    bus.subscribe(EventType.INDEX_UPDATED, async () => {});
    bus.subscribe(EventType.INDEX_UPDATED, async () => {});
    const updated = { repo_path: '/srv/web', files_indexed: 1, chunks_created: 8 };
    for (let n = 0; n < 42; n++) await bus.publish({ type: EventType.INDEX_UPDATED, payload: updated });
    for (let n = 0; n < 2; n++) await bus.publish({ type: EventType.INDEX_FAILED, payload: { error: 'no' } });
    await bus.publish({ type: EventType.LLM_ERROR, payload: { error: 'no' } });

    const stats = bus.getStats();

    expect(stats).toMatchObject({
      totalEventTypes: 3,
      totalSubscribers: 4,
      eventCounts: { 'index.updated': 42, 'index.failed': 2, 'llm.error': 1 },
      errorCounts: { 'index.failed': 2, 'llm.error': 1 },
    });
  });
});
