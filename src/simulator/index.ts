/** The simulator: a scenario come alive on a bus, in real or in virtual time. */
export { createSimulatedBus } from './create-bus.js';
export { createSimulation } from './create-simulation.js';
export type { ModuleLoader } from './module-loader.js';
export type { Judgement, Progress, RequestFailure, RunProblem, RunResult, TrafficResult, Verdict } from './results.js';
export {
  type Reload,
  SIMULATION_LIMITS,
  type SimulatedBusOptions,
  type Simulation,
  type SimulationOptions,
} from './simulation.js';
export type { Switches, SwitchState } from './switches.js';
export { runVirtual, type VirtualRunOptions } from './virtual-run.js';
