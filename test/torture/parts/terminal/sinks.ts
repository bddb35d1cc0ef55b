/** Everything in this process that turns a log's texts, or an error's, into text for a terminal. */

import { reportFailure } from '../../../../src/cli/exit.js';
import { Output } from '../../../../src/cli/output.js';
import { painter } from '../../../../src/cli/paint.js';
import { lineFormatter } from '../../../../src/cli/run/record-line.js';
import { judgementLines, traceCommand } from '../../../../src/cli/run/summary.js';
import { CfBusError } from '../../../../src/kernel/index.js';
import type { LogRecord } from '../../../../src/record/index.js';
import { parseScenario } from '../../../../src/scenario/index.js';
import {
  buildTrace,
  diffTraces,
  explainEvent,
  exportTraces,
  renderDiff,
  renderJson,
  renderLog,
  renderTimeline,
  renderTree,
  renderWaterfall,
  renderWhy,
  type Timeline,
  type Trace,
} from '../../../../src/trace/index.js';
import { firstEvent, hostileStory, TRACE } from './story.js';

export type Shown = readonly (readonly [sink: string, text: string])[];

/** @param texts A dozen or two. */
export async function shownOf(texts: readonly string[], width: number, color: boolean): Promise<Shown> {
  const [one = '', other = ''] = texts;
  const records = hostileStory(texts, 's1');
  const trace = renamed(buildTrace(records, { traceId: TRACE, session: 's1' }), one, other);
  const again = renamed(
    buildTrace(hostileStory(texts.toReversed(), 's2'), { traceId: TRACE, session: 's2' }),
    other,
    one,
  );
  const shown: (readonly [string, string])[] = [];
  for (const ascii of [false, true]) {
    const options = { width, color, ascii };
    shown.push(
      ['lines', plainLines(records, color, ascii)],
      ['tree', renderTree(trace, options)],
      ['waterfall', renderWaterfall(trace, options)],
      ['log', renderLog(trace, options)],
      ['diff', renderDiff(diffTraces(trace, again), options)],
      ['timeline', renderTimeline(timelineOf(texts), options)],
      ['why', await whyOf(records, options)],
    );
  }
  for (const format of ['csv', 'html', 'mermaid', 'otlp', 'perfetto'] as const) {
    shown.push([format, (await exportTraces(format, [trace])).replaceAll('\r\n', '\n')]);
  }
  return [...shown, ['json', renderJson(trace)], ...errorsOf(texts, color)];
}

function renamed(trace: Trace, traceId: string, session: string): Trace {
  return { ...trace, traceId, session };
}

function plainLines(records: readonly LogRecord[], color: boolean, ascii: boolean): string {
  const paint = painter(color);
  const toLine = lineFormatter({ paint, ascii, serviceWidth: 14, whatWidth: 36, traceWidth: 16, timeOfDay: ascii });
  return records.map((record) => toLine(record) ?? '').join('\n');
}

async function whyOf(
  records: readonly LogRecord[],
  options: { width: number; color: boolean; ascii: boolean },
): Promise<string> {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const stream = (async function* () {
    yield text;
  })();
  const matches = (pattern: string, type: string) => pattern === type;
  const { report } = await explainEvent([{ name: 'log', stream }], firstEvent(records), { matches });
  return report === undefined ? '' : renderWhy(report, options);
}

function timelineOf(texts: readonly string[]): Timeline {
  const [a = '', b = '', c = '', d = '', e = ''] = texts;
  const entry = { level: 'error' as const, line: 1, offset: 0, durationMs: 3, service: a, file: d };
  return {
    traceId: a,
    idFields: [b],
    leftOut: 1,
    entries: [
      { ...entry, time: 1e12, message: c, error: d, fields: { [e]: a, b: { [c]: [d] } } },
      { ...entry, time: 1e12 + 900, level: undefined, message: undefined, error: undefined, fields: { x: e } },
    ],
  };
}

/** Errors, notices and commands to type, with the texts in them. */
function errorsOf([a = '', b = '', c = '', d = '']: readonly string[], color: boolean): Shown {
  const reported = (error: unknown): string => {
    let text = '';
    const notices = new Output({ write: (part) => (text += part) }, color ? 'always' : 'never', {});
    reportFailure(error, notices, {});
    return text;
  };
  const system = Object.assign(new Error(a), { code: 'ENOENT', path: b });
  return [
    ['error of a program', reported(new TypeError(a))],
    ['thrown text', reported(a)],
    ['system error', reported(system)],
    ['bad scenario', reported(thrown(() => parseScenario(`${a}: ${b}\nname: "${c}`, d)))],
    [
      'bad keys',
      reported(
        thrown(() => parseScenario(JSON.stringify({ version: 1, [a]: b, services: { [c]: { [d]: a } } }), 'x.yaml')),
      ),
    ],
    [
      'bad values',
      reported(thrown(() => parseScenario(JSON.stringify({ version: a, name: [b], seed: c, variables: d }), a))),
    ],
    ['command', traceCommand(a, '')],
    ['expectation', judgement(a, b, c, color)],
  ];
}

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return new CfBusError('USAGE', 'nothing was thrown');
}

/** How `run` and `check` tell of an expectation that failed. */
function judgement(text: string, sentence: string, id: string, color: boolean): string {
  const out = new Output({ write: () => true }, color ? 'always' : 'never', {});
  const [never] = parseScenario(
    'version: 1\nservices: { s: { handlers: { h: { subscribe: a.b } } } }\nexpect: [{ never: a.b }]\n',
    'x.yaml',
  ).expect;
  if (never === undefined) return '';
  const traces = { ids: [id], count: 1 };
  const judged = { expectation: { ...never, text }, verdict: 'failed', sentence, traces } as const;
  return judgementLines(judged, 'x.log', out, false).join('\n');
}
