/** `cf-bus diff`. */
import { CfBusError, safe } from '../../kernel/index.js';
import { diffJson, diffTraces, findTrace, gapWords, type LogInput, renderDiff, type Trace } from '../../trace/index.js';
import type { Context, ExitCode } from '../context.js';
import type { DiffOptions } from '../definitions/explaining.js';
import { logInputs } from '../log-files.js';
import { LogReading } from '../log-reading.js';
import { idArgument, noteUnread, notFound } from '../trace-missing.js';

export async function diff(
  context: Context,
  [a, b]: readonly [string, string],
  files: readonly string[],
  options: DiffOptions,
): Promise<ExitCode> {
  const inputs = logInputs(context, { log: options.log, files });
  if (inputs.some((input) => typeof input !== 'string')) {
    throw new CfBusError('USAGE', 'diff reads a log twice, so it cannot read standard input');
  }
  const second = await load(context, inputs, b, options.sessionB);
  // One id in two runs: the newest is what is looked at, the one before it what it is held against.
  const before = a === b && options.sessionB === undefined ? second.older : undefined;
  const session = options.sessionA ?? before;
  if (a === b && (session === undefined || session === second.trace.session)) throw sameTwice(a);
  const first = await load(context, inputs, a, session);
  const found = diffTraces(first.trace, second.trace, { leastMs: options.least });
  const { out, ascii } = context;
  if (options.json) out.json(diffJson(found));
  else out.write(renderDiff(found, { width: out.columns, color: out.color, ascii }));
  return 0;
}

interface Loaded {
  readonly trace: Trace;
  /** The newest of the other sessions that have it. */
  readonly older: string | undefined;
}

async function load(
  context: Context,
  inputs: readonly LogInput[],
  id: string,
  session: string | undefined,
): Promise<Loaded> {
  const reading = new LogReading(context, { index: true });
  const { cacheFolder, onProgress } = reading;
  const found = await findTrace(inputs, id, { session, cacheFolder, onProgress }).finally(() => reading.done());
  if (!found.found) throw notFound(found, session);
  if (found.kind === 'timeline') {
    throw new CfBusError('USAGE', `"${id}" is in lines of other programs alone, which do not tell what led to what`, {
      hint: `they can be shown: cf-bus trace ${idArgument(id)}`,
    });
  }
  noteUnread(context, found.read);
  const lost = gapWords(found.traces[0], safe(id));
  if (lost !== '') context.notices.line(context.notices.paint('yellow', lost));
  return { trace: found.traces[0], older: found.otherSessions[0] };
}

function sameTwice(id: string): CfBusError {
  return new CfBusError('USAGE', `"${id}" is in one run only: there is nothing to hold it against`, {
    hint: 'give two ids, or two runs: --session-a ID --session-b ID',
  });
}
