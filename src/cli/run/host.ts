/** A run as the control socket drives it. */
import type { EventBus } from '../../bus/index.js';
import { CfBusError, formatDuration, type ScaledClock, VERSION } from '../../kernel/index.js';
import type { Log } from '../../record/index.js';
import type { Fault } from '../../scenario/index.js';
import type {
  Accepted,
  ExpectationState,
  FaultChange,
  PublishInput,
  SessionHost,
  SessionInfo,
} from '../../session/index.js';
import type { Judgement, Simulation } from '../../simulator/index.js';
import { statsJson } from '../stats-json.js';
import type { RecentPayloads } from './recent-payloads.js';

export interface HostParts {
  readonly scenario: string;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** Absolute; `undefined` where nothing is logged. */
  readonly logFile: string | undefined;
  readonly bus: EventBus;
  readonly log: Log;
  readonly clock: ScaledClock;
  readonly simulation: Simulation;
  readonly payloads: RecentPayloads;
  /** Resolves when the services have subscribed: what is published before that would meet nobody. */
  readonly ready: Promise<void>;
  /** False once the run is ending. */
  readonly taking: () => boolean;
  readonly stop: (by: string) => void;
}

export function createHost(parts: HostParts): SessionHost {
  const { bus, log, clock, simulation, payloads } = parts;
  let over = false;
  void simulation.finished.then(() => {
    over = true;
  });
  const note = (action: string, target: string, by: string) => log.observer.controlChanged({ action, target, by });
  return {
    hello: () => info(parts),
    async publish(input) {
      await parts.ready;
      if (!parts.taking()) throw ending();
      return publish(input, bus, log);
    },
    flush: () => log.flushSync(),
    watch: (sink) => log.observer.watch(sink),
    stats: () => ({ ...statsJson(bus.getStats()), session: log.session, scenario: parts.scenario, paused: bus.paused }),
    fault(change, by) {
      const targets = switchFault(change, simulation);
      for (const target of targets) note(faultAction(change), target, by);
      return targets;
    },
    pause(by) {
      if (bus.paused) return;
      bus.pause();
      note('pause', 'bus', by);
    },
    resume(by) {
      if (!bus.paused) return;
      bus.resume();
      note('resume', 'bus', by);
    },
    setSpeed(speed, by) {
      clock.setSpeed(speed);
      note('speed', String(speed), by);
    },
    payloadOf: (wanted) => payloads.of(wanted),
    expectations: () => simulation.expectations().map(expectationState),
    finished: () => over && bus.idleNow,
    stop(by) {
      note('stop', 'session', by);
      parts.stop(by);
    },
  };
}

function info({ log, scenario, started, logFile, bus, clock }: HostParts): SessionInfo {
  const { session } = log;
  const { paused } = bus;
  const time = new Date(clock.wallTime()).toISOString();
  return { session, scenario, started, log: logFile ?? null, version: VERSION, paused, speed: clock.speed, time };
}

const STATES = { passed: 'holds', failed: 'failed', inconclusive: 'pending' } as const;

function expectationState({ expectation, verdict, sentence }: Judgement): ExpectationState {
  return { label: expectation.text, state: STATES[verdict], detail: sentence };
}

function ending(): CfBusError {
  return new CfBusError('BUS_CLOSED', 'the session is ending and takes no more events', {
    hint: 'nothing was published',
    exitCode: 3,
  });
}

function publish(input: PublishInput, bus: EventBus, log: Log): Accepted {
  if (!log.available) {
    throw new CfBusError(
      'LOG_UNAVAILABLE',
      `the session cannot write its log${log.file === undefined ? '' : ` ${log.file}`}`,
      {
        hint: 'nothing was published; free space or mend the file, then publish again',
        exitCode: 3,
      },
    );
  }
  const { type, payload, source, traceId } = input;
  const { event, settled } = bus.publishTracked({ type, payload, source, traceId });
  const summary = settled.then(({ failed, dead, abandoned }) => ({ settled: abandoned === 0, failed: failed + dead }));
  return { event_id: event.id, trace_id: event.traceId, settled: summary };
}

function switchFault(change: FaultChange, { switches }: Simulation): readonly string[] {
  return change.on ? switches.on(change.target, liveFault(change)) : switches.off(change.target, change.type);
}

/** As the log tells it: also by how much a handler was slowed down. */
function faultAction(change: FaultChange): string {
  if (!change.on) return `fault ${change.type} off`;
  return change.type === 'slow' ? `fault slow on ${formatDuration(change.by_ms)}` : `fault ${change.type} on`;
}

/** A fault as a client writes it, as the simulator takes it: certain unless it says otherwise. */
function liveFault(change: FaultChange & { readonly on: true }): Fault {
  const { probability = 1 } = 'probability' in change ? change : {};
  switch (change.type) {
    case 'error':
      return { type: 'error', probability, message: change.message ?? 'switched on by hand' };
    case 'slow':
      return { type: 'slow', probability, by: { type: 'constant', value: change.by_ms } };
    case 'down':
      return { type: 'down', probability, from: 0, until: Number.POSITIVE_INFINITY };
    default:
      return { type: change.type, probability };
  }
}
