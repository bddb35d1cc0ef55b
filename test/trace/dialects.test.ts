import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idFields, plainId, standsFor } from '../../src/trace/dialect/ids.js';
import { levelOfWord } from '../../src/trace/dialect/level.js';
import { valueAt, without } from '../../src/trace/dialect/path.js';
import { readPrefix } from '../../src/trace/dialect/prefix.js';
import { DIALECTS, dialectOf } from '../../src/trace/dialect/registry.js';
import { parseTime } from '../../src/trace/dialect/time.js';
import { type FindOptions, findTrace, type Timeline } from '../../src/trace/index.js';
import { LOG_SAMPLES } from './log-samples.js';

/** The timeline of an id in these lines. */
async function timelineOf(id: string, lines: readonly string[], options: FindOptions = {}): Promise<Timeline> {
  const stream = (async function* () {
    yield `${lines.join('\n')}\n`;
  })();
  const result = await findTrace([{ name: 'app.log', stream }], id, options);
  if (!result.found || result.kind !== 'timeline') throw new Error(`no timeline: ${JSON.stringify(result)}`);
  return result.timeline;
}

/** The one line of it. */
async function entryOf(id: string, line: string) {
  const { entries } = await timelineOf(id, [line]);
  expect(entries).toHaveLength(1);
  return entries[0];
}

const at = (text: string) => Date.parse(text);

describe('lines of other loggers say when, how bad, who and what', () => {
  test('pino, with pino-http', async () => {
    const line =
      '{"level":50,"time":1531171082399,"pid":657,"hostname":"web-1","name":"api","req":{"id":"req-7","method":"GET","url":"/"},"res":{"statusCode":500},"err":{"type":"Error","message":"boom","stack":"Error: boom\\n    at x.js:1"},"responseTime":12.5,"msg":"request errored"}';
    expect(await entryOf('req-7', line)).toEqual({
      time: 1531171082399,
      level: 'error',
      service: 'api',
      message: 'request errored',
      error: 'Error: boom',
      durationMs: 12.5,
      file: 'app.log',
      line: 1,
      offset: 0,
      fields: {
        pid: 657,
        hostname: 'web-1',
        req: { method: 'GET', url: '/' },
        res: { statusCode: 500 },
      },
    });
  });

  test.each(LOG_SAMPLES)('$dialect, $about', async ({ dialect, line, said }) => {
    expect(dialectOf(JSON.parse(line)).name).toBe(dialect);
    expect(await entryOf('req-7', line)).toMatchObject(said);
  });

  test('every dialect has a sample here', () => {
    const named = new Set<string>([...LOG_SAMPLES.map((sample) => sample.dialect), 'journal']);
    for (const { name } of DIALECTS) expect(named).toContain(name);
  });
});

