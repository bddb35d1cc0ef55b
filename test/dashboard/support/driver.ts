/**
 * The dashboard on made-up records, in a process of its own: `node driver.mjs [--trouble N] [--rate N] [--ascii]
 * [--plain] [--reader] [--log] [--session] [--quiet] [--crash] [--hold] [--thread] [--late]`. After it closed it prints how.
 */
import type { DashboardControls, LineSink, OpenOptions, RecordSink } from '../../../src/dashboard/index.js';
import { Terminal } from '../../../src/dashboard/terminal.js';
import { realClock } from '../../../src/kernel/index.js';
import type { LogRecord } from '../../../src/record/index.js';
import { START } from './records.js';
import { World } from './world.js';

process.env.NODE_ENV = 'production';
const args = process.argv.slice(2);
const has = (name: string) => args.includes(`--${name}`);
const number = (name: string, otherwise: number) =>
  has(name) ? Number(args[args.indexOf(`--${name}`) + 1]) : otherwise;

const world = new World({
  rate: has('quiet') ? 0 : number('rate', 12),
  trouble: number('trouble', 1),
  seed: number('seed', 7),
});
const begun = realClock.now();
const scenarioTime = () => realClock.now() - begun + (has('quiet') ? 0 : 60_000);
let sink: RecordSink = () => {};
let sent = 0;
let paused = false;
let closeSession: (reason: string) => void = () => {};

function send(): void {
  const batch: readonly LogRecord[] = world.pen.records.slice(sent);
  sent = world.pen.records.length;
  if (batch.length > 0) sink(batch, 0);
}

function step(): void {
  if (!paused && !has('hold')) world.run(scenarioTime());
  send();
  realClock.setTimer(20, step, { background: true });
}

const header = {
  title: 'Index a repository',
  session: 'k3q9x2m1a',
  clock: 'real',
  speed: 1,
  seed: 42,
  started: START,
  log: 'logs/cf-bus.log',
} as const;

function subscribe(given: RecordSink): () => void {
  sink = given;
  world.run(has('hold') ? 60_000 : scenarioTime());
  send();
  if (!has('log')) step();
  return () => {
    sink = () => {};
  };
}

const now = () => START + (has('hold') ? 60_000 : scenarioTime());
const closed = new Promise<string>((resolve) => {
  closeSession = resolve;
});
/** The same records as lines: the dashboard then lives on a thread of its own. */
function lines(take: LineSink): () => void {
  return subscribe((batch) => {
    for (const record of batch) take(`${JSON.stringify(record)}\n`, 0);
  });
}

const source: OpenOptions['source'] = has('log')
  ? { kind: 'log', header, subscribe, file: 'logs/cf-bus.log' }
  : has('session')
    ? { kind: 'session', header, subscribe, now, closed }
    : has('thread')
      ? { kind: 'lines', header, subscribe: lines, now }
      : { kind: 'live', header, subscribe, now };

const controls: DashboardControls = {
  publish: async ({ type, payload, traceId }) => {
    if (!/^[\w-]+(\.[\w-]+)*$/.test(type)) throw new Error(`${type} is no event type`);
    const trace_id = traceId ?? 'req-by-hand';
    const event_id = world.publish(type, trace_id, undefined, payload);
    send();
    return { event_id, trace_id };
  },
  pauseBus: () => {
    paused = true;
    world.pen.control('pause', 'bus');
  },
  resumeBus: () => {
    paused = false;
    world.pen.control('resume', 'bus');
  },
  setSpeed: (speed) => void world.pen.control('speed', String(speed)),
  fault: ({ type, on, target }) => void world.pen.control(`${type} ${on ? 'on' : 'off'}`, target),
  expectations: () => {
    if (has('crash') && realClock.now() - begun > 1_500) return [null as never];
    return has('quiet')
      ? []
      : [
          { label: 'index.completed after index.started within 2s', state: 'holds', detail: 'in 214 of 214 traces' },
          { label: 'index_repository.p95 below 300ms', state: 'holds', detail: 'is 188ms' },
          { label: 'never agent.failed', state: 'holds', detail: '' },
          {
            label: 'error_rate below 10%',
            state: number('trouble', 1) > 3 ? 'failed' : 'holds',
            detail: number('trouble', 1) > 3 ? 'is 14%' : 'is 2%',
          },
        ];
  },
  knownTypes: () => ['agent.started', 'agent.completed', 'health.check'],
};

const controller = new AbortController();
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => controller.abort());
process.on('SIGUSR2', () => closeSession('it was stopped'));

// Stopped, which nobody hears of on a terminal without a shell, and closed in the same turn.
if (has('late')) {
  const nothing = () => {};
  const { stdin, stdout } = process;
  const events = { onSuspend: nothing, onResume: nothing, onGone: nothing };
  const terminal = new Terminal({ stdin, stdout, alternate: true, ...events });
  terminal.open();
  terminal.suspend();
  terminal.close();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  stdout.write('closed: late\n');
  process.exit(0);
}

const { openDashboard } = await import('../../../src/dashboard/index.js');
const exit = await openDashboard({
  source,
  ...(has('log') ? {} : { controls }),
  stdin: process.stdin,
  stdout: process.stdout,
  ascii: has('ascii'),
  color: !has('plain'),
  screenReader: has('reader'),
  signal: controller.signal,
});
process.stdout.write(`closed: ${exit.kind}${exit.kind === 'crashed' ? ` ${String(exit.error)}` : ''}\n`);
process.stdin.unref();
process.exit(0);
