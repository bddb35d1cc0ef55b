import { CfBusError, safe } from '../../kernel/index.js';
import { chooseSession, connect, type SessionDescription } from '../../session/index.js';
import { logStats } from '../../trace/index.js';
import type { Context, ExitCode } from '../context.js';
import type { StatsOptions } from '../definitions/reading.js';
import { logInputs } from '../log-files.js';
import { LogReading } from '../log-reading.js';
import { logStatsView, sessionStatsView, statsLines } from '../stats-view.js';
import { noteFiles } from '../trace-missing.js';

export async function stats(context: Context, files: readonly string[], options: StatsOptions): Promise<ExitCode> {
  if (options.log !== undefined || files.length > 0) return statsOfLog(context, files, options);
  const session = await chooseSession({ session: options.session });
  return session === undefined ? statsOfLog(context, files, options) : statsOfSession(context, session, options);
}

async function statsOfSession(
  { out }: Context,
  session: SessionDescription,
  { json }: StatsOptions,
): Promise<ExitCode> {
  const client = await connect(session, { client: 'cf-bus stats' });
  const answer = await client.request('stats', {});
  client.close();
  if (json) {
    out.json(answer);
    return 0;
  }
  const view = sessionStatsView(answer);
  out.line(`${out.paint('bold', safe(session.name))}  session ${safe(view.session)}, running`);
  for (const line of statsLines(view, out.paint)) out.line(line);
  return 0;
}

async function statsOfLog(context: Context, files: readonly string[], options: StatsOptions): Promise<ExitCode> {
  const { out, notices } = context;
  const inputs = logInputs(context, { log: options.log, files });
  const reading = new LogReading(context, { index: false });
  const { onProgress } = reading;
  const { sessions, read } = await logStats(inputs, { session: options.session, onProgress }).finally(() =>
    reading.done(),
  );
  noteFiles(context, read);
  const [newest, ...others] = sessions;
  if (newest === undefined) throw nothingFound(read.files, options.session);
  const view = logStatsView(newest);
  if (options.json) {
    out.json(view);
  } else {
    const about = newest.scenario === undefined ? '' : `${out.paint('bold', safe(newest.scenario))}  `;
    out.line(
      `${about}session ${safe(newest.session)}, ${safe(newest.firstTimestamp)} to ${safe(newest.lastTimestamp)}`,
    );
    for (const line of statsLines(view, out.paint)) out.line(line);
  }
  if (!newest.deliveriesLogged) notices.line('This log does not tell of deliveries that succeed (level info and up).');
  if (newest.lost > 0) notices.line(`${newest.lost} records could not be written to this log.`);
  if (others.length > 0) {
    const names = others.slice(0, 3).map(({ session }) => safe(session));
    const more = others.length > names.length ? ', …' : '';
    notices.line(`${others.length} older in this log: --session ${names.join(', --session ')}${more}`);
  }
  return 0;
}

function nothingFound(files: readonly string[], session: string | undefined): CfBusError {
  const where = files.join(', ');
  return session === undefined
    ? new CfBusError('NOT_FOUND', `no records of cf-bus in ${where}`, { exitCode: 1 })
    : new CfBusError('SESSION_UNKNOWN', `no session ${session}, neither running nor in ${where}`);
}
