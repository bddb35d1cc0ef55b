/** `cf-bus trace`. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { matcher } from '../../bus/index.js';
import { CfBusError, realClock, safe, safeJson } from '../../kernel/index.js';
import {
  type FoldOptions,
  type FoundTimeline,
  type FoundTrace,
  findTrace,
  type LogInput,
  listTraces,
  type MissingTrace,
  type ReadReport,
  renderTimeline,
  renderTree,
  renderWaterfall,
  type Timeline,
  type Trace,
  timelineJson,
  traceJson,
} from '../../trace/index.js';
import type { Context, ExitCode } from '../context.js';
import type { TraceOptions } from '../definitions/reading.js';
import { matchesGlob } from '../glob.js';
import { logInputs } from '../log-files.js';
import { LogReading } from '../log-reading.js';
import { momentOf } from '../moment.js';
import { painter } from '../paint.js';
import { listJson, listLines, sortListings } from '../trace-list.js';

export async function trace(context: Context, words: readonly string[], options: TraceOptions): Promise<ExitCode> {
  if (options.list) return list(context, words, options);
  if (options.latest) return latest(context, words, options);
  const [id, ...files] = words;
  if (id === undefined) {
    throw new CfBusError('USAGE', 'which trace? give its id', {
      hint: 'cf-bus trace --list shows them, cf-bus trace --latest the newest',
    });
  }
  return show(context, logInputs(context, { log: options.log, files }), id, options);
}

async function show(
  context: Context,
  inputs: readonly LogInput[],
  id: string,
  options: TraceOptions,
): Promise<ExitCode> {
  const reading = new LogReading(context, options);
  const { cacheFolder, onProgress } = reading;
  const { session, all, field } = options;
  const search = { session, all, field, ...timesOf(options), cacheFolder, onProgress };
  const result = await findTrace(inputs, id, search).finally(() => reading.done());
  noteUnread(context, result.read);
  if (!result.found) throw notFound(result, options.session);
  print(context, result, options);
  await reading.keepIndex(inputs, result.read);
  return 0;
}

async function latest(context: Context, files: readonly string[], options: TraceOptions): Promise<ExitCode> {
  const inputs = logInputs(context, { log: options.log, files });
  if (inputs.some((input) => typeof input !== 'string')) {
    throw new CfBusError('USAGE', '--latest reads a log twice, so it cannot read standard input');
  }
  const { traces, read } = await listTraces(inputs, { session: options.session });
  const newest = traces.at(-1);
  if (newest === undefined) throw noTraces(read);
  return show(context, inputs, newest.traceId, { ...options, session: newest.session });
}

async function list(context: Context, files: readonly string[], options: TraceOptions): Promise<ExitCode> {
  const { traces, read } = await listTraces(logInputs(context, { log: options.log, files }), {
    session: options.session,
  });
  noteUnread(context, read);
  const sorted = sortListings(traces, options.sort ?? 'start');
  if (isJson(options)) {
    writeOut(context, options, `${safeJson(listJson(sorted), 2)}\n`);
    return 0;
  }
  if (sorted.length === 0) throw noTraces(read);
  const lines = listLines(sorted, options.output === undefined ? context.out.paint : painter(false));
  writeOut(context, options, `${lines.join('\n')}\n`);
  return 0;
}

function print(context: Context, result: FoundTrace | FoundTimeline, options: TraceOptions): void {
  writeOut(context, options, isJson(options) ? jsonText(result, options) : shownText(context, result, options));
  const otherSessions = result.kind === 'trace' ? result.otherSessions : [];
  if (otherSessions.length === 0) return;
  const [newest] = otherSessions;
  const others = otherSessions.length === 1 ? 'Another run has' : `${otherSessions.length} other runs have`;
  context.notices.line(`${others} this trace id: --session ${safe(newest ?? '')}, or --all`);
}

/** One trace is an object; with --all it is an array, whatever its length. */
function jsonText(result: FoundTrace | FoundTimeline, { all }: TraceOptions): string {
  if (result.kind === 'timeline') return `${safeJson(timelineJson(result.timeline), 2)}\n`;
  const traces = result.traces.map((each) => traceJson(each));
  return `${safeJson(all ? traces : traces[0], 2)}\n`;
}

