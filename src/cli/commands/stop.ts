/** `cf-bus stop`. */
import { CfBusError, safe } from '../../kernel/index.js';
import { chooseSession, connect, listSessions } from '../../session/index.js';
import type { Context, ExitCode } from '../context.js';
import type { StopOptions } from '../definitions/running.js';
import { withTimeout } from '../wait.js';

export async function stop({ notices }: Context, name: string | undefined, options: StopOptions): Promise<ExitCode> {
  const session = await chooseSession({ session: name ?? options.session });
  if (session === undefined) throw await noSession();
  const client = await connect(session, { client: 'cf-bus stop' });
  await client.request('stop', {});
  const ended = await withTimeout(client.closed, options.timeout);
  client.close();
  if (!ended) {
    throw new CfBusError('SESSION_UNREACHABLE', `session "${session.name}" is still ending its work`, {
      hint: `it is told to stop; its process is ${session.pid}`,
      exitCode: 3,
    });
  }
  notices.line(`Session ${safe(session.name)} has ended.`);
  return 0;
}

/** The error for a command that needs a session and finds none in this directory. */
export async function noSession(): Promise<CfBusError> {
  const names = (await listSessions()).map(({ name, cwd }) => `${name} (in ${cwd})`);
  return new CfBusError('SESSION_UNKNOWN', 'no session was started in this directory', {
    hint: names.length === 0 ? 'start one: cf-bus run SCENARIO' : `running elsewhere: ${names.join(', ')}; name one`,
  });
}
