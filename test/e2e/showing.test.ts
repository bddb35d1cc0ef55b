import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventBus } from '../../src/bus/index.js';
import { openLog } from '../../src/record/index.js';
import { cfBus, tempDir } from '../support/cli.js';
import { toLines } from '../support/log-generator.js';
import { indexing, pipeline, trouble } from '../trace/traces.js';

/** A folder whose default log holds the pipeline's, the indexing's and the troubled request. */
function withStories() {
  const cwd = tempDir();
  mkdirSync(join(cwd, 'logs'));
  const stories = { 'req-1': pipeline(), 'req-2': indexing(), 'req-3': trouble() };
  const records = Object.entries(stories).flatMap(([trace_id, all], story) =>
    all.map((record, index) => ({ ...record, trace_id, seq: story * 1_000 + index })),
  );
  writeFileSync(join(cwd, 'logs/cf-bus.log'), toLines(records));
  return { cwd, run: (...args: readonly string[]) => cfBus(args, { cwd, env: { COLUMNS: '120' } }) };
}

describe('cf-bus trace', () => {
  it('draws a waterfall as wide as the terminal', async () => {
    const { run } = withStories();
    const { stdout, code } = await run('trace', 'req-1', '--format', 'waterfall');
    expect(code).toBe(0);
    const golden = readFileSync(new URL('../fixtures/trace/waterfall-120.txt', import.meta.url), 'utf8');
    expect(stdout).toBe(golden);
  });

  it('shows the records, from a level on', async () => {
    const { run } = withStories();
    expect((await run('trace', 'req-1', '--format', 'log')).stdout).toMatch(/\+180ms {2}debug ▷ llm\.complete/);
    const { stdout } = await run('trace', 'req-3', '--format', 'log', '--level', 'error');
    expect(stdout).toContain('records below level error hidden');
    expect(stdout).not.toMatch(/debug|info {2}/);
  });

  it('makes a big trace small, in every format, and says what it left out', async () => {
    const { run } = withStories();
    expect((await run('trace', 'req-1', '--errors')).stdout).toMatch(/hidden {7}3 events, 4 deliveries/);
    expect((await run('trace', 'req-1', '--type', 'llm.*', '--format', 'waterfall')).stdout).toMatch(/hidden$/m);
    const { stdout, stderr } = await run('trace', 'req-1', '--errors', '--format', 'csv');
    expect(stderr).toBe('Left out: 3 events, 4 deliveries\n');
    expect(stdout.split('\r\n').filter((line) => line.startsWith('delivery,'))).toHaveLength(2);
  });

  it.each(['csv', 'html', 'mermaid', 'otlp', 'perfetto'] as const)(
    'writes %s to a file, the same as the library',
    async (format) => {
      const { cwd, run } = withStories();
      expect(await run('trace', 'req-1', '--format', format, '-o', 'out')).toMatchObject({
        stdout: '',
        stderr: '',
        code: 0,
      });
      const written = readFileSync(join(cwd, 'out'), 'utf8');
      expect((await run('trace', 'req-1', '--format', format)).stdout).toBe(written);
      expect(written).toContain(format === 'mermaid' ? 'sequenceDiagram' : 'req-1');
    },
  );

  it('says which file it cannot write', async () => {
    const { run } = withStories();
    const { stderr, code } = await run('trace', 'req-1', '--format', 'html', '-o', 'no/such/folder.html');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^cf-bus: .*no\/such\/folder\.html: no such file or directory\n$/);
  });

  it('lists those that failed alone, and shows the newest of them', async () => {
    const { run } = withStories();
    expect((await run('trace', '--list', '--failed')).stdout).toMatch(/^STARTED.*\n.*req-3 .*FAILED\n$/);
    expect((await run('trace', '--latest', '--failed')).stdout).toMatch(/^req-3 {2}FAILED/);
  });

  it('says so where none failed', async () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'ok.log'), toLines(indexing()));
    expect(await cfBus(['trace', '--list', '--failed', 'ok.log'], { cwd })).toMatchObject({
      stdout: '',
      stderr: 'cf-bus: no failed traces in ok.log\n',
      code: 1,
    });
  });
});

/** A collector that keeps what it gets, and answers as it is told to. */
async function collector(status: number, answer: string) {
  const requests: { readonly path: string; readonly type: string; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      requests.push({ path: request.url ?? '', type: request.headers['content-type'] ?? '', body });
      response.writeHead(status).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, requests };
}

describe('cf-bus trace --post', () => {
  it('sends OTLP to a collector, at its own path', async () => {
    const { run } = withStories();
    const { url, requests } = await collector(200, '{}');
    const { stdout, stderr, code } = await run('trace', 'req-1', '--post', url);
    expect({ stdout, stderr, code }).toEqual({ stdout: '', stderr: `Sent to ${url}/v1/traces (200)\n`, code: 0 });
    const { stdout: otlp } = await run('trace', 'req-1', '--format', 'otlp');
    expect(requests).toEqual([{ path: '/v1/traces', type: 'application/json', body: otlp }]);
  });

  it('tells what the collector did not take', async () => {
    const { run } = withStories();
    const { url } = await collector(200, '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old\\u001b[2J"}}');
    const { stderr } = await run('trace', 'req-1', '--post', `${url}/custom`);
    expect(stderr).toBe(`Sent to ${url}/custom (200), but it rejected some: 3 spans, too old^[[2J\n`);
  });

  it('ends with 3 where the collector says no or is not there, and with 2 where it is no URL', async () => {
    const { run } = withStories();
    const { url } = await collector(503, 'overloaded');
    expect(await run('trace', 'req-1', '--post', url)).toMatchObject({
      code: 3,
      stderr: `cf-bus: cannot send to ${url}/v1/traces: it answered 503: overloaded\n`,
    });
    expect(await run('trace', 'req-1', '--post', 'http://127.0.0.1:9')).toMatchObject({ code: 3 });
    expect(await run('trace', 'req-1', '--post', 'ftp://x')).toMatchObject({ code: 2 });
    expect(await run('trace', 'req-1', '--post', url, '--format', 'html')).toMatchObject({ code: 2 });
  });
});

