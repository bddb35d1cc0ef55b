/** What one attempt is going to do. Faults rewrite it before the attempt begins. */
import type { Random } from '../../kernel/index.js';
import type { FaultOf, FaultType } from '../../scenario/index.js';

export type Ending =
  /** The work is done and what it publishes is published. */
  | { readonly kind: 'done' }
  | { readonly kind: 'fail'; readonly error: Error }
  | { readonly kind: 'drop'; readonly reason: string }
  /** It never ends. */
  | { readonly kind: 'hang' };

export const DONE: Ending = { kind: 'done' };

export interface AttemptPlan {
  /** How long one round of work takes, in milliseconds. */
  delay: number;
  /** How often the work is done. */
  rounds: number;
  ending: Ending;
  /** The kind of fault that the log shows. */
  fault: string | undefined;
}

/** When an attempt begins, for faults that depend on it. */
export interface Moment {
  /** Milliseconds since the session started. */
  readonly elapsed: number;
  /** `service.handler`, for messages. */
  readonly handler: string;
}

/** Changes the plan of an attempt that the fault's probability picked; false where it leaves it alone all the same. */
export type Strike = (plan: AttemptPlan, moment: Moment) => boolean;

/** One kind of fault. `arm` is called once for each fault of each handler; `random` is that fault's own generator. */
export interface FaultKind<K extends FaultType> {
  arm(fault: FaultOf<K>, random: Random): Strike;
}
