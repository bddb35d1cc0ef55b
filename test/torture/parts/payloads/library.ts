/** Payloads through the library: published on a bus with a log, read back from its file and from its traces. */
import { ok, strictEqual } from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Event, EventBus } from '../../../../src/bus/index.js';
import { CfBusError, checkPayload, Ids, VirtualClock } from '../../../../src/kernel/index.js';
import { isRecordKind, LineScanner, type LogRecord, openLog, parseLine } from '../../../../src/record/index.js';
import { readTraces, renderJson, type Trace } from '../../../../src/trace/index.js';
import { isAllowed, type Payload, payloads, strangeThings } from './draw.js';

const SESSION = 'torture';

/** One event that somebody publishes: source and trace are their texts, too. */
interface Publication {
  readonly source: string;
  readonly traceId: string;
  readonly payload: Payload;
}

const names = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
  fc.constantFrom('","event":"log_gap","lost":1,"x":"', 'a\nb', '\ud800', '\u001b[2J', '__proto__', '{"level":"info"}'),
);

const publications = fc.record({ source: names, traceId: names, payload: payloads });
const strangePublications = fc.record({ source: names, traceId: names, payload: strangeThings });

export interface LibraryFigures {
  published: number;
  refused: number;
}

/** Payloads as they may come from outside: refused with a path, or read back as they went in. */
export function roundTrip(folder: string, figures: LibraryFigures): fc.IAsyncProperty<[readonly Publication[]]> {
  return fc.asyncProperty(fc.array(publications, { minLength: 1, maxLength: 6 }), async (all) => {
    const taken = all.filter(({ payload }) => isTaken(payload, figures));
    const { events, lines, traces } = await publish(folder, taken);
    figures.published += events.length;
    const published = lines.filter(({ event }) => event === 'event_published');
    strictEqual(published.length, events.length, 'events in the log');
    for (const [index, event] of events.entries()) {
      const record = published[index];
      ok(record !== undefined);
      belongsTo(record, event);
      strictEqual(JSON.stringify(record.payload), JSON.stringify(event.payload), 'the payload in the log');
      strictEqual(JSON.stringify(record.payload_keys), JSON.stringify(Object.keys(event.payload)), 'its keys');
      const node = traces.flatMap(({ events: nodes }) => nodes).find(({ id }) => id === event.id);
      strictEqual(JSON.stringify(node?.published?.payload), JSON.stringify(event.payload), 'the payload in the trace');
    }
    for (const trace of traces) sameInJson(trace);
  });
}

/** What only a program in the same process can publish: the log takes no harm. */
export function strange(folder: string, figures: LibraryFigures): fc.IAsyncProperty<[readonly Publication[]]> {
  return fc.asyncProperty(fc.array(strangePublications, { minLength: 1, maxLength: 6 }), async (all) => {
    const { events, lines } = await publish(folder, all);
    figures.published += events.length;
    const published = lines.filter(({ event }) => event === 'event_published');
    strictEqual(published.length, all.length, 'events in the log');
    for (const [index, event] of events.entries()) {
      const record = published[index];
      ok(record !== undefined);
      belongsTo(record, event);
    }
  });
}

function isTaken(payload: Payload, figures: LibraryFigures): boolean {
  try {
    checkPayload(payload);
  } catch (error) {
    figures.refused++;
    ok(error instanceof CfBusError && error.code === 'INVALID_PAYLOAD', `refused with ${String(error)}`);
    ok(!isAllowed(payload), `was refused, and may not be: ${error.message}`);
    ok(/ at \$|^\$|\d+ bytes/.test(error.message), `refused without a place: ${error.message}`);
    return false;
  }
  ok(isAllowed(payload), 'was taken, and must not be');
  return true;
}

let files = 0;

async function publish(
  folder: string,
  all: readonly Publication[],
): Promise<{ readonly events: readonly Event[]; readonly lines: readonly LogRecord[]; readonly traces: Trace[] }> {
  const file = join(folder, `library-${files++}.log`);
  const log = openLog({ file, level: 'debug', payloads: true, clock: new VirtualClock(), session: SESSION });
  const watched: LogRecord[] = [];
  log.observer.watch((record) => watched.push(record));
  const bus = new EventBus({ log, ids: new Ids(SESSION), history: 0 });
  const handled: unknown[] = [];
  bus.subscribe('**', (event) => void handled.push(event.payload), { service: 'torture', name: 'take' });
  const events: Event[] = [];
  for (const { source, traceId, payload } of all) {
    events.push((await bus.publish({ type: 'torture.payload', source, traceId, payload })).event);
  }
  await bus.close();
  log.close();
  for (const [index, payload] of handled.entries()) strictEqual(payload, all[index]?.payload, 'what the handler got');
  strictEqual(handled.length, all.length, 'events handled');
  const text = readFileSync(file, 'utf8');
  const traces: Trace[] = [];
  for await (const trace of readTraces([file], { quietMs: Number.POSITIVE_INFINITY })) traces.push(trace);
  rmSync(file);
  return { events, lines: wholeRecords(text, watched), traces };
}

/** The lines of the file, each of them a record as watchers got it, numbered without a hole, without a key twice. */
function wholeRecords(text: string, watched: readonly LogRecord[]): LogRecord[] {
  const lines = text.split('\n');
  strictEqual(lines.pop(), '', 'the log ends with a line break');
  strictEqual(lines.length, watched.length, 'lines in the log');
  const bytes = Buffer.from(text);
  const scanner = new LineScanner(SESSION);
  let at = 0;
  return lines.map((line, index) => {
    const parsed = parseLine(line);
    ok(parsed.kind === 'record', `a line that is no record: ${line.slice(0, 300)}`);
    const { record } = parsed;
    strictEqual(record.seq, index + 1, 'seq');
    strictEqual(record.session, SESSION);
    strictEqual(JSON.stringify(record), line, 'a key is there twice');
    strictEqual(JSON.stringify(watched[index]), line, 'what watchers got');
    scannedAs(scanner, bytes, at, record);
    at += Buffer.byteLength(line) + 1;
    return record;
  });
}

/** The dashboard counts lines without parsing them: it must find the same. */
function scannedAs(scanner: LineScanner, bytes: Uint8Array, at: number, record: LogRecord): void {
  if (!scanner.scan(bytes, at)) return;
  strictEqual(scanner.event, record.event);
  strictEqual(scanner.seq, record.seq);
  strictEqual(scanner.event_type, record.event_type);
  if (record.event === 'event_published') {
    strictEqual(scanner.root, record.causation_id === undefined);
    strictEqual(scanner.subscriber_count, record.subscriber_count);
  }
}

/** Keys of the record are the bus's, whatever the payload calls its own. */
function belongsTo(record: LogRecord, event: Event): void {
  ok(isRecordKind(record.event));
  strictEqual(record.level, 'info');
  strictEqual(record.event_id, event.id);
  strictEqual(record.event_type, 'torture.payload');
  strictEqual(record.trace_id, event.traceId);
  strictEqual(record.source, wellFormed(event.source));
  strictEqual(record.subscriber_count, 1);
}

/** As the log writes names: half a surrogate pair is no text that every reader can hold. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, '\ufffd');
}

function sameInJson(trace: Trace): void {
  const { events } = JSON.parse(renderJson(trace));
  for (const [index, node] of trace.events.entries()) {
    strictEqual(
      JSON.stringify(events[index].payload),
      JSON.stringify(node.published?.payload),
      'the payload in --json',
    );
  }
}
