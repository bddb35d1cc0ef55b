/** `cf-bus trace`. */
import { CfBusError, realClock, safe } from '../../kernel/index.js';
import {
  type FoundTimeline,
  type FoundTrace,
  findNewest,
  findTrace,
  type ListOptions,
  type LogInput,
  listTraces,
} from '../../trace/index.js';
import type { Context, ExitCode } from '../context.js';
import type { TraceOptions } from '../definitions/reading.js';
import { globMatches, logInputs } from '../log-files.js';
import { LogReading } from '../log-reading.js';
import { momentOf } from '../moment.js';
import { painter } from '../paint.js';
import type { Followed } from '../trace-follow.js';
import { listJson, listLines, noteLeftOut } from '../trace-list.js';
import { noTraces, noteUnread, noteUnsearched, notFound } from '../trace-missing.js';
import { wantsJson, writeFound, writePieces } from '../trace-output.js';

export async function trace(context: Context, words: readonly string[], options: TraceOptions): Promise<ExitCode> {
  if (options.list) return list(context, words, options);
  if (options.latest) return latest(context, words, options);
  const [id, ...files] = words;
  if (id === undefined) {
    throw new CfBusError('USAGE', 'which trace? give its id', {
      hint: 'cf-bus trace --list shows them, cf-bus trace --latest the newest',
    });
  }
  const inputs = logInputs(context, { log: options.log, files });
  if (!options.follow) return show(context, inputs, id, options);
  const names = options.log === undefined ? files : [options.log, ...files];
  return follow(context, { id, inputs, matches: () => globMatches(names, context.cwd) }, options);
}

async function follow(context: Context, followed: Followed, options: TraceOptions): Promise<ExitCode> {
  const { id } = followed;
  const { followTrace } = await import('../trace-follow.js');
  await followTrace(context, followed, options, async (present) => {
    const { session, all, field } = options;
    const result = await findTrace(present, id, { session, all, field, ...timesOf(options) });
    if (result.found) await writeFound(context, result, options);
    return result;
  });
  return 0;
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
  if (result.found) return present(context, inputs, result, options, reading);
  // What holds the id otherwise, the error tells.
  noteUnread(context, { ...result.read, foreign: 0 });
  throw notFound(result, options.session);
}

async function present(
  context: Context,
  inputs: readonly LogInput[],
  result: FoundTrace | FoundTimeline,
  options: TraceOptions,
  reading: LogReading,
): Promise<ExitCode> {
  noteUnread(context, result.read);
  await writeFound(context, result, options);
  noteUnsearched(context, result.read);
  noteOthers(context, result);
  await reading.keepIndex(inputs, result.read);
  return 0;
}

async function latest(context: Context, files: readonly string[], options: TraceOptions): Promise<ExitCode> {
  const inputs = logInputs(context, { log: options.log, files });
  if (inputs.some((input) => typeof input !== 'string')) {
    throw new CfBusError('USAGE', '--latest reads a log twice, so it cannot read standard input');
  }
  const reading = new LogReading(context, options);
  const { cacheFolder, onProgress } = reading;
  const search = { ...listOptions(options), cacheFolder, onProgress };
  const result = await findNewest(
    inputs.filter((input) => typeof input === 'string'),
    search,
  ).finally(() => reading.done());
  if (!result.found) throw noTraces(result.read, options.failed);
  return present(context, inputs, result, options, reading);
}

async function list(context: Context, files: readonly string[], options: TraceOptions): Promise<ExitCode> {
  const inputs = logInputs(context, { log: options.log, files });
  const reading = new LogReading(context, options);
  const { onProgress } = reading;
  const found = await listTraces(inputs, { ...listOptions(options), onProgress }).finally(() => reading.done());
  noteUnread(context, found.read);
  if (found.size === 0 && !wantsJson(options)) throw noTraces(found.read, options.failed);
  const paint = options.output === undefined ? context.out.paint : painter(false);
  writePieces(
    context,
    options,
    wantsJson(options) ? listJson(found, options.sort) : listLines(found, options.sort, paint),
  );
  noteLeftOut(context, found.leftOut, found.size);
  return 0;
}

function noteOthers({ notices }: Context, found: FoundTrace | FoundTimeline): void {
  const otherSessions = found.kind === 'trace' ? found.otherSessions : [];
  if (otherSessions.length === 0) return;
  const [newest] = otherSessions;
  const others = otherSessions.length === 1 ? 'Another run has' : `${otherSessions.length} other runs have`;
  notices.line(`${others} this trace id: --session ${safe(newest ?? '')}, or --all`);
}

function listOptions(options: TraceOptions): ListOptions {
  const { session, field, failed } = options;
  return { session, field, failed, ...timesOf(options) };
}

function timesOf({ since, until }: TraceOptions): { since: number | undefined; until: number | undefined } {
  const now = realClock.wallTime();
  return { since: momentOf('--since', since, now), until: momentOf('--until', until, now) };
}
