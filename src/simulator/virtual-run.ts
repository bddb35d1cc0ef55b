/** A whole run in virtual time. */
import type { BusObserver, EventLog } from '../bus/index.js';
import type { Ids, VirtualClock } from '../kernel/index.js';
import type { Scenario } from '../scenario/index.js';
import type { ModuleLoader } from './module-loader.js';
import type { Progress } from './results.js';
import type { SimulatedBusOptions } from './simulation.js';

export interface VirtualRunOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Makes the run's log, once clock and ids are there. It is flushed before the result is given. */
  readonly openLog?: ((parts: { readonly clock: VirtualClock; readonly ids: Ids }) => EventLog) | undefined;
  readonly observers?: readonly BusObserver[] | undefined;
  /** Called about ten times a second of real time. */
  readonly onProgress?: ((progress: Progress & { readonly events: number }) => void) | undefined;
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
