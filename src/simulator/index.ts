/**
 * The simulator: a scenario come alive on a bus. The functions that come with these types:
 * `createSimulatedBus(options): EventBus`, `createSimulation(options): Simulation`, and, for a whole run in virtual
 * time, `runVirtual(options): Promise<RunResult>`.
 */
export type { ModuleLoader } from './module-loader.js';
export type { Judgement, Problem, Progress, RequestFailure, RunResult, TrafficResult, Verdict } from './results.js';
export {
  type Reload,
  SIMULATION_LIMITS,
  type SimulatedBusOptions,
  type Simulation,
  type SimulationOptions,
} from './simulation.js';
export type { Switches, SwitchState } from './switches.js';
export type { VirtualRunOptions } from './virtual-run.js';
