/**
 * An embedding program to be killed: publishes as fast as it can, and says on standard output up to which number its
 * events are promised to be in the log. `flush`: after `flushSync`. `turn`: what an earlier turn of the event loop published.
 */
import { writeSync } from 'node:fs';
import { EventBus, openLog } from '../../../../src/index.js';

const [, , file = '', promise = '', prefix = ''] = process.argv;
/** Events between two promises: many small ones, or a few so large that a kill within a write is likely. */
const BATCH = promise === 'turn' ? 60 : 4;
const payload = promise === 'turn' ? {} : { text: 'x'.repeat(60_000) };

const log = openLog({ file, level: 'debug', payloads: true });
const bus = new EventBus({ log });
bus.subscribe('victim.work', async function work(_event, { publish }) {
  await publish({ type: 'victim.done', payload: {} });
});
bus.subscribe('victim.*', function hear() {});

let count = 0;
let stopping = false;
process.on('SIGTERM', () => {
  stopping = true;
});

function say(): void {
  if (count > 0) writeSync(1, `${count}\n`);
}

async function turn(): Promise<void> {
  if (promise === 'turn') say();
  if (stopping) {
    await bus.close();
    process.exit(0);
  }
  for (let index = 0; index < BATCH; index++) {
    void bus.publish({ type: 'victim.work', payload, source: 'victim', traceId: `${prefix}-${++count}` });
  }
  if (promise === 'flush') {
    log.flushSync();
    say();
  }
  setImmediate(() => void turn());
}

void turn();
