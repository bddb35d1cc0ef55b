/** What `trace` found, in the format that was asked for. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { matcher } from '../bus/index.js';
import { CfBusError, plural, safe, safeJson } from '../kernel/index.js';
import {
  exportTraces,
  type FoldOptions,
  type FoundTimeline,
  type FoundTrace,
  folds,
  foldTrace,
  gapWords,
  hiddenWords,
  isExportFormat,
  MERMAID_MAX_CHARACTERS,
  renderLog,
  renderTimeline,
  renderTree,
  renderWaterfall,
  type Timeline,
  type Trace,
  timelineJson,
  traceJson,
} from '../trace/index.js';
import type { Context } from './context.js';
import type { TraceOptions } from './definitions/reading.js';
import { matchesGlob } from './glob.js';
import { postJson } from './post-json.js';

type Shown = Pick<
  TraceOptions,
  'json' | 'format' | 'output' | 'all' | 'level' | 'minDuration' | 'type' | 'service' | 'errors' | 'depth' | 'post'
>;

/** Characters that are written at once. */
const BATCH = 1 << 16;

/** Writes it to where `options` say, and sends it to where they say. */
export async function writeFound(context: Context, found: FoundTrace | FoundTimeline, options: Shown): Promise<void> {
  const text =
    found.kind === 'timeline'
      ? timelineText(context, found.timeline, options)
      : await traceText(context, found, options);
  if (options.post !== undefined) {
    await post(context, options.post, text);
    if (options.output === undefined) return;
  }
  writeText(context, options, text);
}

export function wantsJson({ json, format }: Pick<TraceOptions, 'json' | 'format'>): boolean {
  return json === true || format === 'json';
}

/** @throws CfBusError and system errors of a file that cannot be written. */
export function writeText({ out, cwd }: Context, { output }: Pick<TraceOptions, 'output'>, text: string): void {
  if (output === undefined) return out.write(text);
  try {
    writeFileSync(resolve(cwd, output), text);
  } catch (error) {
    // Of one that was opened and could not be written the system does not tell which it was.
    throw error instanceof Error ? Object.assign(error, { path: output }) : error;
  }
}

