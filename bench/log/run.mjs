/**
 * What a line of the log costs: the recorder with batched pino, against pino with its own synchronous destination,
 * in the same run and on the same records. Usage: node bench/log/run.mjs [rounds]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import pino from 'pino';

const ROUNDS = Number(process.argv[2] ?? 7);
/** Events a round; each has four deliveries, so nine lines. */
const EVENTS = 20_000;
const DELIVERIES = 4;
const LINES = EVENTS * (1 + 2 * DELIVERIES);
/** Events between two turns of the event loop. */
const TURN = 100;

const folder = mkdtempSync(join(tmpdir(), 'cf-bus-bench-'));
// Beside the sources, so that the bundle finds the project's pino.
const bundle = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'cf-bus-bench', 'record.mjs');
await build({
  entryPoints: [join(import.meta.dirname, '..', '..', 'src', 'record', 'index.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile: bundle,
  logLevel: 'error',
});
const { openLog } = await import(pathToFileURL(bundle).href);

const subscribers = Array.from({ length: DELIVERIES }, (_, index) => ({
  subscriptionId: `sub-k3q9x2m1a-${index + 1}`,
  service: 'vector_index',
  handler: `index_repository_${index}`,
  patterns: ['index.updated'],
}));

function makeEvent(number) {
  return {
    id: `evt-k3q9x2m1a-${number}`,
    type: 'index.updated',
    payload: { repo_path: '/srv/web', files_indexed: 150, chunks_created: 1200 },
    source: 'vector_index_service',
    traceId: `req-${number}`,
    timestamp: Date.now(),
    causationId: undefined,
    causationDeliveryId: undefined,
  };
}

async function drive(observer) {
  const started = performance.now();
  for (let number = 1; number <= EVENTS; number++) {
    const event = makeEvent(number);
    observer.published(event, DELIVERIES);
    for (let index = 0; index < DELIVERIES; index++) {
      const delivery = {
        id: `dlv-k3q9x2m1a-${number * DELIVERIES + index}`,
        event,
        subscriber: subscribers[index],
        attempt: 1,
        queuedMs: 0.0213,
        durationMs: 12.3456 + index,
        fault: undefined,
      };
      observer.started(delivery);
      observer.completed(delivery);
    }
    if (number % TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return { started };
}

/** What a program does that calls pino itself: all keys at each call, every line a write. */
function pinoObserver(logger) {
  let seq = 0;
  const keys = (delivery) => ({
    seq: ++seq,
    delivery_id: delivery.id,
    subscription_id: delivery.subscriber.subscriptionId,
    event_id: delivery.event.id,
    event_type: delivery.event.type,
    trace_id: delivery.event.traceId,
    service: delivery.subscriber.service,
    handler: delivery.subscriber.handler,
    attempt: delivery.attempt,
  });
  return {
    published: (event, subscriberCount) =>
      logger.info({
        event: 'event_published',
        seq: ++seq,
        event_type: event.type,
        event_id: event.id,
        source: event.source,
        trace_id: event.traceId,
        subscriber_count: subscriberCount,
        payload_keys: Object.keys(event.payload),
      }),
    started: (delivery) => logger.debug({ event: 'event_handler_start', ...keys(delivery) }),
    completed: (delivery) =>
      logger.debug({
        event: 'event_handler_complete',
        ...keys(delivery),
        duration_ms: Math.round(delivery.durationMs * 1000) / 1000,
        queued_ms: Math.round(delivery.queuedMs * 1000) / 1000,
      }),
  };
}

function plainPino(file, minLength) {
  const destination = pino.destination({ dest: file, sync: true, minLength });
  const logger = pino(
    {
      level: 'debug',
      base: { session: 'k3q9x2m1a' },
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  );
  return { observer: pinoObserver(logger), end: () => destination.flushSync() };
}

function recorder(file, watch) {
  const log = openLog({ file, level: 'debug', session: 'k3q9x2m1a' });
  let seen = 0;
  if (watch) log.observer.watch(() => void seen++);
  return { observer: log.observer, end: () => log.close() };
}

const contenders = {
  'pino, synchronous destination': (file) => plainPino(file, 0),
  'pino, sync, minLength 4096': (file) => plainPino(file, 4096),
  'recorder + pino, batched': (file) => recorder(file, false),
  'the same, one watcher': (file) => recorder(file, true),
};

const rates = new Map(Object.keys(contenders).map((name) => [name, []]));
let bytes = 0;
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, make] of Object.entries(contenders)) {
    const file = join(folder, `${round}-${name.replaceAll(/\W+/g, '-')}.log`);
    const { observer, end } = make(file);
    const { started } = await drive(observer);
    end();
    const seconds = (performance.now() - started) / 1_000;
    bytes = statSync(file).size / LINES;
    rmSync(file);
    // The first round warms up.
    if (round > 0) rates.get(name).push(LINES / seconds);
  }
}
rmSync(folder, { recursive: true });

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const base = median(rates.get('pino, synchronous destination'));
console.log(`lines of ${Math.round(bytes)} bytes, median of ${ROUNDS} rounds`);
for (const [name, values] of rates) {
  const rate = median(values);
  console.log(
    `${name.padEnd(32)} ${String(Math.round(rate / 1_000)).padStart(5)}k lines/s  ×${(rate / base).toFixed(2)}`,
  );
}
