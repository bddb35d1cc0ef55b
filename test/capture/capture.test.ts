import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { captureTrace } from '../../src/capture/index.js';
import { type Ids, safeLines } from '../../src/kernel/index.js';
import { type LogRecord, openLog } from '../../src/record/index.js';
import { parseScenario } from '../../src/scenario/index.js';
import { runVirtual } from '../../src/simulator/index.js';
import { buildTrace, type Trace } from '../../src/trace/index.js';
import { generateLog } from '../support/log-generator.js';
import { completed, failed, published, records, started } from '../support/records.js';

const ORIGIN = { origin: 'logs/cf-bus.log' };

/** The trace `traceId` of a scenario run in virtual time, payloads included. */
async function traceOfRun(text: string, traceId: string): Promise<Trace> {
  const scenario = parseScenario(text, 'test.yaml');
  const kept: LogRecord[] = [];
  let session = '';
  await runVirtual({
    scenario,
    seed: 1,
    openLog: ({ clock, ids }: { readonly clock: Parameters<typeof openLog>[0]['clock']; readonly ids: Ids }) => {
      session = ids.session;
      const log = openLog({ file: undefined, level: 'debug', payloads: true, clock, session: ids.session });
      log.observer.watch((record) => kept.push(record));
      return log;
    },
  });
  return buildTrace(kept, { traceId, session });
}

const SHOP = `
version: 1
services:
  shop:
    handlers:
      take:
        subscribe: order.placed
        delay: 30ms
        publish:
          - { type: order.taken, payload: { id: "{{ event.payload.id }}", note: "{{ '{{' }} braces" } }
          - { type: order.billed, after: 50ms, payload: { total: 12.5 } }
  stock:
    handlers:
      reserve:
        subscribe: order.taken
        delay: 20ms
        retry: { attempts: 3, delay: 10ms }
        faults: { type: error, message: "no stock: left" }
        on_error: { type: order.refused, payload: { why: "{{ error.message }}" } }
requests:
  - { name: buy, source: web, trace_id: order-1, flow: [{ publish: { type: order.placed, payload: { id: 7 } } }] }
`;

describe('a captured request', () => {
  test('does again what was logged: the same events, by the same handlers, with the same payloads', async () => {
    const original = await traceOfRun(SHOP, 'order-1');
    const { text, notes } = captureTrace(original, { ...ORIGIN, seed: 1 });
    const again = await traceOfRun(text, 'order-1');
    const events = (trace: Trace) => trace.events.map(({ type, published }) => [type, published?.payload]);
    const handlers = (trace: Trace) =>
      trace.deliveries.map(({ service, handler, state, attempts }) => [service, handler, state.kind, attempts.length]);
    expect(events(again)).toEqual(events(original));
    expect(handlers(again)).toEqual(handlers(original));
    expect(notes).toEqual([]);
  });

  test('passes its own expectations', async () => {
    const { text } = captureTrace(await traceOfRun(SHOP, 'order-1'), { ...ORIGIN, seed: 1 });
    const { passed, expectations } = await runVirtual({ scenario: parseScenario(text, 'captured.yaml'), seed: 1 });
    expect(expectations.map(({ verdict }) => verdict)).toEqual(expectations.map(() => 'passed'));
    expect(passed).toBe(true);
    expect(expectations.length).toBeGreaterThan(3);
  });

  test('says what the log did not tell', () => {
    const { notes } = captureTrace(
      records(published('e1', { payload_keys: ['id'], subscriber_count: 1 }), started('d1', 'e1')),
      ORIGIN,
    );
    expect(notes.join(' ')).toMatch(/Payload values were not logged/);
    expect(notes.join(' ')).toMatch(/1 deliveries had not ended/);
  });

  test('becomes a hang and a timeout where a handler timed out', () => {
    const trace = records(
      published('e1', { subscriber_count: 1 }),
      started('d1', 'e1'),
      failed('d1', 'e1', { error_name: 'TimeoutError', error: 'timed out', duration_ms: 500 }),
    );
    const [handler] = [
      ...(parseScenario(captureTrace(trace, ORIGIN).text, 'c.yaml').services.values().next().value?.handlers.values() ??
        []),
    ];
    expect(handler?.timeout).toBe(500);
    expect(handler?.faults).toEqual([{ type: 'hang', probability: 1 }]);
  });

  test('is a valid scenario, whatever the log holds; a trace without deliveries is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (seed) => {
        const log = generateLog({ seed });
        for (const traceId of log.traceIds) {
          const trace = buildTrace(log.records, { traceId, session: log.session });
          if (trace.deliveries.length === 0) {
            expect(() => captureTrace(trace, ORIGIN)).toThrow(/no handlers to capture/);
          } else {
            const scenario = parseScenario(captureTrace(trace, ORIGIN).text, 'captured.yaml');
            expect(scenario.requests).toHaveLength(1);
          }
        }
      }),
    );
  });

  test('keeps hostile names and ids out of the file’s syntax', () => {
    const names = ['__proto__', 'a b', '{{ x }}', 'x: y\n- z', '#', '', '%}', '"', '\u001b[31m', '\u2028'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.constantFrom(...names), fc.string(), (service, handler, text) => {
        const payload = { [service]: text, list: [{ [handler]: names }] };
        const trace = records(
          published('e1', { payload, payload_keys: Object.keys(payload), subscriber_count: 1 }),
          started('d1', 'e1', { service, handler }),
          completed('d1', 'e1', { service, handler }),
        );
        const scenario = parseScenario(captureTrace(trace, { origin: service }).text, 'captured.yaml');
        expect(scenario.services.size).toBe(1);
      }),
    );
  });
});

test('holds nothing that turns, hides or commands when it is printed, and reads back as it was', () => {
  const texts = ['\u202eabc', 'a\u200b\ufff9', '\u{e0041}', '\u001b[2J', '\u009b2J', 'two\nlines', 'plain'];
  const payload = Object.fromEntries(texts.map((text) => [text, [text]]));
  const trace = records(
    published('e1', { payload, payload_keys: texts, source: texts[0] ?? '', trace_id: 'req-1' }),
    started('d1', 'e1', {}),
    completed('d1', 'e1', {}),
  );
  const { text } = captureTrace({ ...trace, traceId: '\u202e\u0085id' }, { origin: '\u2066.log' });
  expect(safeLines(text)).toBe(text);
  expect(parseScenario(text, 'captured.yaml').requests).toHaveLength(1);
  expect(parse(text).requests[0].flow[0].publish.payload).toEqual(payload);
});

test('a handler of more deliveries than a call takes arguments is captured, too', () => {
  const timedOut = failed('dlv-0', 'evt-1', { error_name: 'TimeoutError', duration_ms: 20, will_retry: false });
  const all = Array.from(
    { length: 130_000 },
    (_, n): LogRecord => ({ ...timedOut, seq: n + 2, delivery_id: `dlv-${n}` }),
  );
  const trace = buildTrace([published('evt-1', { seq: 1 }), ...all], { traceId: 'req-1', session: 's1' });
  expect(captureTrace(trace, ORIGIN).text).toContain('timeout: 20ms');
});