describe('cf-bus diff', () => {
  it('shows two requests in one tree', async () => {
    const { run } = withStories();
    const { stdout, stderr, code } = await run('diff', 'req-2', 'req-3');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toMatch(/^A {2}req-2 {2}OK in 411ms.*\nB {2}req-3 {2}FAILED in 96ms/);
    expect(stdout).toMatch(/^! .*vector_index\.index_repository +343ms +1ms/m);
    expect(stdout).toMatch(/^- .*index\.completed .*missing$/m);
    expect(stdout).toMatch(/^\+ .*metrics\.track_index_metrics .*extra$/m);
  });

  it('gives programs JSON', async () => {
    const { run } = withStories();
    const { stdout } = await run('diff', 'req-2', 'req-3', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      a: { trace_id: 'req-2', outcome: 'ok' },
      b: { trace_id: 'req-3', outcome: 'failed' },
      differences: expect.arrayContaining([
        expect.objectContaining({ changes: ['missing'], kind: 'event', b: null }),
        expect.objectContaining({ path: ['index.started', 'vector_index.index_repository'] }),
      ]),
    });
  });

  it('holds the last two runs of one id against each other', async () => {
    const cwd = tempDir();
    const older = indexing().map((record) => ({ ...record, session: 'older' }));
    const newer = indexing().map((record) => ({
      ...record,
      session: 'newer',
      timestamp: record.timestamp.replace('T10:', 'T11:'),
    }));
    writeFileSync(join(cwd, 'a.log'), toLines([...older, ...newer]));
    const { stdout } = await cfBus(['diff', 'req-1', 'req-1', 'a.log'], { cwd });
    expect(stdout).toMatch(/^A .*session older.*\nB .*session newer.*\n {3}no differences/);
    const turned = ['diff', 'req-1', 'req-1', 'a.log', '--session-a', 'newer', '--session-b', 'older'];
    expect((await cfBus(turned, { cwd })).stdout).toMatch(/^A .*session newer.*\nB .*session older/);
  });

  it('ends with 1 where one of them is not there, and with 2 where there is nothing to compare', async () => {
    const { run } = withStories();
    expect(await run('diff', 'req-1', 'req-9')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('no trace "req-9"'),
    });
    expect(await run('diff', 'req-1', 'req-1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('in one run only'),
    });
    expect(await run('diff', 'req-1')).toMatchObject({ code: 2 });
    expect(await run('diff', 'req-1', 'req-2', '-')).toMatchObject({ code: 2 });
  });
});

describe('cf-bus why', () => {
  async function withBus() {
    const cwd = tempDir();
    const log = openLog({ file: join(cwd, 'logs/cf-bus.log'), level: 'debug' });
    const bus = new EventBus({ log });
    bus.subscribe('cache.*', function works() {}, { service: 'cache' });
    bus.subscribe('cache.cleared', function breaks() {
      throw new Error('disk full');
    });
    bus.subscribe('llm.response', function other() {});
    const { event } = await bus.publish({ type: 'cache.cleared', payload: {}, traceId: 'req-1' });
    const { event: missed } = await bus.publish({ type: 'cash.cleared', payload: {}, traceId: 'req-1' });
    bus.subscribe('cache.cleared', function late() {});
    await bus.close();
    log.close();
    return { event, missed, run: (...args: readonly string[]) => cfBus(args, { cwd }) };
  }

  it('tells of each subscriber whether the event was delivered, and why not', async () => {
    const { event, run } = await withBus();
    const { stdout, stderr, code } = await run('why', event.id);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toMatch(/✓ cache\.works +delivered in .*\(cache\.\*\)\n/);
    expect(stdout).toMatch(/✗ breaks +delivered, and it failed: disk full\n/);
    expect(stdout).toMatch(/✗ late +no: it subscribed .* too late \(cache\.cleared\)\n/);
    expect(stdout).toMatch(/· other +no: subscribed to llm\.response\n/);
  });

  it('names the nearest pattern of an event that nobody got', async () => {
    const { missed, run } = await withBus();
    expect((await run('why', missed.id)).stdout).toContain(
      'no pattern matches; the nearest is cache.cleared, of breaks',
    );
    const json = JSON.parse((await run('why', missed.id, '--json')).stdout);
    expect(json).toMatchObject({ event_type: 'cash.cleared', nearest: { pattern: 'cache.cleared' } });
    expect(json.subscribers.map(({ verdict }: { readonly verdict: string }) => verdict)).toEqual(
      Array(4).fill('no_match'),
    );
  });

  it('ends with 1 for an id that is none, and says what a trace id is', async () => {
    const { run } = await withBus();
    const { stdout, stderr, code } = await run('why', 'req-1');
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toMatch(
      /^cf-bus: no event "req-1" in logs\/cf-bus\.log\n {2}it is a trace id; the ids of its events: cf-bus trace --json req-1\n$/,
    );
    expect(await run('why', 'nothing')).toMatchObject({ code: 1 });
    expect(await run('why', 'x', 'no.log')).toMatchObject({ code: 2 });
  });
});

describe('help', () => {
  it.each(['trace', 'diff', 'why'])('of %s has examples', async (command) => {
    const { stdout, code } = await cfBus([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n {2}cf-bus ${command} `));
  });
});
