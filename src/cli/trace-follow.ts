/** `trace -f`: what is there of a request, then its lines as they come. */
import { safe, safeJson } from '../kernel/index.js';
import { LEVELS } from '../record/index.js';
import {
  type FindResult,
  type LogInput,
  type LogStream,
  TIMELINE_LEVELS,
  type TimelineEntry,
  type TraceLine,
  traceLineReader,
} from '../trace/index.js';
import type { Context } from './context.js';
import type { TraceOptions } from './definitions/reading.js';
import { type FollowedLog, LogFollower } from './follow-logs.js';
import { LineWriter } from './run/line-writer.js';
import { lineFormatter } from './run/record-line.js';

const WIDTHS = { serviceWidth: 14, whatWidth: 36, traceWidth: 16 };

/** What is followed. */
export interface Followed {
  readonly id: string;
  readonly inputs: readonly LogInput[];
  /** The files that the command's globs match at present. */
  readonly matches: () => readonly string[];
}

/**
 * Follows logs until the command is asked to end. Files are opened before `present` looks for what is there, so that
 * nothing falls between; what both come upon is shown once.
 */
export async function followTrace(
  context: Context,
  { id, inputs, matches }: Followed,
  options: TraceOptions,
  present: (inputs: readonly LogInput[]) => Promise<FindResult>,
): Promise<void> {
  context.lifecycle.takeSignals(['SIGINT', 'SIGTERM', 'SIGHUP']);
  const files = inputs.filter((input) => typeof input === 'string');
  const [follower, logs] = await LogFollower.open(context, files);
  const result = await present(files);
  const { notices } = context;
  const what = result.found ? 'Following it' : `Nothing of ${safe(id)} yet; waiting for it`;
  notices.line(notices.paint('dim', `${what} in ${safe(names(inputs))}; Ctrl-C ends`));
  const writer = new LineWriter(context.out);
  context.lifecycle.onClose(() => writer.flush());
  const show = shower(context, options, { result, logs }, writer);
  const streams = inputs.filter((input) => typeof input !== 'string');
  const readers = new Map<string, LineReader>();
  const onLine = (line: string, file: string) => {
    const read = readers.get(file) ?? traceLineReader(id, options.field);
    readers.set(file, read);
    for (const each of read(Buffer.from(line), placeIn(file))) show(each);
  };
  await Promise.all([
    files.length === 0 ? undefined : follower.run({ onLine, matches }),
    ...streams.map((stream) => followStream(stream, id, options, show)),
  ]);
}

type LineReader = ReturnType<typeof traceLineReader>;

async function followStream(
  { name, stream }: LogStream,
  id: string,
  { field }: TraceOptions,
  show: (line: TraceLine) => void,
): Promise<void> {
  const read = traceLineReader(id, field);
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) for (const each of read(Buffer.from(line), placeIn(name))) show(each);
  }
  for (const each of read(Buffer.from(rest), placeIn(name))) show(each);
}

/** Lines of a log that is being written are not counted. */
function placeIn(file: string) {
  return { file, offset: 0, line: undefined };
}

function names(inputs: readonly LogInput[]): string {
  return inputs.map((input) => (typeof input === 'string' ? input : input.name)).join(', ');
}

/** Shows lines that were not found at the start. */
function shower(
  { out, ascii }: Context,
  { json, format, session, level }: TraceOptions,
  { result, logs }: { readonly result: FindResult; readonly logs: readonly FollowedLog[] },
  writer: LineWriter,
): (line: TraceLine) => void {
  const seqs = new Map<string, number>();
  const seen = new Set<string>();
  if (result.found) {
    const starts = new Map(logs.map(({ file, start }) => [file, start]));
    for (const entry of result.timeline?.entries ?? []) {
      // What was written between the opening and the search comes a second time.
      if (entry.offset >= (starts.get(entry.file) ?? Number.POSITIVE_INFINITY)) seen.add(identity(entry));
    }
    for (const trace of result.kind === 'trace' ? result.traces : []) seqs.set(trace.session, lastSeq(trace));
  }
  const toLine = lineFormatter({ paint: out.paint, ascii, timeOfDay: true, ...WIDTHS });
  const asJson = json === true || format === 'json';
  return (line) => {
    if (line.kind === 'entry') {
      if (seen.delete(identity(line.entry)) || isBelow(line.entry.level, level)) return;
      writer.push(asJson ? safeJson(line.entry) : entryLine(line.entry, out.paint));
      return;
    }
    const { record } = line;
    if (record.seq <= (seqs.get(record.session) ?? -1) || (session !== undefined && record.session !== session)) return;
    if (level !== undefined && LEVELS.indexOf(record.level) < LEVELS.indexOf(level)) return;
    const text = asJson ? safeJson(record) : toLine(record);
    if (text !== undefined) writer.push(text);
  };
}

function isBelow(level: TimelineEntry['level'], least: TraceOptions['level']): boolean {
  return level !== undefined && least !== undefined && TIMELINE_LEVELS.indexOf(level) < TIMELINE_LEVELS.indexOf(least);
}

interface Seqs {
  readonly events: readonly { readonly seq: number }[];
  readonly deliveries: readonly { readonly attempts: readonly { readonly seq: number; readonly end: object }[] }[];
}

/** The highest `seq` among a trace's records. */
function lastSeq({ events, deliveries }: Seqs): number {
  let last = -1;
  for (const { seq } of events) last = Math.max(last, seq);
  for (const { attempts } of deliveries) {
    for (const { seq, end } of attempts) {
      last = Math.max(last, seq, 'seq' in end && typeof end.seq === 'number' ? end.seq : -1);
    }
  }
  return last;
}

function identity({ time, service, message, fields }: TimelineEntry): string {
  return JSON.stringify([time, service, message, fields]);
}

const MARKS = { trace: 'TRC', debug: 'DBG', info: 'INF', warn: 'WRN', error: 'ERR', fatal: 'FTL' } as const;

function entryLine(
  { time, level, service, message, error, fields }: TimelineEntry,
  paint: Context['out']['paint'],
): string {
  const at = time === undefined ? '' : new Date(time).toISOString().slice(11, 23);
  const mark = level === undefined ? '   ' : MARKS[level];
  const bad = level === 'error' || level === 'fatal';
  const parts = [
    paint('dim', at.padEnd(12)),
    bad ? paint('red', mark) : mark,
    ...(service === undefined ? [] : [safe(service)]),
    ...(message === undefined ? [] : [safe(message)]),
    ...(error === undefined ? [] : [paint('red', safe(error))]),
    ...(Object.keys(fields).length === 0 ? [] : [paint('dim', safeJson(fields))]),
  ];
  return parts.join('  ');
}
