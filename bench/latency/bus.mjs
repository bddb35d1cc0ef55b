import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBus, openLog } from '../../dist/index.js';

/** Four handlers that tell when they start. */
export function prepareBus({ log: level, onStart }) {
  const folder = level === undefined ? undefined : mkdtempSync(join(tmpdir(), 'cf-bus-bench-'));
  const log = folder === undefined ? undefined : openLog({ file: join(folder, 'bench.log'), level });
  // The file is open, and gone with this process, however it ends.
  if (folder !== undefined) rmSync(folder, { recursive: true });
  const bus = new EventBus({ log });
  for (let each = 0; each < 4; each++) {
    bus.subscribe('index.updated', async ({ payload: { sent, due } }) => onStart(sent, due, performance.now()));
  }
  return {
    call(due) {
      void bus.publish({ type: 'index.updated', payload: { sent: performance.now(), due }, source: 'bench' });
    },
    settle: () => bus.idle(),
  };
}
