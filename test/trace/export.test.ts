import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safeLines } from '../../src/kernel/index.js';
import { buildTrace, type ExportFormat, exportTraces, type Trace, traceJson } from '../../src/trace/index.js';
import { generateLog } from '../support/log-generator.js';
import { at, completed, failed, published, records, started } from '../support/records.js';
import { hostile, indexing, pipeline, trouble } from './traces.js';

const FORMATS: readonly ExportFormat[] = ['csv', 'html', 'mermaid', 'otlp', 'perfetto'];

function generated(seed: number): Trace {
  return records(...generateLog({ seed, traces: 1 }).records);
}

/** Names and messages that mean something to one of the formats. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    ...[
      'end',
      'P1->>P2: x',
      'a;b\nloop x',
      'style a:b #59;',
      'classDef x:#',
      'wrap: yes',
      '#',
      '%%{init: {}}%%',
      'note',
    ],
    ...[
      '"quoted", text\r\n',
      '=cmd()',
      '</script><script>alert(1)</script>',
      '<!--',
      "'",
      '&amp;',
      '\u2028',
      '__proto__',
    ],
  ),
);

function nastyTrace(a: string, b: string, c: string): Trace {
  const one = { service: a, handler: b, event_type: c };
  return buildTrace(
    [
      published('evt-1', { event_type: c, source: b, trace_id: a, payload_keys: [c], payload: { [a]: b } }),
      started('dlv-1', 'evt-1', { ...one, trace_id: a }),
      failed('dlv-1', 'evt-1', { ...one, trace_id: a, error: a, error_name: c, will_retry: true }),
      started('dlv-1', 'evt-1', { ...one, trace_id: a, attempt: 2 }),
      published('evt-2', { event_type: a, source: c, trace_id: a, causation_id: b, subscriber_count: 0 }),
    ],
    { traceId: a, session: 's1' },
  );
}

describe.each(FORMATS)('the export %s', (format) => {
  test('is the same for the same trace, and as in its file', async () => {
    const first = await exportTraces(format, [records(...pipeline())]);
    expect(await exportTraces(format, [records(...pipeline())])).toBe(first);
    const extension = { csv: 'csv', html: 'html', mermaid: 'mmd', otlp: 'otlp.json', perfetto: 'perfetto.json' }[
      format
    ];
    await expect(first).toMatchFileSnapshot(`../fixtures/trace/export.${extension}`);
  });

  test('is the same whatever the order of the log', async () => {
    const reversed = records(...trouble().reverse());
    expect(await exportTraces(format, [reversed])).toBe(await exportTraces(format, [records(...trouble())]));
  });

  test('of a trace without events is valid, too', async () => {
    expect(await exportTraces(format, [records()])).not.toBe('');
  });
});

/** The part of Mermaid that these tests ask. */
interface MermaidParser {
  readonly parse: (text: string) => Promise<{ readonly diagramType: string }>;
  readonly mermaidAPI: { readonly getDiagramFromText: (text: string) => Promise<{ readonly db: object }> };
}

/** Mermaid is as large as everything else together, so `npm ci` leaves it out and .ci/run installs it. */
async function findMermaid(): Promise<MermaidParser | undefined> {
  const name = 'mermaid';
  return import(name).then(
    (module: { readonly default: MermaidParser }) => module.default,
    () => undefined,
  );
}

const mermaid = await findMermaid();

describe.skipIf(mermaid === undefined)('Mermaid (its own parser: npm i --no-save mermaid@11)', () => {
  const parse = async (text: string) => (await mermaid?.parse(text))?.diagramType;

  test('is accepted by its own parser', async () => {
    for (const story of [indexing, trouble, hostile, pipeline]) {
      expect(await parse(await exportTraces('mermaid', [records(...story())]))).toBe('sequence');
    }
    expect(await parse(await exportTraces('mermaid', [records()]))).toBe('sequence');
    const two = await exportTraces('mermaid', [records(...indexing()), records(...trouble())]);
    expect(await parse(two)).toBe('sequence');
  });

  test('of any log is accepted by its own parser', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(100_000), fc.double({ min: 0, max: 1, noNaN: true }), async (seed, share) => {
        const all = generateLog({ seed, traces: 1 }).records;
        const trace = records(...all.slice(Math.floor(all.length * share * 0.5)));
        expect(await parse(await exportTraces('mermaid', [trace]))).toBe('sequence');
      }),
      { numRuns: 15 },
    );
  });

  test('takes every name and message as text', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, nasty, nasty, async (a, b, c) => {
        const text = await exportTraces('mermaid', [nastyTrace(a, b, c)]);
        const { db } = (await mermaid?.mermaidAPI.getDiagramFromText(text)) ?? { db: {} };
        const messages: unknown = 'getMessages' in db && typeof db.getMessages === 'function' ? db.getMessages() : [];
        // A title, two arrows with their activations, an error and its end, a note on the event nobody wanted.
        expect(messages).toHaveLength(8);
      }),
      { numRuns: 60 },
    );
  });
});

