import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  diffJson,
  diffTraces,
  type EventNode,
  findTrace,
  renderDiff,
  renderTree,
  type Trace,
} from '../../src/trace/index.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cf-bus-guide-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

let clock = 0;
/** A line as the guide's Python bus writes it, ten milliseconds after the one before. */
function line(event: string, fields: object): string {
  clock += 10;
  const timestamp = new Date(Date.UTC(2025, 0, 23, 10, 30) + clock).toISOString();
  return JSON.stringify({ event, ...fields, timestamp });
}

const published = (type: string, traceId: string | undefined, subscribers: number, source = 'vector_index') =>
  line('event_published', {
    ...{ event_type: type, source, subscriber_count: subscribers, payload_keys: ['repo_path'] },
    ...(traceId === undefined ? {} : { trace_id: traceId }),
  });
const start = (type: string, handler: string) => line('event_handler_start', { event_type: type, handler });
const complete = (type: string, handler: string, more = {}) =>
  line('event_handler_complete', { event_type: type, handler, ...more });
const failed = (type: string, handler: string, error: string) =>
  line('event_handler_error', { event_type: type, handler, error, error_type: 'ValueError' });

async function traceOf(id: string, lines: readonly string[]): Promise<Trace> {
  const path = join(folder, 'contextforge.log');
  writeFileSync(path, `${lines.join('\n')}\n`);
  const result = await findTrace([path], id);
  if (!result.found || result.kind !== 'trace') throw new Error(JSON.stringify(result));
  return result.traces[0];
}

/** Events and handlers, as nested text. */
function outline(events: readonly EventNode[]): unknown[] {
  return events.map(({ type, deliveries, events: led }) => [
    type,
    ...deliveries.map(({ handler, events: inner }) => [handler, ...outline(inner)]),
    ...(led.length === 0 ? [] : [['?', ...outline(led)]]),
  ]);
}

test('the guide’s own record is found by its trace id', async () => {
  const record =
    '{"event": "event_published", "event_type": "index.updated", "source": "vector_index_service", "trace_id": "req-12345", "subscriber_count": 2, "payload_keys": ["repo_path", "files_indexed", "chunks_created"], "timestamp": "2025-01-23T10:30:00Z"}';
  const trace = await traceOf('req-12345', [record]);
  expect(trace.events).toMatchObject([
    {
      type: 'index.updated',
      source: 'vector_index_service',
      time: Date.UTC(2025, 0, 23, 10, 30),
      published: { subscriberCount: 2, payloadKeys: ['repo_path', 'files_indexed', 'chunks_created'] },
    },
  ]);
});

test('handlers and what they published are nested by their order, and marked as inferred', async () => {
  const trace = await traceOf('req-1', [
    published('index.started', 'req-0', 1),
    start('index.started', 'index_repository'),
    complete('index.started', 'index_repository'),
    published('index.started', 'req-1', 1),
    start('index.started', 'index_repository'),
    published('index.updated', 'req-1', 2),
    start('index.updated', 'track'),
    start('index.updated', 'notify'),
    complete('index.updated', 'track', { duration_ms: 7.5 }),
    failed('index.updated', 'notify', 'no smtp'),
    complete('index.started', 'index_repository'),
    published('query.received', 'req-2', 0),
  ]);
  expect(outline(trace.roots)).toEqual([
    ['index.started', ['index_repository', ['index.updated', ['track'], ['notify']]]],
  ]);
  expect(trace.inferred).toBe(true);
  const [first, track, notify] = trace.deliveries;
  expect(first).toMatchObject({ durationMs: 60, inferred: ['identity', 'duration'], state: { kind: 'done' } });
  expect(track).toMatchObject({ durationMs: 7.5, inferred: ['identity'], state: { kind: 'done' } });
  expect(notify).toMatchObject({ state: { kind: 'failed', error: { name: 'ValueError', message: 'no smtp' } } });
  expect(trace.events.map(({ inferred }) => inferred)).toEqual([['identity'], ['identity', 'cause']]);
  expect(Object.entries(trace.problems).filter(([, count]) => count !== 0)).toEqual([]);
  expect(renderTree(trace)).toContain('index.updated');
});

test('what any of several handlers may have published hangs below their event, and not below one of them', async () => {
  const trace = await traceOf('req-1', [
    published('index.started', 'req-1', 2),
    start('index.started', 'one'),
    start('index.started', 'two'),
    published('index.updated', 'req-1', 0),
    complete('index.started', 'one'),
    complete('index.started', 'two'),
  ]);
  expect(outline(trace.roots)).toEqual([['index.started', ['one'], ['two'], ['?', ['index.updated']]]]);
  expect(trace.events[1]?.inferred).toEqual(['identity', 'cause']);
});

test('handlers of other requests in between are not mixed up', async () => {
  const trace = await traceOf('req-1', [
    published('index.started', 'req-1', 1),
    start('index.started', 'index_repository'),
    published('query.received', 'req-2', 1),
    start('query.received', 'answer'),
    published('index.updated', 'req-1', 0),
    published('query.completed', 'req-2', 0),
    complete('query.received', 'answer'),
    complete('index.started', 'index_repository'),
  ]);
  expect(outline(trace.roots)).toEqual([['index.started', ['index_repository', ['index.updated']]]]);
});

test('a handler without an end is unfinished; one without an event of its own is not made up', async () => {
  const trace = await traceOf('req-1', [
    start('agent.started', 'earlier'),
    published('index.started', 'req-1', 1),
    start('index.started', 'hangs'),
    complete('agent.started', 'earlier'),
  ]);
  expect(trace.deliveries).toMatchObject([{ handler: 'hangs', state: { kind: 'running' } }]);
});

test('the differences of two such requests mark what was concluded, and name no session', async () => {
  const request = (id: string, more: () => readonly string[]) => [
    published('index.updated', id, 1),
    start('index.updated', 'track'),
    ...more(),
    complete('index.updated', 'track'),
  ];
  const a = await traceOf(
    'req-1',
    request('req-1', () => [published('metrics.done', 'req-1', 0)]),
  );
  const diff = diffTraces(
    a,
    await traceOf(
      'req-2',
      request('req-2', () => []),
    ),
  );
  const text = renderDiff(diff);
  expect(text).toMatch(/● ≈ index\.updated[\s\S]*≈ track +≈20ms +≈10ms/);
  expect(text).toContain('A and B: ≈ stands before what was concluded');
  expect(text).not.toContain('session');
  expect(diffJson(diff).a).toMatchObject({ inferred: true });
});
