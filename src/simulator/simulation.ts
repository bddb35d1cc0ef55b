/** What the command line sees of a scenario come alive. */
import type { BusObserver, CloseReport, EventBus, EventLog } from '../bus/index.js';
import type { CfBusError, Clock, Ids, Random } from '../kernel/index.js';
import type { Scenario } from '../scenario/index.js';
import type { ModuleLoader } from './module-loader.js';
import type { Judgement, Progress, RunProblem, TrafficResult } from './results.js';
import type { Switches } from './switches.js';

/** Bounds on what one root event may cause, so that a scenario that triggers itself ends with `EVENT_LOOP`. */
export const SIMULATION_LIMITS = { depth: 1_000, events: 25_000 } as const;

export interface SimulatedBusOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  /** The run's generator; the bus takes a fork of it. */
  readonly random: Random;
  readonly log?: EventLog | undefined;
  readonly observers?: readonly BusObserver[] | undefined;
  readonly limits?: { readonly depth?: number; readonly events?: number } | undefined;
}

export interface SimulationOptions {
  readonly scenario: Scenario;
  /** From `createSimulatedBus`. */
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The run's generator: `seededRandom(seed)`. */
  readonly random: Random;
  /** Runs `module` handlers, which are the user's code. Default false. */
  readonly allowModules?: boolean | undefined;
  readonly loadModule?: ModuleLoader | undefined;
}

/** What a reload did. */
export interface Reload {
  /** Handlers that are there now. */
  readonly handlers: number;
  /** Keys of the file that changed but only count after a restart, e.g. `phases`. */
  readonly restartNeeded: readonly string[];
}

export interface Simulation {
  /**
   * Subscribes the services and begins the traffic.
   * @throws CfBusError `INVALID_SCENARIO` for a `module` handler that cannot be loaded or is not allowed; nothing is subscribed then.
   */
  start(): Promise<void>;
  /** Resolves when the traffic is over and all requests have ended, at `stop`, or when the run fails. Never rejects. */
  readonly finished: Promise<TrafficResult>;
  /** False where nothing but `stop` ends the traffic: no requests and no phases, but services that publish by themselves. */
  readonly endsByItself: boolean;
  /** Ends the traffic now: no more requests, those that run are cut off, services publish nothing more by themselves. */
  stop(): void;
  /** Stops the run as failed: no handler does anything any more, `finished` tells the error, `close` drains nothing. */
  fail(error: CfBusError): void;
  /**
   * Stops, waits at most `drain` milliseconds of the clock until the bus is idle, judges for good, and closes the bus.
   * Default: as long as it takes; after a failed run, not at all.
   */
  close(options?: { readonly drain?: number | undefined }): Promise<CloseReport>;
  /** Ends the wait of a `close` that is under way: what has not ended is abandoned. */
  giveUp(): void;
  /** Judged so far; for good after `close`. */
  expectations(): readonly Judgement[];
  /** Parts of the scenario that failed while they ran, each once with its count. */
  problems(): readonly RunProblem[];
  progress(): Progress;
  /** Faults, delays and outages that people switch while it runs. */
  readonly switches: Switches;
  /**
   * Swaps services and expectations; running deliveries finish on the old handlers, traffic goes on. Expectations are
   * judged from here on. Where it throws, everything stays as it was.
   * @throws CfBusError `INVALID_SCENARIO` as `start`.
   */
  reload(scenario: Scenario): Promise<Reload>;
}
