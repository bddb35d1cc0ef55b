import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { LogRecord } from '../../src/record/index.js';
import {
  type Bar,
  cellsOf,
  type RenderOptions,
  renderWaterfall,
  type Trace,
  ticksOf,
  waterfallOf,
} from '../../src/trace/index.js';
import { generateLog } from '../support/log-generator.js';
import { at, completed, failed, published, records, started } from '../support/records.js';
import { visible } from '../support/terminal-text.js';
import { chain, hostile, indexing, pipeline, trouble } from './traces.js';

function generated(seed: number): Trace {
  return records(...generateLog({ seed, traces: 1 }).records);
}

/** The bars of one delivery, in percent. */
function barsOf(trace: Trace, deliveryId: string): string[] {
  const row = waterfallOf(trace).rows.find(({ item }) => item.kind === 'delivery' && item.delivery.id === deliveryId);
  const percent = (part: number) => Math.round(part * 100);
  return (row?.bars ?? []).map(
    ({ kind, from, to, critical }) => `${percent(from)}-${percent(to)} ${kind}${critical ? ' critical' : ''}`,
  );
}

describe('the bars of a waterfall', () => {
  test('are to scale, and tell work, waits, queues, and what goes on without the handler', () => {
    const parent = { service: 'a', handler: 'parent' };
    const trace = records(
      published('evt-1', { timestamp: at(0) }),
      started('dlv-1', 'evt-1', { ...parent, timestamp: at(10) }),
      published('evt-2', { causation_id: 'evt-1', causation_delivery_id: 'dlv-1', timestamp: at(20) }),
      started('dlv-2', 'evt-2', { timestamp: at(20) }),
      completed('dlv-2', 'evt-2', { timestamp: at(40), duration_ms: 20 }),
      published('evt-3', { causation_id: 'evt-1', causation_delivery_id: 'dlv-1', timestamp: at(50) }),
      started('dlv-3', 'evt-3', { timestamp: at(50) }),
      failed('dlv-1', 'evt-1', { ...parent, timestamp: at(60), duration_ms: 50, queued_ms: 10, will_retry: true }),
      started('dlv-1', 'evt-1', { ...parent, attempt: 2, timestamp: at(70) }),
      completed('dlv-1', 'evt-1', { ...parent, attempt: 2, timestamp: at(80), duration_ms: 10, queued_ms: 10 }),
      completed('dlv-3', 'evt-3', { timestamp: at(100), duration_ms: 50 }),
    );
    expect(barsOf(trace, 'dlv-1')).toEqual([
      '0-10 queue critical',
      '10-20 run critical',
      '20-40 await',
      '40-50 run critical',
      '50-60 await',
      '60-70 retry',
      '70-80 run',
      '80-100 outlive',
    ]);
    expect(barsOf(trace, 'dlv-3')).toEqual(['50-100 run critical']);
  });

  test('stay within the whole, and overlap nowhere', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (seed) => {
        for (const { bars, marks } of waterfallOf(generated(seed)).rows) {
          for (const { at: place } of marks) expect(place >= 0 && place <= 1).toBe(true);
          bars.forEach((bar: Bar, index) => {
            expect(bar.from >= 0 && bar.to <= 1 && bar.to >= bar.from).toBe(true);
            expect(bar.from).toBeGreaterThanOrEqual((bars[index - 1]?.to ?? 0) - 1e-9);
          });
        }
      }),
    );
  });

  test('are critical for as long as the critical path is', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (seed) => {
        const { rows, critical, totalMs } = waterfallOf(generated(seed));
        const inBars = rows.flatMap(({ bars }) => bars).filter((bar) => bar.critical && bar.kind !== 'outlive');
        const drawn = inBars.reduce((sum, { from, to }) => sum + (to - from) * totalMs, 0);
        const own = critical.filter(({ kind }) => kind === 'run' || kind === 'queue' || kind === 'retry');
        const expected = own.reduce((sum, { from, to }) => sum + to - from, 0);
        // Durations are finer than timestamps: each end of a bar may lie a millisecond beside.
        expect(Math.abs(drawn - expected)).toBeLessThanOrEqual(own.length * 2);
      }),
    );
  });

  test('as cells lose no work and no mark, however short', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 200 }), (seed, width) => {
        for (const { item, bars, marks } of waterfallOf(generated(seed)).rows) {
          const cells = cellsOf({ bars, marks }, width);
          expect(cells).toHaveLength(width);
          for (const mark of marks) expect(cells.some(({ kind }) => kind === mark.kind || kind === 'lost')).toBe(true);
          const worked = item.kind === 'delivery' && item.delivery.attempts.length > 0;
          if (worked && width > 3) expect(cells.some(({ kind }) => kind !== 'none' && kind !== 'queue')).toBe(true);
        }
      }),
    );
  });
});

