/** `run` on the real clock: the composition root of a session. */
import { resolve } from 'node:path';
import { type EventBus, installGlobalBus } from '../../bus/index.js';
import { formatDuration, Ids, ScaledClock, safe, seededRandom, VERSION } from '../../kernel/index.js';
import { type Log, openLog } from '../../record/index.js';
import { serveSession, sessionNameFrom } from '../../session/index.js';
import { createSimulatedBus, createSimulation, type Simulation, type TrafficResult } from '../../simulator/index.js';
import type { Context, ExitCode } from '../context.js';
import { createHost } from './host.js';
import type { RunSettings } from './settings.js';
import { showRecords } from './show-records.js';
import { takeHangups } from './signals.js';
import { printSummary } from './summary.js';
import { sessionTotals } from './totals.js';
import { TraceBook } from './trace-book.js';
import { watchScenario } from './watch.js';

/** Real milliseconds that a signal leaves for what is under way. */
const SIGNAL_DRAIN_MS = 4_500;

interface Session {
  readonly context: Context;
  readonly settings: RunSettings;
  readonly clock: ScaledClock;
  readonly log: Log;
  readonly bus: EventBus;
  readonly book: TraceBook;
  readonly simulation: Simulation;
  readonly startedAt: number;
  /** Shows what is still to show, and no more. */
  readonly stopShowing: () => void;
  /** Resolves with who asked, when somebody asks over the socket to stop. */
  readonly stopped: Promise<string>;
}

export async function runInRealTime(context: Context, settings: RunSettings): Promise<ExitCode> {
  const { lifecycle } = context;
  lifecycle.takeSignals(['SIGINT', 'SIGTERM', 'SIGQUIT']);
  const session = await open(context, settings);
  const { simulation } = session;
  const traffic = await underway(session);
  simulation.stop();
  const reason = lifecycle.signal.aborted ? 'signal' : 'finished';
  const left = await drain(session);
  session.log.observer.sessionStopped(sessionTotals(reason, left.stats));
  session.log.flush();
  session.stopShowing();
  const judged = simulation.expectations();
  if (settings.options.json !== true) {
    printSummary(
      {
        scenario: settings.scenario.name,
        seed: settings.seed,
        session: session.log.session,
        elapsed: session.clock.now() - session.startedAt,
        traffic,
        left,
        book: session.book,
        expectations: judged,
        problems: simulation.problems(),
        logFile: settings.logFile,
      },
      context.out,
      context.ascii,
    );
  }
  const failed = traffic.failure !== undefined || judged.some(({ verdict }) => verdict === 'failed');
  return failed || left.abandoned.length > 0 || left.cancelled > 0 ? 1 : 0;
}

async function open(context: Context, settings: RunSettings): Promise<Session> {
  const { lifecycle, notices } = context;
  const { scenario, options, seed, logFile } = settings;
  const clock = new ScaledClock(options.speed ?? 1);
  const ids = new Ids();
  const random = seededRandom(seed);
  const log = openLog({
    file: logFile,
    level: 'debug',
    payloads: options.logPayloads,
    redact: options.redact,
    clock,
    session: ids.session,
    onTrouble: (error) =>
      notices.line(notices.paint('red', `cf-bus: ${safe(error.message)}; publishes from outside are refused`)),
    onRecovered: (lost) =>
      notices.line(notices.paint('yellow', `cf-bus: the log can be written again; ${lost} records are lost`)),
  });
  lifecycle.onClose(() => log.close());
  takeHangups(lifecycle, log);
  const book = new TraceBook(clock);
  const bus = createSimulatedBus({ clock, ids, random, log, observers: [book] });
  installGlobalBus(bus);
  const simulation = createSimulation({ scenario, bus, clock, ids, random, allowModules: options.allowModules });
  const started = new Date(clock.wallTime()).toISOString();
  let askToStop = (_by: string) => {};
  const stopped = new Promise<string>((settle) => {
    askToStop = settle;
  });
  let begin = () => {};
  const ready = new Promise<void>((settle) => {
    begin = settle;
  });
  const host = createHost({
    scenario: scenario.name,
    started,
    logFile: logFile === undefined ? undefined : resolve(logFile),
    bus,
    log,
    simulation,
    ready,
    stop: (by) => askToStop(by),
  });
  const name = options.session === undefined ? { like: sessionNameFrom(scenario.name) } : { exact: options.session };
  const server = await serveSession(host, { name });
  lifecycle.onClose(() => server.close());
  announce(context, settings, server.description.name);
  const stopShowing = showRecords(context, settings, log);
  lifecycle.onClose(stopShowing);
  log.observer.sessionStarted({
    scenario: scenario.name,
    seed,
    clock: 'real',
    version: VERSION,
    ...(options.speed === undefined ? {} : { speed: options.speed }),
  });
  await simulation.start();
  begin();
  if (options.watch === true) lifecycle.onClose(watchScenario(context, settings, simulation));
  return { context, settings, clock, log, bus, book, simulation, startedAt: clock.now(), stopShowing, stopped };
}

/** Resolves when the traffic is over, or it is time to go. */
async function underway(session: Session): Promise<TrafficResult> {
  const { simulation, settings, clock, context } = session;
  const { options } = settings;
  const ending = new Promise<void>((settle) => {
    context.lifecycle.signal.addEventListener('abort', () => settle(), { once: true });
    void session.stopped.then(() => settle());
    if (options.duration !== undefined) clock.setTimer(options.duration, () => simulation.stop(), { background: true });
  });
  await Promise.race([simulation.finished, ending]);
  if (options.stay === true) {
    const { failure } = await Promise.race([simulation.finished, ending.then(() => ({ failure: undefined }))]);
    if (failure === undefined && !context.lifecycle.signal.aborted) {
      context.notices.line(
        context.notices.paint('dim', 'The traffic is over; the session stays up for publish until Ctrl-C.'),
      );
      await ending;
    }
  }
  simulation.stop();
  return simulation.finished;
}

/** Lets what is under way end: as long as `--drain` says, or 4.5 s from the moment a signal came. */
async function drain(session: Session): Promise<Awaited<ReturnType<Simulation['close']>>> {
  const { bus, clock, context, settings, simulation } = session;
  const { signal } = context.lifecycle;
  if (!signal.aborted) {
    const interrupted = new Promise<void>((settle) => signal.addEventListener('abort', () => settle(), { once: true }));
    const idle = bus.idle({ timeout: settings.options.drain }).then(
      () => {},
      () => {},
    );
    await Promise.race([idle, interrupted]);
  }
  return simulation.close({ drain: signal.aborted ? SIGNAL_DRAIN_MS * clock.speed : 0 });
}

function announce(context: Context, { scenario, seed, logFile, options }: RunSettings, name: string): void {
  const { notices } = context;
  const handlers = [...scenario.services.values()].reduce((total, service) => total + service.handlers.size, 0);
  const facts = [
    `${count(handlers, 'handler')} in ${count(scenario.services.size, 'service')}`,
    `seed ${seed}`,
    ...(options.speed === undefined ? [] : [`speed ${options.speed}`]),
    ...(options.duration === undefined ? [] : [`for ${formatDuration(options.duration)}`]),
    `session ${name}`,
    logFile === undefined ? 'no log' : `log ${safe(logFile)}`,
  ];
  notices.line(`${notices.paint('bold', safe(scenario.name))}  ${notices.paint('dim', facts.join(', '))}`);
}

function count(value: number, one: string): string {
  return `${value} ${one}${value === 1 ? '' : 's'}`;
}
