/** The dashboard's door. React and Ink are loaded when one is opened, with NODE_ENV=production set before. */
import { type Clock, realClock } from '../kernel/index.js';
import type { DashboardExit, OpenOptions } from './door.js';
import { GuestThread } from './thread/guest-thread.js';
import { openOnThread } from './thread/host.js';
import { serveThread } from './thread/serve.js';

export type {
  DashboardControls,
  DashboardEvent,
  DashboardExit,
  DashboardHeader,
  DashboardOptions,
  DashboardSource,
  ExpectationView,
  FaultSwitch,
  LineSink,
  LinesSource,
  OpenOptions,
  RecordSink,
  WantedPayload,
} from './door.js';
export { keyTableMarkdown } from './keys.js';

let warm: GuestThread | undefined;

/** Starts the thread on which a `LinesSource` will be shown: loading what draws it takes as long as many a start. */
export function warmDashboard(): void {
  warm ??= new GuestThread(import.meta.url);
}

/**
 * Opens the dashboard on a terminal and resolves when it has been closed and the terminal restored: in this thread, or,
 * where the source has lines, on one of its own. Never rejects for what happens in it: a crash is one of the ways out.
 *
 * `stdin` must be a terminal with raw mode; `NODE_ENV` must be `production`.
 */
export async function openDashboard(options: OpenOptions, clock: Clock = realClock): Promise<DashboardExit> {
  const { source } = options;
  if (source.kind === 'lines') {
    warmDashboard();
    const thread = warm ?? new GuestThread(import.meta.url);
    warm = undefined;
    return openOnThread({ ...options, source }, thread, clock);
  }
  const { openHere } = await import('./drawing.js');
  return openHere({ ...options, source }, clock);
}

// The same module is the program of the dashboard's own thread; anywhere else this does nothing.
serveThread();
