/** `cf-bus trace`. */
import { CfBusError, safe } from '../../kernel/index.js';
import { type FoundTimeline, type FoundTrace, findTrace, type LogInput } from '../../trace/index.js';
import type { Context, ExitCode } from '../context.js';
import type { TraceOptions } from '../definitions/reading.js';
import { globMatches, logInputs } from '../log-files.js';
import { LogReading } from '../log-reading.js';
import { timesOf } from '../moment.js';
import type { Followed } from '../trace-follow.js';
import { noteUnread, noteUnsearched, notFound } from '../trace-missing.js';
import { writeFound } from '../trace-output.js';

export async function trace(context: Context, words: readonly string[], options: TraceOptions): Promise<ExitCode> {
  if (options.list || options.latest) return listed(context, words, options);
  const [id, ...files] = words;
  if (id === undefined) {
    throw new CfBusError('USAGE', 'which trace? give its id', {
      hint: 'cf-bus trace --list shows them, cf-bus trace --latest the newest',
    });
  }
  const inputs = logInputs(context, { log: options.log, files, mayCome: options.follow });
  if (!options.follow) return show(context, inputs, id, options);
  const names = options.log === undefined ? files : [options.log, ...files];
  return follow(context, { id, inputs, matches: () => globMatches(names, context.cwd) }, options);
}

/** What reads every trace is loaded when it is asked for. */
async function listed(context: Context, files: readonly string[], options: TraceOptions): Promise<ExitCode> {
  const { findLatest, list } = await import('../trace-lists.js');
  const inputs = logInputs(context, { log: options.log, files });
  const reading = new LogReading(context, options);
  if (options.list) return list(context, inputs, options, reading);
  return present(context, inputs, await findLatest(inputs, options, reading), options, reading);
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

function noteOthers({ notices }: Context, found: FoundTrace | FoundTimeline): void {
  const otherSessions = found.kind === 'trace' ? found.otherSessions : [];
  if (otherSessions.length === 0) return;
  const [newest] = otherSessions;
  const others = otherSessions.length === 1 ? 'Another run has' : `${otherSessions.length} other runs have`;
  notices.line(`${others} this trace id: --session ${safe(newest ?? '')}, or --all`);
}
