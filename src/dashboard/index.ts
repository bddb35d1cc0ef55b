/** The dashboard's door. Loads React and Ink: import it lazily, with NODE_ENV=production set before. */
import { serveThread } from './thread/guest.js';

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
export { openDashboard } from './open.js';

// The same module is the program of the dashboard's own thread; anywhere else this does nothing.
serveThread();
