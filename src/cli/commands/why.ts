/** `cf-bus why`. */
import { matcher } from '../../bus/index.js';
import { CfBusError, safe } from '../../kernel/index.js';
import { explainEvent, renderWhy, type WhyResult, whyJson } from '../../trace/index.js';
import type { Context, ExitCode } from '../context.js';
import type { WhyOptions } from '../definitions/explaining.js';
import { logInputs } from '../log-files.js';
import { LogReading } from '../log-reading.js';
import { idArgument, noteUnread } from '../trace-missing.js';

export async function why(
  context: Context,
  id: string,
  files: readonly string[],
  options: WhyOptions,
): Promise<ExitCode> {
  const { out, notices, ascii } = context;
  const inputs = logInputs(context, { log: options.log, files });
  const reading = new LogReading(context, { index: false });
  const { onProgress } = reading;
  const result = await explainEvent(inputs, id, { session: options.session, matches, onProgress }).finally(() =>
    reading.done(),
  );
  const { report, read } = result;
  noteUnread(context, read);
  if (report === undefined) throw notFound(id, result, options.session);
  if (options.json) out.json(whyJson(report));
  else out.write(renderWhy(report, { width: out.columns, color: out.color, ascii }));
  const [older, ...more] = report.otherSessions;
  if (older !== undefined) {
    const others = more.length === 0 ? 'Another run has' : `${more.length + 1} other runs have`;
    notices.line(`${others} an event of this id: --session ${safe(older)}`);
  }
  return 0;
}

/** What a log says was subscribed to may be anything. */
function matches(pattern: string, eventType: string): boolean {
  try {
    return matcher(pattern)(eventType);
  } catch {
    return pattern === eventType;
  }
}

function notFound(id: string, { isTraceId, read }: WhyResult, session: string | undefined): CfBusError {
  const ofSession = session === undefined ? '' : ` of session ${session}`;
  const hint = isTraceId
    ? `it is a trace id; the ids of its events: cf-bus trace --json ${idArgument(id)}`
    : 'cf-bus trace ID --json tells the ids of the events of a request';
  return new CfBusError('NOT_FOUND', `no event "${id}"${ofSession} in ${read.files.join(', ')}`, { hint, exitCode: 1 });
}
