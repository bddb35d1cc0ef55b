/** Writes a trace as a scenario file. */
import { Document, type Pair, Scalar, visit, type YAMLMap } from 'yaml';
import { CfBusError, safe, safeLines } from '../kernel/index.js';
import { analyse, type EventNode, type Trace } from '../trace/index.js';
import { roomAbove, writeDuration } from './fit.js';
import { type CapturedHandler, type CapturedPublication, captureHandlers } from './handlers.js';
import { Names } from './names.js';
import { capturePayload, hasForbiddenKeys, literal } from './payload.js';

export interface CaptureOptions {
  /** Where the trace was read, for the comment. */
  readonly origin: string;
  /** Written into the file; a seed under which its expectations hold. Left out: none. */
  readonly seed?: number | undefined;
}

export interface Capture {
  /** The scenario file. */
  readonly text: string;
  /** What the log did not tell and the file therefore leaves open, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * A scenario with the services, handlers, faults and timing of `trace`, one request, and expectations that held for it.
 * @throws CfBusError `NOT_FOUND` for a trace without deliveries: there is nobody to put on a bus.
 */
export function captureTrace(trace: Trace, options: CaptureOptions): Capture {
  const names = new Names();
  const handlers = captureHandlers(trace);
  if (handlers.length === 0) {
    throw new CfBusError(
      'NOT_FOUND',
      `trace ${trace.traceId} has no deliveries in this log, so there are no handlers to capture`,
      {
        hint: trace.deliveriesLogged
          ? 'nobody subscribed to its events'
          : 'log from level debug up, as cf-bus run does',
        exitCode: 1,
      },
    );
  }
  const notes = openQuestions(trace, handlers);
  const document = new Document({
    version: 1,
    name: `Captured ${trace.traceId}`,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    services: services(handlers, names),
    requests: [request(trace, names)],
    expect: expectations(trace, handlers, names),
  });
  document.commentBefore = comment(trace, options, notes);
  spaceOut(document);
  quoteUnsafe(document);
  return { text: escapeUnsafe(document.toString({ lineWidth: 120, flowCollectionPadding: true })), notes };
}

/** Only double quotes have escapes. */
function quoteUnsafe(document: Document): void {
  visit(document, {
    Scalar(_, node) {
      const { value } = node;
      if (typeof value === 'string' && safeLines(value) !== value) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
}

/** The file may be printed: what could turn or hide text on a terminal is written as YAML's escapes. */
function escapeUnsafe(text: string): string {
  return text.replace(/[^ -~\n]/gu, (char) => {
    if (safe(char) === char) return char;
    const code = (char.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
}

function services(handlers: readonly CapturedHandler[], names: Names): Record<string, unknown> {
  const byService = new Map<string, Record<string, unknown>>();
  for (const captured of handlers) {
    const service = names.service(captured.service);
    const own = byService.get(service) ?? {};
    byService.set(service, own);
    own[names.handler(captured.service, captured.handler)] = handler(captured, names);
  }
  return Object.fromEntries([...byService].map(([service, own]) => [service, { handlers: own }]));
}

function handler(captured: CapturedHandler, names: Names): Record<string, unknown> {
  const subscribe = captured.subscribe.map((type) => names.type(type));
  return clean({
    subscribe: subscribe.length === 1 ? subscribe[0] : subscribe,
    delay: captured.delay,
    timeout: captured.timeout,
    retry: captured.retry,
    faults: listed(captured.faults.map(clean)),
    publish: listed(captured.publish.map((each) => publication(each, names))),
    on_error: listed(captured.onError.map((each) => publication(each, names))),
  });
}

function publication(captured: CapturedPublication, names: Names): Record<string, unknown> {
  const { when, after, payload } = captured;
  return clean({ type: names.type(captured.type), when, after, payload: payload.value });
}

function request(trace: Trace, names: Names): Record<string, unknown> {
  const flow: Record<string, unknown>[] = [];
  let before: EventNode | undefined;
  for (const root of trace.roots) {
    const gap = before === undefined ? 0 : root.time - before.time;
    if (gap > 0) flow.push({ think: writeDuration(gap) });
    flow.push({ publish: clean({ type: names.type(root.type), payload: capturePayload(root, undefined).value }) });
    before = root;
  }
  const source = trace.roots[0]?.source;
  return clean({
    name: 'captured',
    source: source === undefined ? undefined : literal(source),
    trace_id: literal(trace.traceId),
    flow,
  });
}

/** Of the events that the captured scenario publishes; what came from elsewhere cannot come again. */
function expectations(
  trace: Trace,
  handlers: readonly CapturedHandler[],
  names: Names,
): readonly Record<string, unknown>[] {
  const publications = handlers.flatMap(({ publish, onError }) => [...publish, ...onError]);
  const types = new Set([...trace.roots, ...publications].map(({ type }) => names.type(type)));
  const events = trace.events.filter(({ type }) => types.has(names.type(type)));
  const counts = new Map<string, number>();
  for (const { type } of events) counts.set(names.type(type), (counts.get(names.type(type)) ?? 0) + 1);
  const expected: Record<string, unknown>[] = [];
  const [first] = trace.roots;
  const last = events.at(-1);
  if (first !== undefined && last !== undefined && names.type(first.type) !== names.type(last.type)) {
    const within = roomAbove(last.time - first.time);
    expected.push({ event: names.type(last.type), after: names.type(first.type), within });
  }
  for (const [event, count] of counts) expected.push({ event, count: { min: count, max: count } });
  return expected;
}

function openQuestions(trace: Trace, handlers: readonly CapturedHandler[]): readonly string[] {
  const notes: string[] = [];
  const unknown = trace.events.filter((event) => capturePayload(event, undefined).unknownKeys.length > 0);
  if (unknown.length > 0) {
    notes.push(`Payload values were not logged: their keys are null below (record them with --log-payloads).`);
  }
  if (trace.events.some((event) => hasForbiddenKeys(event.published?.payload))) {
    notes.push('Payload keys that a scenario file cannot hold (__proto__, constructor, prototype) are left out.');
  }
  if (!trace.deliveriesLogged) notes.push('Deliveries were not logged (the log has level info): handlers are missing.');
  const unfinished = handlers.reduce((sum, each) => sum + each.unfinished, 0);
  if (unfinished > 0) notes.push(`${unfinished} deliveries had not ended in the log: they end here.`);
  if (trace.problems.orphans > 0) {
    notes.push(`${trace.problems.orphans} events had a cause outside the log: the request publishes them itself.`);
  }
  return notes;
}

function comment(trace: Trace, options: CaptureOptions, notes: readonly string[]): string {
  const { outcome, durationMs } = analyse(trace);
  const total = durationMs === undefined ? '' : `, ${writeDuration(durationMs)}`;
  const lines = [
    `Captured from ${options.origin}: trace ${trace.traceId} of session ${trace.session} (${outcome}${total}).`,
    'Delays and faults are fitted to what was observed; the expectations held for that request.',
    ...notes.map((note) => `Note: ${note}`),
  ];
  // A comment ends at a line break: an id from a log must not break out of it.
  return lines.map((line) => ` ${safe(line)}`).join('\n');
}

/** A blank line before each part, and short things on one line. */
function spaceOut(document: Document): void {
  const { contents } = document;
  if (contents === null || !('items' in contents) || !Array.isArray(contents.items)) return;
  for (const pair of contents.items as Pair<{ spaceBefore?: boolean }, YAMLMap>[]) {
    if (['services', 'requests', 'expect'].includes(String(pair.key))) pair.key.spaceBefore = true;
  }
}

function listed<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}

/** Without the keys that have no value. */
function clean(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
