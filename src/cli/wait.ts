/** Waiting with a limit. */
import { type Clock, realClock } from '../kernel/index.js';

/** Resolves with true when `work` is done, with false when `limit` milliseconds have passed before that. */
export function withTimeout(work: Promise<unknown>, limit: number, clock: Clock = realClock): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(limit, () => resolve(false));
    work.then(
      () => {
        timer.cancel();
        resolve(true);
      },
      (error: unknown) => {
        timer.cancel();
        reject(error);
      },
    );
  });
}
