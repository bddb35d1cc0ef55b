/** A whole run in virtual time. */
import type { BusObserver, BusStats, CloseReport, EventBus, EventLog } from '../bus/index.js';
import { CfBusError, Ids, isCfBusError, newSessionId, seededRandom, VirtualClock } from '../kernel/index.js';
import type { Scenario } from '../scenario/index.js';
import { createSimulatedBus } from './create-bus.js';
import { createSimulation } from './create-simulation.js';
import type { ModuleLoader } from './module-loader.js';
import type { Progress, RunResult } from './results.js';
import type { SimulatedBusOptions, Simulation } from './simulation.js';

const DEFAULT_DRAIN_MS = 30_000;

export interface VirtualRunOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Makes the run's log, once clock and ids are there. It is flushed before the result is given. */
  readonly openLog?: ((parts: { readonly clock: VirtualClock; readonly ids: Ids }) => EventLog) | undefined;
  readonly observers?: readonly BusObserver[] | undefined;
  /** Called about ten times a second of real time. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly limits?: SimulatedBusOptions['limits'];
  /** Stops the traffic at this virtual time. */
  readonly duration?: number | undefined;
  /** How long the bus may take to become idle after the traffic. Default 30 s. */
  readonly drain?: number | undefined;
  readonly allowModules?: boolean | undefined;
  readonly loadModule?: ModuleLoader | undefined;
  /** Ends the run early, as `duration` does. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a scenario from start to end in virtual time, as fast as it goes, and judges it. The same scenario and seed give
 * the same run on every machine.
 * @throws (rejects with) CfBusError `INVALID_SCENARIO` (modules), `USAGE` for a scenario that never ends without `duration`.
 */
export async function runVirtual(options: VirtualRunOptions): Promise<RunResult> {
  const { scenario, seed, allowModules, loadModule, observers, limits } = options;
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const ids = new Ids(newSessionId(random.fork('session')));
  const log = options.openLog?.({ clock, ids });
  const bus = createSimulatedBus({ clock, ids, random, log, observers, limits });
  const simulation = createSimulation({ scenario, bus, clock, ids, random, allowModules, loadModule });
  if (!simulation.endsByItself && options.duration === undefined) throw neverEnds(scenario);
  await simulation.start();
  const { left, duration } = await driveToEnd(simulation, clock, options);
  const traffic = await simulation.finished;
  const expectations = simulation.expectations();
  const { failure } = traffic;
  const failed = failure !== undefined || expectations.some(({ verdict }) => verdict === 'failed');
  return {
    seed,
    session: ids.session,
    passed: !failed && left.abandoned.length === 0 && left.cancelled === 0,
    failure,
    traffic,
    expectations,
    problems: simulation.problems(),
    left,
    duration,
    ...totals(bus),
  };
}

interface End {
  readonly left: CloseReport;
  readonly duration: number;
}

async function driveToEnd(simulation: Simulation, clock: VirtualClock, options: VirtualRunOptions): Promise<End> {
  const { duration, signal, onProgress, drain = DEFAULT_DRAIN_MS } = options;
  const stop = () => simulation.stop();
  if (duration !== undefined) clock.setTimer(duration, stop);
  if (signal?.aborted === true) stop();
  signal?.addEventListener('abort', stop, { once: true });
  let closed = false;
  const end = simulation.finished.then(async () => {
    const left = await simulation.close({ drain });
    closed = true;
    return { left, duration: clock.now() };
  });
  const drive = () => clock.drive({ until: () => closed, onProgress: () => onProgress?.(simulation.progress()) });
  try {
    await drive();
  } catch (error) {
    if (!isCfBusError(error)) throw error;
    simulation.fail(error);
    await drive();
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  return end;
}

function neverEnds({ file }: Scenario): CfBusError {
  return new CfBusError(
    'USAGE',
    `${file}: nothing ends this run: it has no requests, only services that publish by themselves`,
    {
      hint: 'say how long it is to run: --duration 1m',
    },
  );
}

function totals(bus: EventBus): { readonly events: number; readonly deliveries: number } {
  const { eventCounts, deliveries }: BusStats = bus.getStats();
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, count) => total + count, 0);
  return { events: sum(eventCounts), deliveries: sum(deliveries) };
}
