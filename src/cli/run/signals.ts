/** SIGHUP: a terminal that goes away ends the run; without a terminal it means that the log was rotated. */
import { closeSync, openSync } from 'node:fs';
import type { Log } from '../../record/index.js';
import type { Lifecycle } from '../lifecycle.js';

export function takeHangups(lifecycle: Lifecycle, log: Log): void {
  if (hasControllingTerminal()) return lifecycle.takeSignals(['SIGHUP']);
  const reopen = () => log.reopen();
  process.on('SIGHUP', reopen);
  lifecycle.onClose(() => void process.off('SIGHUP', reopen));
}

function hasControllingTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
