/** The faults of one handler: those written in the scenario, and those that people switch on and off. */
import type { Random } from '../../kernel/index.js';
import type { Fault, FaultType } from '../../scenario/index.js';
import { arm } from './index.js';
import { type AttemptPlan, DONE, type Moment, type Strike } from './plan.js';

interface Armed {
  readonly fault: Fault;
  readonly live: boolean;
  readonly random: Random;
  readonly strike: Strike;
}

export class FaultSet {
  readonly #random: Random;
  #armed: readonly Armed[];
  /** What people switched, the last word for each type; `undefined` is off. */
  readonly #switched = new Map<FaultType | 'all', Fault | undefined>();

  /** Every fault draws from a fork of its own: adding one of another kind changes none of the others' draws. */
  constructor(written: readonly Fault[], random: Random) {
    this.#random = random;
    const seen = new Map<FaultType, number>();
    this.#armed = written.map((fault) => {
      const nth = seen.get(fault.type) ?? 0;
      seen.set(fault.type, nth + 1);
      return this.#arm(fault, `${fault.type}:${nth}`, false);
    });
  }

  get none(): boolean {
    return this.#armed.length === 0;
  }

  list(): readonly { readonly fault: Fault; readonly live: boolean }[] {
    return this.#armed.map(({ fault, live }) => ({ fault, live }));
  }

  switchOn(fault: Fault): void {
    this.#remember(fault.type, fault);
    this.#armed = [...this.#without(fault.type), this.#arm(fault, `live:${fault.type}`, true)];
  }

  switchOff(type: FaultType | 'all'): void {
    if (type === 'all') this.#switched.clear();
    this.#remember(type, undefined);
    this.#armed = this.#without(type);
  }

  /** Makes the same switches on another handler's faults. */
  replayOn(other: FaultSet): void {
    for (const [type, fault] of this.#switched) {
      if (fault === undefined) other.switchOff(type);
      else other.switchOn(fault);
    }
  }

  /**
   * Rewrites the plan of an attempt. Each fault draws, whatever the others did; the first one that decides how the
   * attempt ends is the last one that acts.
   */
  plan(plan: AttemptPlan, moment: Moment): void {
    for (const { fault, random, strike } of this.#armed) {
      const picked = fault.probability >= 1 || random.next() < fault.probability;
      if (picked && plan.ending === DONE && strike(plan, moment)) plan.fault = fault.type;
    }
  }

  #remember(type: FaultType | 'all', fault: Fault | undefined): void {
    this.#switched.delete(type);
    this.#switched.set(type, fault);
  }

  #without(type: FaultType | 'all'): readonly Armed[] {
    return this.#armed.filter((armed) => type !== 'all' && armed.fault.type !== type);
  }

  #arm(fault: Fault, name: string, live: boolean): Armed {
    const random = this.#random.fork(name);
    return { fault, live, random, strike: arm(fault, random.fork('strike')) };
  }
}