/** Writes text that may be long, a piece at a time. */
export function writePieces(
  { out, cwd }: Context,
  { output }: Pick<TraceOptions, 'output'>,
  pieces: Iterable<string>,
): void {
  const file = output === undefined ? undefined : openSync(resolve(cwd, output), 'w');
  const write = (text: string) => {
    if (file === undefined) out.write(text);
    else writeFileSync(file, text);
  };
  try {
    let pending = '';
    for (const piece of pieces) {
      pending += piece;
      if (pending.length < BATCH) continue;
      write(pending);
      pending = '';
    }
    write(pending);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

async function traceText(context: Context, { traces, timeline }: FoundTrace, options: Shown): Promise<string> {
  const format = formatOf(options);
  if (wantsJson(options)) {
    noteUnfit(context, 'JSON holds the whole request', options);
    noteLines(context, timeline);
    // One trace is an object; with --all it is an array, whatever its length.
    const json = options.all ? traces.map((each) => traceJson(each)) : traceJson(traces[0]);
    return `${safeJson(json, 2)}\n`;
  }
  const fold = foldOptions(options);
  if (isExportFormat(format)) {
    const text = await exportTraces(format, traces, fold);
    noteExport(context, format, text, traces, fold);
    noteLines(context, timeline);
    return text;
  }
  const pictures = traces.map((each) => picture(context, each, options, fold));
  // Lines of other programs with the same id, after what our own records tell.
  const others = timeline === undefined ? [] : [timelineText(context, timeline, options)];
  return [...pictures, ...others].join('\n');
}

function formatOf({ format, post: url }: Shown): string {
  if (url === undefined) return format ?? 'tree';
  if (format !== undefined && format !== 'otlp') throw new CfBusError('USAGE', `--post sends OTLP, not ${format}`);
  return 'otlp';
}

function picture({ out, ascii }: Context, trace: Trace, { format, output, level }: Shown, fold: FoldOptions): string {
  const options = { width: out.columns, color: output === undefined && out.color, ascii, fold };
  if (format === 'waterfall') return renderWaterfall(trace, options);
  return format === 'log' ? renderLog(trace, { ...options, level }) : renderTree(trace, options);
}

function timelineText(context: Context, timeline: Timeline, options: Shown): string {
  const { out, ascii } = context;
  if (wantsJson(options)) {
    noteUnfit(context, 'JSON holds all lines', options);
    return `${safeJson(timelineJson(timeline), 2)}\n`;
  }
  const { format, level } = options;
  if (options.post !== undefined || (format !== undefined && isExportFormat(format))) {
    throw new CfBusError(
      'USAGE',
      `lines of other programs do not tell what led to what: there is nothing to write as ${options.post === undefined ? format : 'otlp'}`,
      {
        hint: 'they can be shown (--format log) or given as JSON (--format json)',
      },
    );
  }
  const color = options.output === undefined && out.color;
  const { service: _service, errors: _errors, ...ofTrees } = options;
  noteUnfit(context, 'Lines of other programs are no tree', ofTrees);
  const { service, errors } = foldOptions(options);
  return renderTimeline(timeline, { width: out.columns, color, ascii, level, service, errors });
}

/** Tells of flags that leave nothing out of what is written, and why. */
function noteUnfit({ notices }: Context, why: string, options: Shown): void {
  const { minDuration, type, service, errors, depth } = options;
  const given = Object.entries({
    '--min-duration': minDuration,
    '--type': type,
    '--service': service,
    '--errors': errors,
    '--depth': depth,
  })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => flag);
  if (given.length > 0) notices.line(notices.paint('yellow', `${why}: nothing is left out by ${given.join(', ')}`));
}

/** @throws CfBusError `INVALID_PATTERN` */
function foldOptions({ minDuration, type, service, errors, depth }: Shown): FoldOptions {
  return {
    minDurationMs: minDuration,
    type: type === undefined ? undefined : matcher(type),
    service: service === undefined ? undefined : (name) => matchesGlob(name, service),
    errors,
    depth,
  };
}

/** Lines of other programs with the id of a request of ours have a place in pictures only. */
function noteLines({ notices }: Context, timeline: Timeline | undefined): void {
  if (timeline === undefined) return;
  const lines = plural(timeline.entries.length + timeline.leftOut, 'line');
  notices.line(`Left out: ${lines} of other programs with this id; --format log shows them`);
}

/** What a file cannot say for itself. */
function noteExport(
  { notices }: Context,
  format: string,
  text: string,
  traces: readonly Trace[],
  fold: FoldOptions,
): void {
  if (folds(fold)) {
    const words = traces.map((trace) => hiddenWords(foldTrace(trace, fold).hidden)).filter((each) => each !== '');
    if (words.length > 0) notices.line(`Left out: ${words.join('; ')}`);
  }
  // A page says so itself.
  for (const trace of format === 'html' ? [] : traces) {
    const words = gapWords(trace);
    if (words !== '') notices.line(notices.paint('yellow', words));
  }
  if (format === 'mermaid' && text.length > MERMAID_MAX_CHARACTERS) {
    notices.line(
      `Pages show Mermaid diagrams of at most ${MERMAID_MAX_CHARACTERS} characters, and this has ${text.length}: --depth, --errors and --min-duration make it smaller`,
    );
  }
}

async function post({ notices }: Context, url: string, text: string): Promise<void> {
  const { to, status, rejected } = await postJson(url, text);
  const but = rejected === undefined ? '' : `, but it rejected some: ${safe(rejected)}`;
  notices.line(`Sent to ${safe(to)} (${status})${but}`);
}
