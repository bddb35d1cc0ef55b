/** `cf-bus tail`. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { plural, safe, safeJson } from '../../kernel/index.js';
import { type LogRecord, parseLine } from '../../record/index.js';
import { chooseSession, connect, type SessionDescription } from '../../session/index.js';
import { readRecords } from '../../trace/index.js';
import type { Context, ExitCode } from '../context.js';
import type { TailOptions } from '../definitions/reading.js';
import { logInputs } from '../log-files.js';
import { LineWriter } from '../run/line-writer.js';
import { lineFormatter } from '../run/record-line.js';
import { followFile } from '../tail/followed-file.js';
import { recordFilter } from '../tail/record-filter.js';

/** Bytes at the end of a log in which the last records are looked for. */
const BACKLOG_BYTES = 4 * 1024 * 1024;
const WIDTHS = { serviceWidth: 14, whatWidth: 36, traceWidth: 16 };

/** A record as it is shown; `undefined` where it is not asked for. */
type Format = (record: LogRecord) => string | undefined;

export async function tail(context: Context, file: string | undefined, options: TailOptions): Promise<ExitCode> {
  const writer = new LineWriter(context.out);
  context.lifecycle.onClose(() => writer.flush());
  const format = formatter(context, options);
  const show = (record: LogRecord) => {
    const line = format(record);
    if (line !== undefined) writer.push(line);
  };
  const named = file ?? options.log;
  const session = named === undefined ? await chooseSession({ session: options.session }) : undefined;
  // Who does not want to wait gets what the session has logged so far.
  const logged = options.follow ? undefined : (session?.log ?? undefined);
  if (session !== undefined && logged === undefined) return tailSession(context, session, options, show);
  const log = named ?? logged;
  context.lifecycle.takeSignals(['SIGINT', 'SIGTERM', 'SIGHUP']);
  const [input] = logInputs(context, { log });
  if (typeof input === 'string' && isPlain(resolve(context.cwd, input)))
    await tailFile(context, input, options, format, writer);
  else if (input !== undefined) await readRecords([input], show);
  return 0;
}

/** A pipe is read to its end, like standard input. */
function isPlain(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
}

function formatter({ out, ascii }: Context, options: TailOptions): Format {
  const wanted = recordFilter(options);
  const toLine = lineFormatter({ paint: out.paint, ascii, timeOfDay: true, ...WIDTHS });
  return (record) => (wanted(record) ? (options.json ? safeJson(record) : toLine(record)) : undefined);
}

async function tailSession(
  { notices, lifecycle }: Context,
  session: SessionDescription,
  { level, trace }: TailOptions,
  show: (record: LogRecord) => void,
): Promise<ExitCode> {
  const client = await connect(session, { client: 'cf-bus tail' });
  lifecycle.onClose(() => client.close());
  lifecycle.takeSignals(['SIGINT', 'SIGTERM', 'SIGHUP']);
  lifecycle.signal.addEventListener('abort', () => client.close(), { once: true });
  const records = client.notices();
  await client.request('watch', {
    ...(level === undefined ? {} : { level }),
    ...(trace === undefined ? {} : { trace_id: trace }),
  });
  notices.line(notices.paint('dim', `Following session ${safe(session.name)}; Ctrl-C ends`));
  try {
    for await (const notice of records) {
      if (notice.kind === 'record') show(notice.record);
      else if (notice.kind === 'dropped')
        notices.line(notices.paint('yellow', `${plural(notice.count, 'record')} left out: too many to show`));
      else notices.line(notices.paint('dim', `The session has ended: ${safe(notice.reason)}`));
    }
  } catch (error) {
    if (!lifecycle.signal.aborted) throw error;
  }
  return 0;
}

/** The last records of what is there already, then everything that comes. */
async function tailFile(
  { cwd, lifecycle, notices }: Context,
  path: string,
  options: TailOptions,
  format: Format,
  writer: LineWriter,
): Promise<void> {
  let recent: string[] | undefined = [];
  const onPresent = () => {
    for (const line of options.lines === 0 ? [] : (recent?.slice(-options.lines) ?? [])) writer.push(line);
    recent = undefined;
    if (options.follow) notices.line(notices.paint('dim', `Following ${safe(path)}; Ctrl-C ends`));
  };
  const signal = options.follow ? lifecycle.signal : AbortSignal.abort();
  for await (const text of followFile(resolve(cwd, path), { backlog: BACKLOG_BYTES, signal, onPresent })) {
    const parsed = parseLine(text);
    const line = parsed.kind === 'record' ? format(parsed.record) : undefined;
    if (line === undefined) continue;
    if (recent === undefined) writer.push(line);
    else if (recent.push(line) > 2 * options.lines) recent = recent.slice(-options.lines);
  }
}
