/** `run` with the dashboard on the screen. */
import type { EventBus } from '../../bus/index.js';
import { EventType } from '../../bus/index.js';
import type {
  DashboardControls,
  DashboardExit,
  DashboardSource,
  ExpectationView,
  FaultSwitch,
} from '../../dashboard/index.js';
import { CfBusError, checkPayload, safe } from '../../kernel/index.js';
import { type LogRecord, payloadReader } from '../../record/index.js';
import type { FaultChange } from '../../session/index.js';
import type { Judgement } from '../../simulator/index.js';
import type { Context } from '../context.js';
import type { RunOptions } from '../definitions/simulating.js';
import type { Notices } from './notify.js';
import type { Session } from './open-session.js';
import { RecentPayloads } from './recent-payloads.js';
import type { RunSettings } from './settings.js';
import { aborted, limitDuration, type Shown } from './shown.js';
import { watchScenario } from './watch.js';

const BY = 'dashboard';

/** A dashboard needs a terminal on both sides, and nobody who reads lines. */
export function wantsDashboard({ out, stdin, env }: Context, { ui, json }: RunOptions): boolean {
  if (!ui || json === true || !out.isTerminal) return false;
  if (env.TERM === 'dumb' || env.CI !== undefined) return false;
  return stdin().isTTY === true;
}

export async function runDashboard(
  context: Context,
  settings: RunSettings,
  session: Session,
  notices: Notices,
): Promise<Shown> {
  const { lifecycle } = context;
  const { simulation } = session;
  const payloads = new RecentPayloads(payloadReader(settings.options.redact));
  session.bus.probe.attach(payloads);
  const source = liveSource(settings, session);
  notices.hold();
  await session.start();
  if (settings.options.watch === true) lifecycle.onClose(watchScenario(settings, simulation, notices));
  limitDuration(session, settings.options.duration);
  const closer = new AbortController();
  void Promise.race([aborted(lifecycle.signal), session.stopped]).then(() => closer.abort());
  const { openDashboard } = await import('../../dashboard/index.js');
  const exit = await openDashboard({
    source,
    controls: controls(settings, session, payloads),
    stdin: process.stdin,
    stdout: process.stdout,
    ascii: context.ascii,
    color: context.out.color,
    screenReader: settings.options.screenReader === true || context.env.INK_SCREEN_READER === 'true',
    signal: closer.signal,
  });
  notices.release();
  leave(exit, context);
  simulation.stop();
  return { traffic: await simulation.finished, hurry: true, finish: () => {} };
}

function leave(exit: DashboardExit, { lifecycle }: Context): void {
  if (exit.kind === 'interrupt') lifecycle.end({ kind: 'signal', exitCode: 130 });
  if (exit.kind === 'unread') lifecycle.end({ kind: 'unread' });
  if (exit.kind === 'crashed') {
    const error = new CfBusError('INTERNAL', 'the dashboard failed; the run has been ended in good order', {
      hint: 'cf-bus run --no-ui does without it; CF_BUS_DEBUG=1 shows where it failed',
      exitCode: 1,
      cause: exit.error,
    });
    lifecycle.end({ kind: 'failed', error });
  }
}

/** Records from the first on: those before the dashboard is ready wait for it. */
function liveSource({ scenario, seed, logFile }: RunSettings, session: Session): DashboardSource {
  const { log, clock, bus, simulation } = session;
  let waiting: LogRecord[] = [];
  const stopWaiting = log.observer.watch((record) => waiting.push(record));
  let over = false;
  void simulation.finished.then(() => {
    over = true;
  });
  return {
    kind: 'live',
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
    finished: () => over && bus.idleNow,
    subscribe(sink) {
      stopWaiting();
      sink(waiting, 0);
      waiting = [];
      const batch: LogRecord[] = [];
      return log.observer.watch((record) => {
        batch[0] = record;
        sink(batch, 0);
      });
    },
  };
}

function controls(settings: RunSettings, session: Session, payloads: RecentPayloads): DashboardControls {
  const { host, clock, log, simulation } = session;
  return {
    async publish({ type, payload, traceId }) {
      const { event_id, trace_id } = await host.publish({ type, payload: checkPayload(payload), source: BY, traceId });
      return { event_id, trace_id };
    },
    pauseBus: () => host.pause(BY),
    resumeBus: () => host.resume(BY),
    setSpeed(speed) {
      clock.setSpeed(speed);
      log.observer.controlChanged({ action: 'speed', target: String(speed), by: BY });
    },
    fault: (change) => void host.fault(faultChange(change), BY),
    expectations: () => simulation.expectations().map(expectation),
    knownTypes: () => knownTypes(settings, session.bus),
    template: (type) => payloads.ofType(type),
    payloadOf: (eventId) => payloads.ofEvent(eventId),
  };
}

function faultChange(change: FaultSwitch): FaultChange {
  const { target, type } = change;
  if (!change.on) return { on: false, target, type };
  return change.type === 'slow'
    ? { on: true, target, type: 'slow', by_ms: change.byMs }
    : { on: true, target, type: change.type };
}

const STATES = { passed: 'holds', failed: 'failed', inconclusive: 'pending' } as const;

function expectation({ expectation: { text }, verdict, sentence }: Judgement): ExpectationView {
  return { label: text, state: STATES[verdict], detail: sentence };
}

function knownTypes({ scenario }: RunSettings, bus: EventBus): readonly string[] {
  const handlers = [...scenario.services.values()].flatMap((service) => [...service.handlers.values()]);
  const subscribed = handlers.flatMap(({ subscribe }) => subscribe).filter((type) => !type.includes('*'));
  const published = Object.keys(bus.getStats().eventCounts);
  return [...new Set([...subscribed, ...published, ...Object.values(EventType)])];
}
