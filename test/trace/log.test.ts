import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logEntries, renderLog, renderTimeline, type Timeline, type TimelineEntry } from '../../src/trace/index.js';
import { generateLog } from '../support/log-generator.js';
import { published, records, T0 } from '../support/records.js';
import { pipeline, trouble } from './traces.js';

describe('the log of a trace', () => {
  test('has one entry for each record of it, in their order', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (seed) => {
        const all = generateLog({ seed, traces: 1 }).records.filter((record) => 'trace_id' in record);
        const entries = logEntries(records(...all));
        expect(entries.map(({ level }) => level)).toEqual(all.map(({ level }) => level));
        expect(entries.map(({ seq }) => Math.ceil(seq))).toEqual(all.map(({ seq }) => seq));
      }),
    );
  });

  test.each([
    ['log-120', () => renderLog(records(...pipeline()), { width: 120 })],
    ['log-80', () => renderLog(records(...trouble()))],
    ['log-warnings', () => renderLog(records(...trouble()), { width: 120, level: 'warn', ascii: true })],
  ])('looks as in the file %s', async (name, render) => {
    await expect(render()).toMatchFileSnapshot(`../fixtures/trace/${name}.txt`);
  });

  test('shows payloads where they are logged', () => {
    const payload = { repo_path: '/srv/web', files: [1, 2], note: 'a\u001b[2Jb' };
    const shown = renderLog(records(published('evt-1', { payload })), { width: 120 });
    expect(shown).toContain(String.raw`{"repo_path":"/srv/web","files":[1,2],"note":"a\u001b[2Jb"}`);
  });
});

function line(ms: number | undefined, level: TimelineEntry['level'], more: Partial<TimelineEntry> = {}): TimelineEntry {
  return {
    time: ms === undefined ? undefined : T0 + ms,
    level,
    service: 'api',
    message: 'a message',
    file: 'app.log',
    line: 1,
    offset: 0,
    fields: {},
    error: undefined,
    durationMs: undefined,
    ...more,
  };
}

const timeline: Timeline = {
  traceId: 'abc-1',
  idFields: ['req.id', 'trace_id'],
  leftOut: 0,
  entries: [
    line(0, 'info', {
      message: 'GET /index',
      fields: { method: 'GET', url: '/index?q=1', headers: { accept: '*/*' } },
    }),
    line(12.4, 'debug', { service: 'worker', message: 'picked up' }),
    line(900, 'warn', { service: undefined, message: 'slow\nanswer', file: 'worker.log' }),
    line(undefined, undefined, { message: undefined, fields: { stack: 'at x' } }),
    line(1_000.5, 'error', { message: 'failed', error: 'Error: disk full\n    at write', durationMs: 1_000.4 }),
  ],
};

describe('a timeline of plain log lines', () => {
  test('shows times, levels, services, fields, what failed, and where nothing was logged', async () => {
    await expect(renderTimeline(timeline, { width: 100 })).toMatchFileSnapshot('../fixtures/trace/timeline-100.txt');
    await expect(renderTimeline(timeline, { ascii: true })).toMatchFileSnapshot('../fixtures/trace/timeline-ascii.txt');
  });

  test('says that it does not tell what led to what', () => {
    expect(renderTimeline(timeline)).toContain('these lines do not tell what led to what');
  });

  test('says how many lines are not shown', () => {
    const shown = renderTimeline({ ...timeline, leftOut: 7 }, { level: 'warn' });
    expect(shown).toContain('2 lines below level warn hidden');
    expect(shown).toContain('7 later lines left out');
    expect(shown).not.toContain('picked up');
  });

  test('is made small by service and by errors, and says of gaps that nothing was logged in them alone', () => {
    const entries = [line(0, 'info', { service: 'api' }), line(500, 'info', { service: 'db' }), line(1_000, 'error')];
    const small = renderTimeline({ ...timeline, entries }, { errors: true });
    expect(small).toContain('2 lines without an error hidden');
    expect(small.match(/\d+ms in which nothing was logged/g)).toEqual(
      Array(2).fill('500ms in which nothing was logged'),
    );
    const api = renderTimeline({ ...timeline, entries }, { service: (name) => name === 'db' });
    expect(api).toContain('2 lines of no such service hidden');
    expect(api).toContain('+500ms');
  });

  test('without any time is in the order of the file', () => {
    const entries = ['one', 'two', 'three'].map((message) => line(undefined, 'info', { message }));
    expect(renderTimeline({ ...timeline, entries })).toMatch(
      /no line tells a time[\s\S]*one\n[\s\S]*two\n[\s\S]*three/,
    );
  });
});
