/** The beginning of the dashboard's thread. */
import { isMainThread, workerData } from 'node:worker_threads';
import { isObject } from '../../kernel/index.js';
import { GUEST_KIND } from './guest-thread.js';

/** Runs the dashboard where this module was loaded as the program of its thread; does nothing anywhere else. */
export function serveThread(): void {
  if (isMainThread || !isObject(workerData) || workerData.kind !== GUEST_KIND) return;
  // What cannot be loaded ends the thread, and the other one hears of it.
  void import('../drawing.js').then(({ serveGuest }) => serveGuest());
}
