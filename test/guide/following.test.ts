/** The guide's structured log, and following one request through it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventBus, EventType, getEventBus, openLog } from '../../src/index.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cf-bus-guide-'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** What `grep id file | jq .` reads. */
function grep(id: string, file: string): readonly Record<string, unknown>[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.includes(id)).map((line) => JSON.parse(line));
}

test('a published event is logged with the guide’s keys and values', async () => {
  const file = join(folder, 'contextforge.log');
  vi.stubEnv('CF_BUS_LOG', file);
  const bus = getEventBus();
  bus.subscribe(EventType.INDEX_UPDATED, async () => {});
  bus.subscribe(EventType.INDEX_UPDATED, async () => {});
  await bus.publish({
    type: EventType.INDEX_UPDATED,
    payload: { repo_path: '/path/to/repo', files_indexed: 150, chunks_created: 1200 },
    source: 'vector_index_service',
    traceId: 'req-12345',
  });
  await bus.close();
  const [record, ...others] = grep('req-12345', file);
  expect(others).toEqual([]);
  expect(record).toMatchObject({
    event: 'event_published',
    event_type: 'index.updated',
    source: 'vector_index_service',
    trace_id: 'req-12345',
    subscriber_count: 2,
    payload_keys: ['repo_path', 'files_indexed', 'chunks_created'],
  });
  expect(record?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('one request is followed through the system by its trace id, in order, from cause to effect', async () => {
  const file = join(folder, 'bus.log');
  const bus = new EventBus({ log: openLog({ file, level: 'debug' }) });
  bus.subscribe(
    EventType.INDEX_STARTED,
    async function indexRepository(event, context) {
      await context.publish({ type: EventType.INDEX_COMPLETED, payload: { repo_path: event.payload.repo_path } });
    },
    { service: 'vector_index' },
  );
  bus.subscribe(
    EventType.INDEX_COMPLETED,
    async function trackIndexMetrics() {
      throw new Error('metrics are down');
    },
    { service: 'metrics' },
  );
  const started = (traceId: string) =>
    bus.publish({ type: EventType.INDEX_STARTED, payload: { repo_path: '/srv/web' }, source: 'api', traceId });
  await Promise.all([started('req-1'), started('req-12345')]);
  await bus.close();

  const records = grep('req-12345', file);

  expect(records.map(({ event, event_type, handler }) => [event, event_type, handler])).toEqual([
    ['event_published', 'index.started', undefined],
    ['event_handler_start', 'index.started', 'indexRepository'],
    ['event_published', 'index.completed', undefined],
    ['event_handler_start', 'index.completed', 'trackIndexMetrics'],
    ['event_handler_error', 'index.completed', 'trackIndexMetrics'],
    ['event_handler_complete', 'index.started', 'indexRepository'],
  ]);
  const [first, start, second, , failure] = records;
  expect(second).toMatchObject({ causation_id: first?.event_id, causation_delivery_id: start?.delivery_id });
  expect(failure).toMatchObject({ level: 'error', error: 'metrics are down', service: 'metrics' });
});