function shownText(context: Context, result: FoundTrace | FoundTimeline, options: TraceOptions): string {
  const parts = result.kind === 'trace' ? result.traces.map((each) => picture(context, each, options)) : [];
  if (result.timeline !== undefined) parts.push(timelineText(context, result.timeline, options));
  return parts.join('\n');
}

function timelineText({ out, ascii }: Context, timeline: Timeline, { level, output }: TraceOptions): string {
  return renderTimeline(timeline, { width: out.columns, color: output === undefined && out.color, ascii, level });
}

function picture({ out, ascii }: Context, trace: Trace, options: TraceOptions): string {
  const color = options.output === undefined && out.color;
  const render = options.format === 'waterfall' ? renderWaterfall : renderTree;
  return render(trace, { width: out.columns, color, ascii, fold: foldOptions(options) });
}

function foldOptions({ minDuration, type, service, errors, depth }: TraceOptions): FoldOptions {
  return {
    minDurationMs: minDuration,
    type: type === undefined ? undefined : matcher(type),
    service: service === undefined ? undefined : (name) => matchesGlob(name, service),
    errors,
    depth,
  };
}

function timesOf({ since, until }: TraceOptions): { since: number | undefined; until: number | undefined } {
  const now = realClock.wallTime();
  return { since: momentOf('--since', since, now), until: momentOf('--until', until, now) };
}

function isJson({ json, format }: TraceOptions): boolean {
  return json === true || format === 'json';
}

function writeOut({ out, cwd }: Context, { output }: TraceOptions, text: string): void {
  if (output === undefined) out.write(text);
  else writeFileSync(resolve(cwd, output), text);
}

function noteUnread({ notices }: Context, { invalid, torn, tooLong, foreign }: ReadReport): void {
  const parts = [
    [foreign, 'of another program'],
    [invalid, 'that are no JSON'],
    [torn, 'cut short'],
    [tooLong, 'too long'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (said.length > 0) notices.line(notices.paint('dim', `Lines passed over: ${said.join(', ')}`));
}

function notFound(missing: MissingTrace, session: string | undefined): CfBusError {
  const { traceId, read, lines } = missing;
  const much = lines === undefined ? `${Math.round((read.bytes + read.skipped) / 1e6)} MB` : plural(lines, 'line');
  const where = `${read.files.join(', ')} (${much})`;
  const ofSession = session === undefined ? '' : ` of session ${session}`;
  return new CfBusError('NOT_FOUND', `no trace ${quoted(traceId)}${ofSession} in ${where}`, {
    hint: hintFor(missing) ?? 'there are no traces in it at all',
    exitCode: 1,
  });
}

/** The likeliest help first: the same id elsewhere, an id that is close, what else there is. */
function hintFor({ otherSessions, elsewhere, suggestion, newest }: MissingTrace): string | undefined {
  const [other] = otherSessions;
  if (other !== undefined) return `session ${other} has it: --session ${other}`;
  const [found] = elsewhere;
  if (found !== undefined) {
    const fields = elsewhere.map(({ field, lines }) => `${field} (${plural(lines, 'line')})`).join(', ');
    const trace = found.traceId === undefined ? '' : `; its trace: cf-bus trace ${shellWord(found.traceId)}`;
    return `it is no trace id there, but a value of ${fields}: --field ${shellWord(found.field)} shows those lines${trace}`;
  }
  if (suggestion !== undefined) return `did you mean ${quoted(suggestion)}?`;
  if (newest.length === 0) return undefined;
  return `the newest there: ${newest
    .slice(0, 5)
    .map(({ traceId, rootType }) => (rootType === '' ? traceId : `${traceId} (${rootType})`))
    .join(', ')}`;
}

function noTraces({ files }: ReadReport): CfBusError {
  return new CfBusError('NOT_FOUND', `no traces in ${files.join(', ')}`, { exitCode: 1 });
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function quoted(id: string): string {
  return `"${id}"`;
}

/** An id as a shell takes it; one that could be an option goes behind `--`. */
function shellWord(id: string): string {
  const word = /^[\w.:/@%+-]+$/.test(id) ? id : `'${id.replaceAll("'", `'\\''`)}'`;
  return id.startsWith('-') ? `-- ${word}` : word;
}