describe('lines inside other lines are read', () => {
  const pino = '{"level":30,"time":1700000000000,"msg":"hi","reqId":"req-7"}';

  test('the journal, with JSON and with text', async () => {
    const journal = (message: string) =>
      JSON.stringify({
        __REALTIME_TIMESTAMP: '1700000001000000',
        PRIORITY: '4',
        SYSLOG_IDENTIFIER: 'web',
        MESSAGE: message,
      });
    const inner = '{"level":30,"msg":"hi","reqId":"req-7"}';
    expect(await entryOf('req-7', journal(inner))).toMatchObject({
      ...{ time: 1700000001000, level: 'info', service: 'web', message: 'hi' },
    });
    const text = `${journal('plain').slice(0, -1)},"REQUEST_ID":"req-7"}`;
    expect(await entryOf('req-7', text)).toMatchObject({ level: 'warn', service: 'web', message: 'plain' });
  });

  test('docker’s json-file and Kubernetes collectors', async () => {
    const docker = JSON.stringify({ log: `${pino}\n`, stream: 'stdout', time: '2023-11-14T22:13:20.5Z' });
    expect(await entryOf('req-7', docker)).toMatchObject({ time: 1700000000000, message: 'hi' });
    const collector = JSON.stringify({ log: pino, kubernetes: { container_name: 'web', pod_name: 'web-1' } });
    expect(await entryOf('req-7', collector)).toMatchObject({ service: 'web', message: 'hi' });
  });

  test('OTLP/JSON, of which one line holds many records', async () => {
    const record = (traceId: string, text: string, nanos: string) => ({
      ...{ timeUnixNano: nanos, severityNumber: 17, severityText: 'ERROR', traceId, spanId: 'eee19b7ec3c1b174' },
      body: { stringValue: text },
      attributes: [{ key: 'http.status_code', value: { intValue: '500' } }],
    });
    const line = JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'checkout' } }] },
          scopeLogs: [
            {
              scope: { name: 'lib' },
              logRecords: [
                record('req-7', 'second', '1544712660300000000'),
                record('req-8', 'other', '1544712660100000000'),
                record('req-7', 'first', '1544712660200000000'),
              ],
            },
          ],
        },
      ],
    });
    const { entries } = await timelineOf('req-7', [line]);
    expect(entries.map(({ message }) => message)).toEqual(['first', 'second']);
    expect(entries[0]).toMatchObject({
      ...{ time: 1544712660200, level: 'error', service: 'checkout' },
      fields: { attributes: { 'http.status_code': '500' } },
    });
  });

  test('what stands before the JSON tells what the JSON does not', async () => {
    const bare = '{"reqId":"req-7"}';
    const cases: readonly (readonly [string, object])[] = [
      [`web-1  | ${pino}`, { service: 'web-1', level: 'info', message: 'hi' }],
      [`[pod/web-5d4-x/app] ${pino}`, { service: 'web-5d4-x' }],
      [`Jan 23 10:30:00 host7 web[123]: ${bare}`, { service: 'web', time: undefined }],
      [`2025-01-01 INFO ${bare}`, { time: at('2025-01-01T00:00:00Z'), level: 'info', message: undefined }],
      [`2025-01-01T10:00:00,250 [WARN] cart is empty ${bare}`, { level: 'warn', message: 'cart is empty' }],
      [`2016-10-06T00:17:09.669794202Z stdout F ${bare}`, { time: at('2016-10-06T00:17:09.669Z') + 0.794 }],
      [`2025-01-01T10:00:00+0100 host web[1]: ${bare}`, { time: at('2025-01-01T09:00:00Z'), service: 'web' }],
      [
        `\u001b[36mapi_1  |\u001b[0m ERROR: took {long} ${bare}`,
        { service: 'api_1', level: 'error', message: 'took {long}' },
      ],
    ];
    for (const [line, said] of cases) expect(await entryOf('req-7', line)).toMatchObject(said);
  });

  test('any prefix is survived, and none makes a level or a service of nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const { level, time } = readPrefix(text);
        if (!/[a-z]{3}/i.test(text)) expect(level).toBeUndefined();
        if (!/\d{4}/.test(text)) expect(time).toBeUndefined();
      }),
    );
  });
});

describe('the field of the id', () => {
  test('is found by its usual names, in any spelling, alone or in an object', () => {
    const names = ['trace_id', 'traceId', 'trace.id', 'request_id', 'req_id', 'reqId', 'req.id', 'correlation_id'];
    names.push('correlationid', 'opid', 'X-Request-Id', 'REQUEST_ID', 'otelTraceID', 'dd.trace_id', 'TraceId');
    for (const name of names) expect(idFields({ [name]: 'x-1' }, undefined)).toEqual([{ path: name, id: 'x-1' }]);
    expect(idFields({ req: { id: 5 } }, undefined)).toEqual([{ path: 'req.id', id: '5' }]);
    expect(idFields({ a: { headers: { 'x-request-id': 'x' } } }, undefined)[0]?.path).toBe('a.headers.x-request-id');
    for (const name of ['id', 'user_id', 'event_id', 'span_id', 'trace']) {
      expect(idFields({ [name]: 'x-1' }, undefined)).toEqual([]);
    }
  });

  test('may hold a traceparent or the trace of Google Cloud', () => {
    const id = '4bf92f3577b34da6a3ce929d0e0e4736';
    for (const value of [`00-${id}-00f067aa0ba902b7-01`, `projects/web/traces/${id}`, id]) {
      expect(standsFor(value, id)).toBe(true);
      expect(plainId(value)).toBe(id);
    }
    expect(standsFor(`00-${id}-00f067aa0ba902b7-01`, '00f067aa0ba902b7')).toBe(false);
    expect(standsFor('req-12', 'req-1')).toBe(false);
  });

  test('is the one that is named, where one is named', async () => {
    const lines = ['{"msg":"a","job":{"key":"j-1"},"reqId":"other"}', '{"msg":"b","reqId":"j-1"}'];
    const { entries, idFields } = await timelineOf('j-1', lines, { field: 'job.key' });
    expect(entries.map(({ message }) => message)).toEqual(['a']);
    expect(idFields).toEqual(['job.key']);
    const ours =
      '{"level":"info","timestamp":"2026-11-23T08:00:00.000Z","event":"event_published","seq":1,"session":"s","event_type":"a.b","event_id":"evt-1","source":"x","trace_id":"r-1","subscriber_count":0,"payload_keys":[]}';
    expect((await timelineOf('evt-1', [ours], { field: 'event_id' })).entries).toHaveLength(1);
  });

  test('that is not known is told, with the lines in which it is', async () => {
    const stream = (async function* () {
      yield '{"msg":"a","job":{"key":"j-1"}}\n{"msg":"b","job":{"key":"j-1"},"list":["j-1"]}\n';
    })();
    const result = await findTrace([{ name: 'x', stream }], 'j-1');
    expect(result).toMatchObject({
      found: false,
      elsewhere: [
        { field: 'job.key', lines: 2 },
        { field: 'list.0', lines: 1 },
      ],
    });
  });

  test('is found where that says, in a list, too', async () => {
    const lines = ['{"msg":"a","list":["x",{"id":"j-1"}]}', '{"msg":"b","list":["j-1"]}'];
    const result = await findTrace([{ name: 'x', stream: Readable.from([lines.join('\n')]) }], 'j-1');
    const fields = result.found ? [] : result.elsewhere.map(({ field }) => field);
    expect(fields).toEqual(['list.1.id', 'list.0']);
    for (const [index, field] of fields.entries()) {
      expect((await timelineOf('j-1', lines, { field })).entries).toMatchObject([{ message: ['a', 'b'][index] }]);
    }
  });
});

