/** `cf-bus dash`. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { CfBusError, plural, safe } from '../../kernel/index.js';
import { defaultLogFile } from '../../record/index.js';
import { chooseSession, connect, type SessionDescription } from '../../session/index.js';
import type { Context, ExitCode } from '../context.js';
import { logSource } from '../dash/log-source.js';
import { type Watched, watchSession } from '../dash/session-source.js';
import type { DashOptions } from '../definitions/reading.js';
import { leaveDashboard, wantsDashboard } from '../run/open-dashboard.js';
import { noteFiles } from '../trace-missing.js';

export async function dash(context: Context, file: string | undefined, options: DashOptions): Promise<ExitCode> {
  if (!wantsDashboard(context)) {
    throw new CfBusError('USAGE', 'the dashboard needs a terminal', {
      hint: 'without one: cf-bus tail shows records as they come, cf-bus stats counts them',
    });
  }
  context.lifecycle.takeSignals(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP']);
  const named = file ?? options.log;
  const session = named === undefined ? await chooseSession({ session: options.session }) : undefined;
  const opened = session === undefined ? await openLog(context, named, options) : await openSession(context, session);
  const { openDashboard } = await import('../../dashboard/index.js');
  const exit = await openDashboard({
    ...opened,
    stdin: process.stdin,
    stdout: process.stdout,
    ascii: context.ascii,
    color: context.out.color,
    screenReader: options.screenReader === true || context.env.INK_SCREEN_READER === 'true',
    signal: context.lifecycle.signal,
  });
  leaveDashboard(exit, context, 'cf-bus tail does without it');
  return 0;
}

async function openSession({ lifecycle }: Context, session: SessionDescription): Promise<Watched> {
  const client = await connect(session, { client: 'cf-bus dash' });
  lifecycle.onClose(() => client.close());
  return watchSession(client);
}

async function openLog(context: Context, named: string | undefined, options: DashOptions): Promise<Watched> {
  const { cwd, env, lifecycle, notices } = context;
  const file = named ?? defaultLogFile(env);
  if (file === undefined || (named === undefined && !existsSync(resolve(cwd, file)))) {
    throw new CfBusError(
      'FILE_UNREADABLE',
      `no session was started in this directory, and there is no log ${file ?? ''}`.trimEnd(),
      {
        hint: 'start one: cf-bus run SCENARIO, or name a log: cf-bus dash FILE',
      },
    );
  }
  const { source, others, read } = await logSource(file, options.session, (error) =>
    lifecycle.end({ kind: 'failed', error }),
  );
  lifecycle.onClose(() => noteFiles(context, read));
  if (others > 0) {
    lifecycle.onClose(() => notices.line(`${plural(others, 'other run')} in ${safe(file)}: --session ID`));
  }
  return { source, controls: {} };
}
