/** What the two ways to show a run, lines and dashboard, have in common. */
import type { TrafficResult } from '../../simulator/index.js';
import type { Session } from './open-session.js';

/** A run whose traffic is over. */
export interface Shown {
  readonly traffic: TrafficResult;
  /** Somebody wants to leave: what is under way gets seconds, not the whole time to drain. */
  readonly hurry: boolean;
  /** Shows what is still to show; what is printed afterwards comes after it. */
  readonly finish: () => void;
}

/** Resolves when `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((settle) => signal.addEventListener('abort', () => settle(), { once: true }));
}

/** Ends the traffic after `duration` milliseconds of scenario time. */
export function limitDuration({ clock, simulation }: Session, duration: number | undefined): void {
  if (duration !== undefined) clock.setTimer(duration, () => simulation.stop(), { background: true });
}
