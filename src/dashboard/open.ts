/** Opens the dashboard: in this thread, or, where the source has lines, on one of its own. */
import { type Clock, realClock } from '../kernel/index.js';
import { Dashboard } from './dashboard.js';
import type { DashboardExit, OpenOptions } from './door.js';
import { Terminal } from './terminal.js';
import { openOnThread } from './thread/host.js';

/**
 * Opens the dashboard on a terminal and resolves when it has been closed and the terminal restored. Never rejects: a
 * crash is one of the ways out.
 *
 * `stdin` must be a terminal with raw mode; `NODE_ENV` must be `production` before this module is loaded.
 */
export function openDashboard(options: OpenOptions, clock: Clock = realClock): Promise<DashboardExit> {
  const { source, stdin, stdout, screenReader } = options;
  if (source.kind === 'lines') return openOnThread({ ...options, source }, clock);
  return new Promise((resolve) => {
    const dashboard = new Dashboard({
      options: { ...options, source },
      clock,
      resolve,
      screen: ({ rest, redraw, gone }) =>
        new Terminal({ stdin, stdout, alternate: !screenReader, onSuspend: rest, onResume: redraw, onGone: gone }),
    });
    dashboard.open();
  });
}