describe('OTLP', () => {
  const root = createRequire(import.meta.url)('@opentelemetry/otlp-transformer/build/src/generated/root');
  const Request = root.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

  /** OTLP/JSON writes ids as hex, where Protobuf's own JSON writes base64. */
  function withBase64Ids(key: string, value: unknown): unknown {
    if (!['traceId', 'spanId', 'parentSpanId'].includes(key) || typeof value !== 'string') return value;
    expect(value).toMatch(key === 'traceId' ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{16}$/);
    expect(value).not.toMatch(/^0+$/);
    return Buffer.from(value, 'hex').toString('base64');
  }

  interface SpanJson {
    readonly traceId: string;
    readonly spanId: string;
    readonly parentSpanId?: string;
    readonly name: string;
    readonly startTimeUnixNano: string;
    readonly endTimeUnixNano: string;
    readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  }

  /** Takes it through the protocol's definition and back: nothing is lost, so there is nothing that it does not know. */
  function validate(text: string): SpanJson[] {
    const json = JSON.parse(text, withBase64Ids);
    expect(Request.verify(Request.fromObject(json))).toBe(null);
    const decoded = Request.decode(Request.encode(Request.fromObject(json)).finish());
    const again = Request.toObject(decoded, { longs: String, bytes: String, arrays: false });
    expect(withoutEmpty(again)).toEqual(withoutEmpty(json));
    return JSON.parse(text).resourceSpans.flatMap(
      (resource: { readonly scopeSpans: readonly { readonly spans: SpanJson[] }[] }) =>
        resource.scopeSpans.flatMap(({ spans }) => spans),
    );
  }

  /** Protobuf does not tell what is empty, or 0, from what is left out. */
  function withoutEmpty(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(withoutEmpty);
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value)
      .map(([key, inner]) => [key, withoutEmpty(inner)] as const)
      .filter(([, inner]) => inner !== 0 && !(Array.isArray(inner) && inner.length === 0))
      .filter(([key, inner]) => inner !== '' || key.endsWith('Value'));
    return Object.fromEntries(kept);
  }

  test('is what the protocol defines, with whole parents and ends after starts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(100_000), async (seed) => {
        const trace = generated(seed);
        const spans = validate(await exportTraces('otlp', [trace]));
        const ids = new Set(spans.map(({ spanId }) => spanId));
        expect(ids.size).toBe(spans.length);
        const attempts = trace.deliveries.map((delivery) => delivery.attempts.length).filter((count) => count > 1);
        const expected =
          trace.events.length + trace.deliveries.length + attempts.reduce((sum, count) => sum + count, 0);
        expect(spans).toHaveLength(expected);
        for (const { parentSpanId, startTimeUnixNano, endTimeUnixNano } of spans) {
          if (parentSpanId !== undefined) expect(ids).toContain(parentSpanId);
          expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
        }
      }),
      { numRuns: 30 },
    );
  });

  test('takes every name and message', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, nasty, nasty, async (a, b, c) => {
        validate(await exportTraces('otlp', [nastyTrace(a, b, c)]));
      }),
      { numRuns: 50 },
    );
  });

  test('keeps the original id as an attribute, and an id of OpenTelemetry as it is', async () => {
    const [span] = validate(await exportTraces('otlp', [records(...indexing())]));
    expect(span?.attributes).toContainEqual({ key: 'cf_bus.trace_id', value: { stringValue: 'req-1' } });
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const own = buildTrace([published('evt-1', { trace_id: traceId })], { traceId, session: 's1' });
    expect(validate(await exportTraces('otlp', [own]))[0]?.traceId).toBe(traceId);
  });
});

