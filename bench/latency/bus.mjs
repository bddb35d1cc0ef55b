import { join } from 'node:path';
import { EventBus, openLog } from '../../dist/index.js';

/** Four handlers that tell when they start. */
export function prepareBus({ log: level, folder, onStart }) {
  const log = level === undefined ? undefined : openLog({ file: join(folder, `${level}.log`), level });
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