describe('a timeline', () => {
  const line = (time: string | undefined, msg: string) =>
    JSON.stringify({ level: 'info', ...(time === undefined ? {} : { time }), msg, reqId: 'req-7' });
  const input = (name: string, ...lines: string[]) => ({
    name,
    stream: (async function* () {
      yield lines.map((each) => `${each}\n`).join('');
    })(),
  });

  test('merges several files by time; lines without one stay behind the line before them', async () => {
    const result = await findTrace(
      [
        input('a.log', line('2025-01-01T10:00:00Z', 'a1'), line(undefined, 'a2'), line('2025-01-01T10:00:05Z', 'a3')),
        input('b.log', line('2025-01-01T10:00:03+00:00', 'b1'), line('2025-01-01T12:00:04+02:00', 'b2')),
      ],
      'req-7',
    );
    if (!result.found || result.kind !== 'timeline') throw new Error('no timeline');
    expect(result.timeline.entries.map(({ message, file, line: number }) => `${file}:${number} ${message}`)).toEqual([
      'a.log:1 a1',
      'a.log:2 a2',
      'b.log:1 b1',
      'b.log:2 b2',
      'a.log:3 a3',
    ]);
    expect(result.read.foreign).toBe(0);
  });

  test('keeps to the times that are asked for', async () => {
    const lines = [1, 2, 3].map((second) => line(`2025-01-01T10:00:0${second}Z`, `at ${second}`));
    const since = at('2025-01-01T10:00:02Z');
    expect((await timelineOf('req-7', lines, { since })).entries.map(({ message }) => message)).toEqual([
      'at 2',
      'at 3',
    ]);
    expect((await timelineOf('req-7', lines, { until: since })).entries.map(({ message }) => message)).toEqual([
      'at 1',
      'at 2',
    ]);
  });
});

describe('parts of lines', () => {
  test('times are read from all that loggers write, and from nothing else', () => {
    const time = at('2024-03-10T19:57:38.250Z');
    const written = ['2024-03-10T19:57:38.250Z', '2024-03-10 19:57:38,250', '2024/03/10 19:57:38.25', '1710100658250'];
    written.push(
      '2024-03-10T21:57:38.250+02:00',
      '2024-03-10 14:57:38.250 -0500 EST',
      '1710100658250000000',
      '1710100658.25',
    );
    for (const text of written) expect([text, parseTime(text)]).toEqual([text, time]);
    for (const number of [1710100658.25, 1710100658250, 1710100658250000]) expect(parseTime(number)).toBe(time);
    for (const none of ['', 'soon', '12', '2024', '2024-13-01', 5, Number.NaN, null, {}, true]) {
      expect(parseTime(none)).toBeUndefined();
    }
  });

  test('levels are known by their words', () => {
    expect(['WARNING', 'Information', 'err', 'INFO+4', 'ERROR2', 'verbose'].map(levelOfWord)).toEqual([
      ...['warn', 'info', 'error', 'info', 'error', 'trace'],
    ]);
    expect(['', 'constructor', 'high', '7'].map(levelOfWord)).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('a field that is taken out is gone, and nothing else is', () => {
    const keys = fc.constantFrom('a', 'b', 'a.b', 'b.a', '__proto__');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(keys, fc.oneof({ depthSize: 'small' }, fc.nat(), tie('tree')), { maxKeys: 3 }),
    }));
    const paths = fc.constantFrom('a', 'b', 'a.b', 'a.b.a', 'b.a.b');
    fc.assert(
      fc.property(tree, paths, (value, path) => {
        const fields = Object.fromEntries(Object.entries(Object(value)));
        const before = JSON.stringify(fields);
        const rest = without(fields, [path]);
        expect(JSON.stringify(fields)).toBe(before);
        if (valueAt(fields, path) === undefined) expect(rest).toEqual(fields);
        else expect(JSON.stringify(rest)).not.toBe(before);
      }),
    );
  });
});
