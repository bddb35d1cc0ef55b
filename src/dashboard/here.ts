/** The dashboard in this thread. */
import type { Clock } from '../kernel/index.js';
import { Dashboard } from './dashboard.js';
import type { DashboardExit, DashboardOptions } from './door.js';
import { Terminal } from './terminal.js';

export function openHere(options: DashboardOptions, clock: Clock): Promise<DashboardExit> {
  const { stdin, stdout, screenReader } = options;
  return new Promise((resolve) => {
    const dashboard = new Dashboard({
      options,
      clock,
      resolve,
      screen: ({ rest, redraw, gone }) =>
        new Terminal({ stdin, stdout, alternate: !screenReader, onSuspend: rest, onResume: redraw, onGone: gone }),
    });
    dashboard.open();
  });
}