describe('the scale', () => {
  test('has round moments from 0 up, not too close to each other', () => {
    expect(ticksOf(411, 36, 8)).toEqual([0, 100, 200, 300, 400]);
    expect(ticksOf(0.4, 40, 10)).toHaveLength(5);
    expect(ticksOf(0, 40, 10)).toEqual([0]);
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e12, noNaN: true }),
        fc.integer({ min: 10, max: 200 }),
        (total, width) => {
          const ticks = ticksOf(total, width, 10);
          expect(ticks[0]).toBe(0);
          expect(ticks.length).toBeLessThanOrEqual(width / 10 + 1);
          expect(ticks.at(-1)).toBeLessThanOrEqual(total);
        },
      ),
    );
  });
});

describe('a waterfall on a terminal', () => {
  test.each([
    ['waterfall-80', indexing, {}],
    ['waterfall-120', pipeline, { width: 120 }],
    ['waterfall-160', pipeline, { width: 160 }],
    ['waterfall-ascii', pipeline, { width: 100, ascii: true }],
    ['waterfall-color', indexing, { color: true }],
    ['waterfall-trouble', trouble, { width: 120 }],
    ['waterfall-hostile', hostile, {}],
    ['waterfall-deep', () => chain(30), {}],
    ['waterfall-folded', pipeline, { width: 120, fold: { errors: true } }],
    ['waterfall-nothing', () => [], {}],
  ] satisfies readonly (readonly [string, () => LogRecord[], RenderOptions])[])(
    'looks as in the file %s',
    async (name, all, options) => {
      const shown = renderWaterfall(records(...all()), options);
      await expect(shown).toMatchFileSnapshot(`../fixtures/trace/${name}.txt`);
    },
  );

  test('never takes more columns than there are, and is the same with colour as without', () => {
    const name = fc.constantFrom('宽'.repeat(50), '👩‍👩‍👧'.repeat(20), 'a b '.repeat(60), '\u001b[31m', 'short', '');
    fc.assert(
      fc.property(fc.nat(100_000), name, fc.integer({ min: 40, max: 200 }), (seed, text, width) => {
        const all = generateLog({ seed, traces: 1 }).records.map((record) =>
          'handler' in record ? { ...record, handler: text, service: text } : record,
        );
        const plain = renderWaterfall(records(...all), { width });
        for (const line of plain.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(width);
        expect(visible(renderWaterfall(records(...all), { width, color: true }))).toBe(plain);
      }),
      { numRuns: 40 },
    );
  });

  test('draws with ASCII alone where asked to', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
    expect(renderWaterfall(records(...trouble()), { ascii: true })).toMatch(/^[\u0000-\u007f]*$/);
  });

  test('survives absurd numbers', () => {
    const ended = completed('dlv-1', 'evt-1', { duration_ms: 1e300, queued_ms: -1e300, attempt: 1e15 });
    expect(renderWaterfall(records(published('evt-1'), ended))).toContain('index.started');
  });
});
