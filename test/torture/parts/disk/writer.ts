/**
 * An embedding program that publishes so many events a second until SIGTERM, one record each, and tells of its log on
 * standard error. SIGHUP opens the log anew. At the end it prints how many records it made, lost ones included.
 *
 * Arguments: log file, events a second, prefix of the trace ids, bytes of payload that are logged with each event.
 */
import { EventBus, isCfBusError, openLog } from '../../../../src/index.js';

const [, , file = '', rate = '', prefix = '', bytes = '0'] = process.argv;
const STEP_MS = 10;

let records = 0;
const log = openLog({
  file,
  level: 'info',
  payloads: bytes !== '0',
  onTrouble: ({ message }) => process.stderr.write(`TROUBLE ${message}\n`),
  onRecovered: (lost) => process.stderr.write(`RECOVERED ${lost}\n`),
  onLines(lines) {
    for (let at = lines.indexOf('\n'); at !== -1; at = lines.indexOf('\n', at + 1)) records++;
  },
});
const bus = new EventBus({ log });
bus.subscribe('disk.tick', function hear() {});
const payload = { text: 'x'.repeat(Number(bytes)) };
const begun = performance.now();
let published = 0;

const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - begun) * Number(rate)) / 1_000);
  while (published < due) {
    void bus.publish({ type: 'disk.tick', payload, source: 'disk', traceId: `${prefix}-${++published}` });
  }
}, STEP_MS);

process.on('SIGHUP', () => log.reopen());
process.on('SIGTERM', async () => {
  clearInterval(timer);
  const seconds = (performance.now() - begun) / 1_000;
  await bus.close();
  let refused = '';
  try {
    log.close();
  } catch (error) {
    refused = isCfBusError(error) ? error.message : `not ours: ${error}`;
  }
  process.stdout.write(`${JSON.stringify({ published, records, seconds, refused })}\n`);
});
