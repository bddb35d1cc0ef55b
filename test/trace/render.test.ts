import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { LogRecord } from '../../src/record/index.js';
import { buildTrace, type RenderOptions, renderCascade, renderTree, type Trace } from '../../src/trace/index.js';
import { generateLog } from '../support/log-generator.js';
import { at, completed, failed, published, started } from '../support/records.js';
import { chain, hostile, indexing, trouble } from './traces.js';

function traceOf(records: readonly LogRecord[]): Trace {
  return buildTrace(records, { traceId: 'req-1', session: 's1' });
}

function golden(name: string): string {
  return `../fixtures/trace/${name}.txt`;
}

/** What a terminal shows of a line: SGR codes, the only ones we write, taken out. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: SGR codes begin with ESC
  return text.replace(/\u001b\[[\d;]*m/g, '');
}

describe('the tree', () => {
  test.each([
    ['indexing-80', indexing, {}],
    ['indexing-160', indexing, { width: 160 }],
    ['indexing-ascii', indexing, { ascii: true }],
    ['indexing-color', indexing, { color: true }],
    ['trouble-80', trouble, {}],
    ['trouble-160', trouble, { width: 160 }],
    ['hostile', hostile, { color: true }],
    ['deep', () => chain(40), {}],
    ['nothing', () => [], {}],
  ] satisfies readonly (readonly [string, () => LogRecord[], RenderOptions])[])(
    'looks as in the file %s',
    async (name, records, options) => {
      await expect(renderTree(traceOf(records()), options)).toMatchFileSnapshot(golden(name));
    },
  );

  test('of a log from level info up says that deliveries were not logged', async () => {
    const events = indexing().filter(({ level }) => level !== 'debug');
    await expect(renderTree(traceOf(events))).toMatchFileSnapshot(golden('info'));
  });

  test('of a live cascade shows what one event caused, and what still runs', async () => {
    const first = indexing().slice(0, 4);
    const others = [
      published('evt-50', { trace_id: 'req-2' }),
      published('evt-51', { causation_id: 'evt-0', timestamp: at(400) }),
    ];
    await expect(renderCascade([...first, ...others], { eventId: 'evt-1' })).toMatchFileSnapshot(golden('cascade'));
  });

  test('never takes more columns than there are, whatever the names', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom('宽'.repeat(50), '👩‍👩‍👧'.repeat(20), 'a b '.repeat(60), '\u001b[31m'),
    );
    fc.assert(
      fc.property(text, text, text, fc.integer({ min: 40, max: 200 }), fc.boolean(), (a, b, c, width, retry) => {
        const one = { service: a, handler: b };
        const records = [
          published('evt-1', { event_type: b, source: c, payload_keys: [a, c] }),
          started('dlv-1', 'evt-1', one),
          failed('dlv-1', 'evt-1', { ...one, error: c, error_name: a, will_retry: retry, queued_ms: 9 }),
          published('evt-2', { causation_id: c, event_type: a, subscriber_count: 0 }),
          ...(retry ? [started('dlv-1', 'evt-1', { ...one, attempt: 2 })] : []),
        ];
        for (const color of [false, true]) {
          for (const line of renderTree(traceOf(records), { width, color }).split('\n')) {
            expect(stringWidth(visible(line))).toBeLessThanOrEqual(width);
          }
        }
      }),
    );
  });

  test('lets no control character from the log through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const one = { service: text, handler: text };
        const records = [
          published('evt-1', { event_type: text, source: text, payload_keys: [text], causation_id: text }),
          started('dlv-1', 'evt-1', one),
          failed('dlv-1', 'evt-1', { ...one, error: text, error_name: text, fault: text }),
        ];
        const shown = renderTree(traceOf(records), { width: 300 });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  test('tells the same with colour as without', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 40, max: 200 }), (seed, width) => {
        const trace = traceOf(generateLog({ seed, traces: 1 }).records);
        expect(visible(renderTree(trace, { width, color: true }))).toBe(renderTree(trace, { width }));
      }),
    );
  });

  test('shows every event, handler and error at 160 columns', () => {
    fc.assert(
      fc.property(fc.nat(10_000), (seed) => {
        const trace = traceOf(generateLog({ seed, traces: 1 }).records);
        const shown = renderTree(trace, { width: 160 });
        const count = (part: string) => shown.split(part).length - 1;
        expect(count('●')).toBe(trace.events.length);
        const failures = trace.deliveries.flatMap(({ attempts }) =>
          attempts.filter(({ end }) => end.kind === 'failed'),
        );
        expect(count('ERR SimulatedFault')).toBe(failures.length + (failures.length > 0 ? 1 : 0));
      }),
    );
  });

  test('of a chain 20,000 deep is printed, with how deep it goes', () => {
    const shown = renderTree(traceOf(chain(10_000)));
    expect(shown.split('\n').filter((line) => line.includes('●'))).toHaveLength(10_000);
    expect(shown).toContain('…19');
  });

  test('survives absurd numbers', () => {
    const records = [
      published('evt-1'),
      completed('dlv-1', 'evt-1', { duration_ms: 1e300, queued_ms: -1e300, attempt: 1e15 }),
    ];
    expect(renderTree(traceOf(records))).toContain('index.started');
  });
});
