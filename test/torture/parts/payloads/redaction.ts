/** Secrets in payloads, at paths that are to be redacted: nothing that is made of the log shows them. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { EventBus } from '../../../../src/bus/index.js';
import { RecentPayloads } from '../../../../src/cli/run/recent-payloads.js';
import { isObject } from '../../../../src/kernel/index.js';
import { type LogRecord, openLog, payloadReader } from '../../../../src/record/index.js';
import {
  exportTraces,
  readTraces,
  renderJson,
  renderLog,
  renderTree,
  renderWaterfall,
  type Trace,
} from '../../../../src/trace/index.js';
import { levelsOf, object, type Payload, payloads } from './draw.js';

export const SECRET = 'S3KR1T';

type Step = { readonly key: string } | { readonly index: number };

/** The way to one secret, and how it is written: `user["pass word"]`, `items[*].card`. */
interface Path {
  readonly steps: readonly Step[];
  readonly written: string;
}

const plainKeys = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,8}$/);
const ODD_KEYS = ['pass word', 'a.b', '日本', 'x-y', '0', '*a', '$', '@', 'Über', '</script>', 'a/b', '#'];
const oddKeys = fc.constantFrom(...ODD_KEYS);

/** One step of a way, and how it is written. */
type Written = readonly [Step, string];

const steps: fc.Arbitrary<Written> = fc.oneof(
  { weight: 3, arbitrary: plainKeys.map((key): Written => [{ key }, `.${key}`]) },
  oddKeys.map((key): Written => [{ key }, `["${key}"]`]),
  fc.nat(2).map((index): Written => [{ index }, `[${index}]`]),
  fc.nat(2).map((index): Written => [{ index }, '[*]']),
);

const paths: fc.Arbitrary<Path> = fc
  .tuple(fc.oneof(plainKeys, oddKeys), fc.array(steps, { maxLength: 3 }))
  .map(([first, rest]) => ({
    steps: [{ key: first }, ...rest.map(([step]) => step)],
    written: `${/^[A-Za-z_]/.test(first) && !ODD_KEYS.includes(first) ? first : `["${first}"]`}${rest.map(([, text]) => text).join('')}`,
  }));

const secrets = fc.constantFrom<unknown>(
  SECRET,
  `x${SECRET}\n`,
  [SECRET],
  { deep: { [SECRET]: SECRET } },
  `"${SECRET}`,
);

export function redaction(folder: string): fc.IAsyncProperty<[readonly (readonly [Path, unknown])[], Payload]> {
  const hidden = fc.array(fc.tuple(paths, secrets), { minLength: 1, maxLength: 3 });
  const small = payloads.filter((payload) => levelsOf(payload) < 1_000 && JSON.stringify(payload).length < 5_000);
  return fc.asyncProperty(hidden, small, async (wanted, base) => {
    const payload: unknown = JSON.parse(JSON.stringify(base));
    ok(isObject(payload));
    for (const [path, secret] of wanted) put(payload, path.steps, secret);
    const redact = wanted.map(([{ written }]) => written);
    const { text, watched, traces, again } = await publish(folder, payload, redact);
    noSecretIn(text, 'the log');
    noSecretIn(JSON.stringify(watched), 'what watchers get');
    noSecretIn(again, 'the payload to be published again');
    for (const trace of traces) for (const [name, view] of await viewsOf(trace)) noSecretIn(view, name);
    keepsTheRest(
      watched,
      payload,
      wanted.map(([path]) => path),
    );
  });
}

function noSecretIn(text: string, name: string): void {
  const at = text.indexOf(SECRET);
  strictEqual(at, -1, `${name} holds the secret: …${text.slice(Math.max(0, at - 80), at + 20)}`);
}

async function viewsOf(trace: Trace): Promise<(readonly [string, string])[]> {
  const wide = { width: 400 };
  const exports = ['csv', 'html', 'mermaid', 'otlp', 'perfetto'] as const;
  return [
    ['tree', renderTree(trace, wide)],
    ['waterfall', renderWaterfall(trace, wide)],
    ['log', renderLog(trace, wide)],
    ['json', renderJson(trace)],
    ...(await Promise.all(exports.map(async (format) => [format, await exportTraces(format, [trace])] as const))),
  ];
}

let files = 0;

async function publish(folder: string, payload: Payload, redact: readonly string[]) {
  const file = join(folder, `redaction-${files++}.log`);
  const log = openLog({ file, level: 'debug', payloads: true, redact });
  const watched: LogRecord[] = [];
  log.observer.watch((record) => watched.push(record));
  const bus = new EventBus({ log, history: 0 });
  const recent = new RecentPayloads(payloadReader(redact));
  bus.probe.attach(recent);
  const { event } = await bus.publish({ type: 'torture.payload', traceId: 'req-1', payload });
  await bus.close();
  log.close();
  const text = readFileSync(file, 'utf8');
  const traces: Trace[] = [];
  for await (const trace of readTraces([file])) traces.push(trace);
  rmSync(file);
  strictEqual(event.payload, payload, 'handlers get what was published');
  ok(JSON.stringify(payload).includes(SECRET));
  const again = JSON.stringify([recent.of({ type: 'torture.payload' }), recent.of({ event_id: event.id })]);
  return { text, watched, traces, again };
}

/** Sets `value` at the end of the way, and makes what is missing on it. */
function put(root: Payload, steps: readonly Step[], value: unknown): void {
  let container: unknown = root;
  for (const [depth, each] of steps.entries()) {
    const next = steps[depth + 1];
    const key = 'key' in each ? each.key : String(each.index);
    const before = isContainer(container) ? Reflect.get(container, key) : undefined;
    const fits = next !== undefined && ('index' in next ? Array.isArray(before) : isObject(before));
    const child = next === undefined ? value : fits ? before : 'index' in next ? [] : object([]);
    if (isContainer(container))
      Object.defineProperty(container, key, { value: child, enumerable: true, writable: true, configurable: true });
    container = child;
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Keys that no path begins with are as they were. */
function keepsTheRest(watched: readonly LogRecord[], payload: Payload, all: readonly Path[]): void {
  const record = watched.find(({ event }) => event === 'event_published');
  const logged = record?.payload;
  ok(isObject(logged), `the payload was lost: ${JSON.stringify(logged)}`);
  const touched = new Set(all.map(({ steps: [first] }) => (first !== undefined && 'key' in first ? first.key : '')));
  const rest = (value: Payload) => Object.entries(value).filter(([key]) => !touched.has(key));
  deepStrictEqual(rest(logged), rest(JSON.parse(JSON.stringify(payload))), 'what is not redacted');
}
