/** `cf-bus sessions`. */
import { safe } from '../../kernel/index.js';
import { listSessions } from '../../session/index.js';
import type { Context, ExitCode } from '../context.js';
import type { SessionsOptions } from '../definitions/helping.js';
import { table } from '../table.js';

export async function sessions({ out, notices }: Context, options: SessionsOptions): Promise<ExitCode> {
  const running = await listSessions();
  if (options.json) {
    out.json(running.map(({ name, pid, cwd, socket, started, log }) => ({ name, pid, cwd, socket, started, log })));
    return 0;
  }
  if (running.length === 0) {
    notices.line('No session is running. Start one: cf-bus run SCENARIO');
    return 0;
  }
  const columns = [
    { title: 'NAME' },
    { title: 'PID', align: 'right' },
    { title: 'STARTED' },
    { title: 'DIRECTORY' },
  ] as const;
  const rows = running.map(({ name, pid, started, cwd }) => [safe(name), String(pid), safe(started), safe(cwd)]);
  for (const line of table([...columns], rows, out.paint)) out.line(line);
  return 0;
}
