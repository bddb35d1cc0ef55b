/** `run` with the dashboard on the screen. */
import type { EventBus } from '../../bus/index.js';
import { EventType } from '../../bus/index.js';
import type { DashboardControls, LinesSource } from '../../dashboard/index.js';
import { checkPayload, safe } from '../../kernel/index.js';
import type { Context } from '../context.js';
import { examplePayload } from '../dash/example-payload.js';
import type { RunOptions } from '../definitions/simulating.js';
import { faultChange } from './fault-change.js';
import type { LineBacklog } from './line-backlog.js';
import type { Notices } from './notify.js';
import { leaveDashboard, wantsDashboard } from './open-dashboard.js';
import type { Session } from './open-session.js';
import type { RunSettings } from './settings.js';
import { aborted, limitDuration, type Shown } from './shown.js';
import { watchScenario } from './watch.js';

const BY = 'dashboard';

/** Whether a run shows the dashboard: there is a terminal, and nobody reads lines. */
export function showsDashboard(context: Context, { ui, json }: RunOptions): boolean {
  return ui && json !== true && wantsDashboard(context);
}

export async function runDashboard(
  context: Context,
  settings: RunSettings,
  session: Session,
  notices: Notices,
  backlog: LineBacklog,
): Promise<Shown> {
  const { lifecycle } = context;
  const { simulation } = session;
  const source = liveSource(settings, session, backlog);
  notices.hold();
  await session.start();
  if (settings.options.watch === true) lifecycle.onClose(watchScenario(settings, simulation, notices));
  limitDuration(session, settings.options.duration);
  const closer = new AbortController();
  void Promise.race([aborted(lifecycle.signal), session.stopped]).then(() => closer.abort());
  const { openDashboard } = await import('../../dashboard/index.js');
  const exit = await openDashboard({
    source,
    controls: controls(settings, session),
    stdin: process.stdin,
    stdout: process.stdout,
    ascii: context.ascii,
    color: context.out.color,
    screenReader: settings.options.screenReader === true || context.env.INK_SCREEN_READER === 'true',
    signal: closer.signal,
  });
  notices.release();
  leaveDashboard(exit, context, 'the run has been ended in good order; cf-bus run --no-ui does without it');
  simulation.stop();
  return { traffic: await simulation.finished, hurry: true, finish: () => {} };
}

function liveSource({ scenario, seed, logFile }: RunSettings, session: Session, backlog: LineBacklog): LinesSource {
  const { log, clock, host } = session;
  return {
    kind: 'lines',
    header: {
      title: safe(scenario.name),
      session: log.session,
      clock: 'real',
      speed: clock.speed,
      seed,
      started: clock.wallTime(),
      log: logFile,
    },
    now: () => clock.wallTime(),
    finished: () => host.finished(),
    subscribe: (sink) => backlog.follow(sink),
  };
}

function controls(settings: RunSettings, session: Session): DashboardControls {
  const { host } = session;
  return {
    async publish({ type, payload, traceId }) {
      const { event_id, trace_id } = await host.publish({ type, payload: checkPayload(payload), source: BY, traceId });
      return { event_id, trace_id };
    },
    pauseBus: () => host.pause(BY),
    resumeBus: () => host.resume(BY),
    setSpeed: (speed) => host.setSpeed(speed, BY),
    fault: (change) => void host.fault(faultChange(change), BY),
    expectations: () => host.expectations(),
    knownTypes: () => knownTypes(settings, session.bus),
    payload: (wanted) => host.payloadOf(wanted) ?? examplePayload(wanted),
  };
}

function knownTypes({ scenario }: RunSettings, bus: EventBus): readonly string[] {
  const handlers = [...scenario.services.values()].flatMap((service) => [...service.handlers.values()]);
  const subscribed = handlers.flatMap(({ subscribe }) => subscribe).filter((type) => !type.includes('*'));
  const published = Object.keys(bus.getStats().eventCounts);
  return [...new Set([...subscribed, ...published, ...Object.values(EventType)])];
}