describe('Perfetto', () => {
  interface TraceEvent {
    readonly ph: string;
    readonly pid: number;
    readonly tid: number;
    readonly ts: number;
    readonly dur: number;
    readonly name: string;
    readonly id?: number;
    readonly s?: string;
    readonly bp?: string;
    readonly args?: Readonly<Record<string, unknown>>;
  }

  async function eventsOf(trace: Trace): Promise<TraceEvent[]> {
    const file = JSON.parse(await exportTraces('perfetto', [trace]));
    expect(file).toMatchObject({ displayTimeUnit: 'ms', otherData: { trace_id: trace.traceId } });
    return file.traceEvents;
  }

  const trackOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;

  /** What the Trace Event Format says of each phase that is used here, and what its viewers make of it. */
  function check(events: readonly TraceEvent[]): void {
    const named = (name: string, key: (event: TraceEvent) => unknown) =>
      new Set(events.filter((event) => event.ph === 'M' && event.name === name).map(key));
    const processes = named('process_name', ({ pid }) => pid);
    const threads = named('thread_name', trackOf);
    expect(named('process_sort_index', ({ pid }) => pid)).toEqual(processes);
    expect(named('thread_sort_index', trackOf)).toEqual(threads);
    expect(new Set([...threads].map((track) => String(track).split(' ')[1])).size).toBe(threads.size);
    const slices = new Map<string, TraceEvent[]>();
    for (const event of events) {
      expect(['M', 'X', 'i', 's', 'f']).toContain(event.ph);
      expect(processes).toContain(event.pid);
      if (event.ph === 'M') {
        const value = event.name.endsWith('_name') ? event.args?.name : event.args?.sort_index;
        expect(typeof value).toBe(event.name.endsWith('_name') ? 'string' : 'number');
        continue;
      }
      expect(threads).toContain(trackOf(event));
      expect(event.pid > 0 && event.tid > 0).toBe(true);
      // Microseconds.
      expect(Number.isSafeInteger(event.ts) && event.ts >= 0).toBe(true);
      if (event.ph === 'i') expect(event.s).toBe('t');
      if (event.ph !== 'X') continue;
      expect(Number.isSafeInteger(event.dur) && event.dur >= 0).toBe(true);
      slices.set(trackOf(event), [...(slices.get(trackOf(event)) ?? []), event]);
    }
    for (const each of slices.values()) expectNested(each);
    expectFlows(events, slices);
  }

  /** On one track, slices are one within the other, or apart; the outer one comes first in the file. */
  function expectNested(slices: readonly TraceEvent[]): void {
    for (const [index, a] of slices.entries()) {
      for (const b of slices.slice(index + 1)) {
        const apart = a.ts + a.dur <= b.ts || b.ts + b.dur <= a.ts;
        const within = b.ts >= a.ts && b.ts + b.dur <= a.ts + a.dur;
        expect(apart || within, JSON.stringify([a, b])).toBe(true);
      }
    }
  }

  /** Each arrow has one start and one end, in this order, and a slice that goes on under both. */
  function expectFlows(events: readonly TraceEvent[], slices: ReadonlyMap<string, readonly TraceEvent[]>): void {
    const starts = events.filter(({ ph }) => ph === 's');
    const ends = new Map(events.filter(({ ph }) => ph === 'f').map((event) => [event.id, event]));
    expect(ends.size).toBe(starts.length);
    expect(new Set(starts.map(({ id }) => id)).size).toBe(starts.length);
    for (const start of starts) {
      const end = ends.get(start.id);
      if (end === undefined) throw new Error('an arrow without an end');
      expect([end.name, end.bp]).toEqual([start.name, 'e']);
      for (const { ts, ...event } of [start, end]) {
        const under = slices.get(trackOf({ ts, ...event })) ?? [];
        expect(under.some((slice) => slice.ts <= ts && ts < slice.ts + slice.dur)).toBe(true);
      }
    }
  }

  test('is as the format’s definition says, for any trace', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(100_000), async (seed) => {
        const trace = generated(seed);
        const events = await eventsOf(trace);
        check(events);
        const begun = trace.deliveries.filter(({ attempts }) => attempts.length > 0);
        const arrows = trace.events.flatMap(({ deliveries }) => deliveries).filter((each) => begun.includes(each));
        expect(events.filter(({ ph }) => ph === 's')).toHaveLength(arrows.length);
      }),
      { numRuns: 60 },
    );
  });

  test('is so for what takes no time, is published after its handler’s end, or has no beginning in the log', async () => {
    for (const story of [pipeline, trouble, indexing, hostile]) check(await eventsOf(records(...story())));
    const none = [
      published('evt-1', { seq: 1, timestamp: at(0), subscriber_count: 2 }),
      started('dlv-1', 'evt-1', { seq: 2, timestamp: at(0) }),
      completed('dlv-1', 'evt-1', { seq: 3, timestamp: at(0), duration_ms: 0 }),
      started('dlv-2', 'evt-1', { seq: 4, timestamp: at(0), subscription_id: 'sub-2' }),
      completed('dlv-2', 'evt-1', { seq: 5, timestamp: at(0), duration_ms: 0.004 }),
      published('evt-2', {
        ...{ seq: 6, timestamp: at(50), causation_id: 'evt-1', causation_delivery_id: 'dlv-1', subscriber_count: 1 },
      }),
      started('dlv-3', 'evt-2', { seq: 7, timestamp: at(50) }),
      completed('dlv-3', 'evt-2', { seq: 8, timestamp: at(51), duration_ms: 0.3 }),
    ];
    const events = await eventsOf(records(...none));
    check(events);
    expect(events.filter(({ ph }) => ph === 's')).toHaveLength(3);
    const later = events.find(
      ({ ph, args }) => ph === 'X' && args?.event_id === 'evt-2' && args.delivery_id === undefined,
    );
    const track = events.find(({ name, tid }) => name === 'thread_name' && tid === later?.tid);
    expect(track?.args?.name).toBe('published later');
  });

  test('has a slice for each delivery that began, each event, and in both the times of the log', async () => {
    const trace = records(...pipeline());
    const events = await eventsOf(trace);
    const count = (cat: string) =>
      events.filter((event) => event.ph !== 's' && 'cat' in event && event.cat === cat).length;
    expect(count('delivery')).toBe(6 + 2);
    expect(count('event')).toBe(trace.events.length);
    expect(events.find(({ name }) => name === 'gateway.on_query')).toMatchObject({ ts: 1_000, dur: 671_000 });
  });
});

