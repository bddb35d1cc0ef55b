/** The bus of a simulation, made in one place so that real and virtual runs use the same. */
import { EventBus } from '../bus/index.js';
import { SIMULATION_LIMITS, type SimulatedBusOptions } from './simulation.js';

export function createSimulatedBus(options: SimulatedBusOptions): EventBus {
  const { clock, ids, log, limits, observers = [] } = options;
  const random = options.random.fork('bus');
  const bus = new EventBus({
    clock,
    ids,
    log,
    limits: { ...SIMULATION_LIMITS, ...limits },
    // Nothing asks a virtual run for the past, and what is kept costs it time.
    history: clock.kind === 'virtual' ? 0 : undefined,
    random: () => random.next(),
  });
  for (const observer of observers) bus.probe.attach(observer);
  return bus;
}
