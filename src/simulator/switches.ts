/** Faults, delays and outages that people switch on and off while a simulation runs. */
import type { Fault, FaultType } from '../scenario/index.js';

/** A handler and the faults that act on it now. */
export interface SwitchState {
  readonly service: string;
  readonly handler: string;
  readonly faults: readonly {
    readonly fault: Fault;
    /** Switched on by a person, not written in the scenario. */
    readonly live: boolean;
  }[];
}

/**
 * A `target` is `handler`, `service.handler` or `service`. Every switch returns the handlers it acts on, as
 * `service.handler`, and throws `NOT_FOUND` where there is none.
 */
export interface Switches {
  /** All handlers, in the scenario's order. */
  list(): readonly SwitchState[];
  /** Switches `fault` on; it takes the place of every other of its type, written ones included. */
  on(target: string, fault: Fault): readonly string[];
  /** Switches faults of a type off, written ones included. */
  off(target: string, type: FaultType | 'all'): readonly string[];
}
