import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  exportTraces,
  findTrace,
  renderLog,
  renderTree,
  renderWaterfall,
  type Trace,
  traceJson,
} from '../../src/trace/index.js';

/** A request as the guide's Python bus logs it: starts and endings without ids. */
async function guideTrace(): Promise<Trace> {
  const at = (ms: number) => new Date(Date.UTC(2025, 0, 23, 10, 30) + ms).toISOString();
  const event = (event_type: string, source: string, ms: number) => ({
    ...{ event: 'event_published', event_type, source, trace_id: 'req-12345', subscriber_count: 1 },
    ...{ payload_keys: ['repo_path'], timestamp: at(ms) },
  });
  const step = (kind: string, event_type: string, handler: string, ms: number) => ({
    ...{ event: `event_handler_${kind}`, event_type, handler, timestamp: at(ms) },
  });
  const lines = [
    event('index.started', 'api', 0),
    step('start', 'index.started', 'index_repository', 1),
    event('index.completed', 'vector_index', 200),
    step('start', 'index.completed', 'track_index_metrics', 201),
    step('complete', 'index.completed', 'track_index_metrics', 230),
    step('complete', 'index.started', 'index_repository', 260),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'cf-bus-inferred-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'contextforge.log');
  writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  const found = await findTrace([file], 'req-12345');
  if (!found.found || found.kind !== 'trace') throw new Error('not found');
  return found.traces[0];
}

test('what is inferred is marked as such, in every picture and every export', async () => {
  const trace = await guideTrace();
  const shown = [renderTree(trace), renderWaterfall(trace, { width: 100 }), renderLog(trace, { ascii: true })];
  await expect(shown.join('\n')).toMatchFileSnapshot('../fixtures/trace/inferred.txt');
  for (const picture of shown) expect(picture).toMatch(/[≈~] stands before what was concluded/);
  expect(traceJson(trace)).toMatchObject({ inferred: true });
  expect(traceJson(trace).events.some(({ inferred }) => inferred !== undefined)).toBe(true);
  for (const format of ['csv', 'html', 'mermaid', 'otlp', 'perfetto'] as const) {
    expect(await exportTraces(format, [trace])).toMatch(/inferred|identity/);
  }
});