describe('CSV', () => {
  /** A reader after RFC 4180. */
  function parse(text: string): string[][] {
    const rows: string[][] = [];
    let row: string[] = [];
    const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
    for (let match = cell.exec(text); match !== null; match = cell.exec(text)) {
      row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
      if (match[3] === '\r\n') {
        rows.push(row);
        row = [];
      }
    }
    return rows;
  }

  test('gives every name and message back, but for what a spreadsheet would run or a terminal act on', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, nasty, nasty, async (a, b, c) => {
        const trace = nastyTrace(a, b, c);
        const [head = [], ...rows] = parse(await exportTraces('csv', [trace]));
        expect(rows).toHaveLength(trace.events.length + trace.deliveries.length);
        for (const row of rows) expect(row).toHaveLength(head.length);
        const delivery = rows.find(([kind]) => kind === 'delivery') ?? [];
        const shown = (text: string) => (/^[=+\-@]/.test(text) ? `'${safeLines(text)}` : safeLines(text));
        expect(delivery[head.indexOf('error')]).toBe(shown(a));
        expect(delivery[head.indexOf('service')]).toBe(shown(a));
        expect(delivery[head.indexOf('handler')]).toBe(shown(b));
      }),
    );
  });

  test('has the figures of the JSON format', async () => {
    const trace = records(...pipeline());
    const [head = [], ...rows] = parse(await exportTraces('csv', [trace]));
    const of = (name: string) => rows.filter(([kind]) => kind === 'delivery').map((row) => row[head.indexOf(name)]);
    const expected = traceJson(trace).events.flatMap(({ deliveries }) => deliveries);
    expect(of('duration_ms').toSorted()).toEqual(expected.map(({ duration_ms }) => String(duration_ms)).toSorted());
    expect(of('critical_ms')).toEqual(['13', '125', '0', '425', '135', '0']);
  });
});
