/**
 * A bus under load with its whole log, in a process of its own, with the dashboard or without:
 * `load.mjs OUT SECONDS RATE bare|thread|inline` (thread: as `cf-bus run` has it; inline: in the thread of the bus, fed
 * objects). RATE is records a second, 0 for as fast as it goes. It works in slices of 4 ms and lets the event loop turn
 * between them, as a bus with real handlers does. Figures go to the file OUT.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { EventBus } from '../../src/bus/index.js';
import { LineBacklog } from '../../src/cli/run/line-backlog.js';
import type { OpenOptions, RecordSink } from '../../src/dashboard/index.js';
import { realClock } from '../../src/kernel/index.js';
import { type LogRecord, openLog } from '../../src/record/index.js';

const [out = '', seconds = '5', rate = '0', mode = 'bare'] = process.argv.slice(2);
const SLICE_MS = 4;
const WARM_UP_MS = 1_500;
/** Of one request: two events, each with two subscribers. */
const RECORDS_PER_REQUEST = 10;

const folder = mkdtempSync(join(tmpdir(), 'cf-bus-bench-'));
const backlog = new LineBacklog();
// As `cf-bus run` opens it.
const log = openLog({
  file: join(folder, 'bus.log'),
  level: 'debug',
  session: 'bench',
  ...(mode === 'thread' ? { onLines: backlog.add } : {}),
});
const { observer: recorder } = log;

let waiting: LogRecord[] = [];
const stopWaiting = mode === 'inline' ? recorder.watch((record) => waiting.push(record)) : () => {};
const bus = new EventBus();
bus.probe.attach(recorder);
let requests = 0;
bus.subscribe(
  'index.started',
  async function index_repository(_event, context) {
    if (requests % 100 === 0) throw new Error('disk full');
    await context.publish({ type: 'index.completed', payload: { files_indexed: 150 } });
  },
  { service: 'vector_index' },
);
bus.subscribe('index.*', async function track() {}, { service: 'metrics' });
bus.subscribe('index.completed', async function notify() {}, { service: 'notifications' });

const closer = new AbortController();
let closed: Promise<unknown> = Promise.resolve();
if (mode !== 'bare') {
  const { openDashboard } = await import('../../src/dashboard/index.js');
  const header = {
    title: 'bench',
    session: 'bench',
    clock: 'real',
    speed: 1,
    seed: undefined,
    started: realClock.wallTime(),
    log: undefined,
  } as const;
  const now = () => realClock.wallTime();
  const source: OpenOptions['source'] =
    mode === 'thread'
      ? { kind: 'lines', header, now, subscribe: (sink) => backlog.follow(sink) }
      : { kind: 'live', header, now, subscribe: giveRecords };
  const { stdin, stdout } = process;
  closed = openDashboard({
    source,
    stdin,
    stdout,
    ascii: false,
    color: true,
    screenReader: false,
    signal: closer.signal,
  });
}

function giveRecords(sink: RecordSink): () => void {
  stopWaiting();
  sink(waiting, 0);
  waiting = [];
  const batch: LogRecord[] = [];
  return recorder.watch((record) => {
    batch[0] = record;
    sink(batch, 0);
  });
}

/** Processor time of this thread in milliseconds, where the system tells; that of the process elsewhere. */
function threadMs(): number {
  try {
    const [nanoseconds] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return processMs();
  }
}

function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const delay = monitorEventLoopDelay({ resolution: 1 });
const begin = realClock.now();
let from = begin + WARM_UP_MS;
let counted = 0;
let cpu = threadMs();
let processCpu = processMs();
let warm = false;

function slice(): void {
  const now = realClock.now();
  if (!warm && now >= from) {
    warm = true;
    from = now;
    counted = requests;
    cpu = threadMs();
    processCpu = processMs();
    delay.enable();
  }
  if (now >= begin + WARM_UP_MS + Number(seconds) * 1_000) return void finish(now);
  const due =
    Number(rate) === 0 ? Number.POSITIVE_INFINITY : ((now - begin) / 1_000) * (Number(rate) / RECORDS_PER_REQUEST);
  while (requests < due && realClock.now() - now < SLICE_MS) {
    for (let step = 0; step < 8 && requests < due; step++) {
      requests++;
      void bus.publish({ type: 'index.started', payload: { repo_path: '/srv/repos/web' }, source: 'api_gateway' });
    }
  }
  if (Number(rate) === 0) setImmediate(slice);
  else realClock.setTimer(1, slice);
}

/** Once in two seconds. */
const memory: { records: number; rssMb: number; heapMb: number }[] = [];
function lookAtMemory(): void {
  const { rss, heapUsed } = process.memoryUsage();
  memory.push({ records: requests * RECORDS_PER_REQUEST, rssMb: rss / 2 ** 20, heapMb: heapUsed / 2 ** 20 });
  realClock.setTimer(2_000, lookAtMemory, { background: true });
}
lookAtMemory();

async function finish(now: number): Promise<void> {
  const records = (requests - counted) * RECORDS_PER_REQUEST;
  const figures = {
    records,
    wallMs: now - from,
    threadMs: threadMs() - cpu,
    othersMs: processMs() - processCpu - (threadMs() - cpu),
    delayP99: delay.percentile(99) / 1e6,
    memory,
  };
  closer.abort();
  await closed;
  writeFileSync(out, JSON.stringify(figures));
  await bus.close();
  log.close();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

setImmediate(slice);
