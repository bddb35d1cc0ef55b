import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogRecord } from '../../src/record/index.js';
import {
  buildTrace,
  diffJson,
  diffTraces,
  explainEvent,
  exportTraces,
  renderDiff,
  renderLog,
  renderTimeline,
  renderTree,
  renderWaterfall,
  renderWhy,
  type Timeline,
  type Trace,
} from '../../src/trace/index.js';
import { toLines } from '../support/log-generator.js';
import { ended, failed, published, record, started, T0 } from '../support/records.js';
import { visible } from '../support/terminal-text.js';

/** What a terminal would act on: C0 but line breaks, DEL, C1, bidi and invisible controls, line separators. */
const ACTIVE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/;

const evil = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '\u001b[2J',
        '\u001b]0;x\u0007',
        '\u009b31m',
        '\r',
        '\n',
        '\u202e',
        '\u200b',
        '\u0000',
        '\ud800',
        'a',
        '宽',
      ),
    )
    .map((parts) => parts.join('')),
);

function story(a: string, b: string, c: string): LogRecord[] {
  const one = { service: a, handler: b, event_type: c, trace_id: 'req-1' };
  const subscription = { event_type: b, subscription_id: 'sub-1', service: a, handler: b, total_subscribers: 1 };
  return [
    record('event_subscription', subscription),
    record('event_subscription', { ...subscription, subscription_id: c, handler: c, event_type: a }),
    published('evt-1', { event_type: c, source: b, payload_keys: [a], payload: { [b]: c } }),
    started('dlv-1', 'evt-1', one),
    failed('dlv-1', 'evt-1', { ...one, error: a, error_name: c, fault: b, will_retry: true, duration_ms: 30 }),
    started('dlv-1', 'evt-1', { ...one, attempt: 2 }),
    ended('dropped', `dlv-2${a}`, 'evt-1', { ...one, subscription_id: b, reason: c, fault: a }),
    published(`evt-2${b}`, { event_type: a, source: c, causation_id: b, subscriber_count: 0 }),
  ];
}

function traceOf(records: readonly LogRecord[], session = 's1'): Trace {
  return buildTrace(records, { traceId: 'req-1', session });
}

function timelineOf(a: string, b: string, c: string): Timeline {
  const entry = { level: undefined, line: 1, offset: 0, durationMs: 3 };
  return {
    traceId: a,
    idFields: [b],
    leftOut: 1,
    entries: [
      { ...entry, time: T0, service: b, message: c, file: a, error: a, fields: { [c]: b } },
      { ...entry, time: T0 + 900, service: c, message: a, file: b, error: undefined, fields: { x: { [a]: c } } },
    ],
  };
}

/** Names of trace and session are the user's, too. */
function renamed(trace: Trace, a: string, b: string): Trace {
  return { ...trace, traceId: a, session: b };
}

describe('text from a log', () => {
  test('reaches a terminal as text alone, in every picture', async () => {
    await fc.assert(
      fc.asyncProperty(evil, evil, evil, fc.integer({ min: 40, max: 160 }), async (a, b, c, width) => {
        const records = story(a, b, c);
        const trace = renamed(traceOf(records), a, b);
        const stream = (async function* () {
          yield toLines(records);
        })();
        const { report } = await explainEvent([{ name: 'x', stream }], 'evt-1', {
          matches: (one, other) => one === other,
        });
        for (const ascii of [false, true]) {
          const options = { width, color: true, ascii };
          const pictures = [
            renderTree(trace, options),
            renderWaterfall(trace, options),
            renderLog(trace, options),
            renderDiff(diffTraces(trace, renamed(traceOf(story(b, c, a)), c, a)), options),
            renderTimeline(timelineOf(a, b, c), options),
            report === undefined ? '' : renderWhy(report, options),
          ];
          for (const picture of pictures) expect(visible(picture)).not.toMatch(ACTIVE);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is text alone in every export as well, and JSON gives it back', async () => {
    await fc.assert(
      fc.asyncProperty(evil, evil, evil, async (a, b, c) => {
        const trace = renamed(traceOf(story(a, b, c)), a, b);
        for (const format of ['csv', 'html', 'mermaid', 'otlp', 'perfetto'] as const) {
          const text = await exportTraces(format, [trace]);
          // CSV ends its lines with CR LF.
          expect(text.replaceAll('\r\n', '\n')).not.toMatch(ACTIVE);
        }
        const perfetto = JSON.parse(await exportTraces('perfetto', [trace]));
        expect(perfetto.otherData.trace_id).toBe(a);
        expect(JSON.parse(JSON.stringify(diffJson(diffTraces(trace, trace)))).a.trace_id).toBe(a);
      }),
      { numRuns: 60 },
    );
  });
});
