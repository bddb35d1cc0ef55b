/** Puts a session together: clock, log, bus, simulation, control socket. */
import { resolve } from 'node:path';
import { type EventBus, installGlobalBus } from '../../bus/index.js';
import {
  type CfBusError,
  formatDuration,
  Ids,
  plural,
  ScaledClock,
  safe,
  seededRandom,
  VERSION,
} from '../../kernel/index.js';
import { type Log, openLog, payloadReader } from '../../record/index.js';
import { type SessionHost, serveSession, sessionNameFrom } from '../../session/index.js';
import { createSimulatedBus, createSimulation, type Simulation } from '../../simulator/index.js';
import type { Context } from '../context.js';
import { createHost } from './host.js';
import type { Notify } from './notify.js';
import { RecentPayloads } from './recent-payloads.js';
import type { RunSettings } from './settings.js';
import { takeHangups } from './signals.js';
import { TraceBook } from './trace-book.js';

export interface Session {
  /** As others find it. */
  readonly name: string;
  readonly clock: ScaledClock;
  readonly log: Log;
  readonly bus: EventBus;
  readonly book: TraceBook;
  readonly simulation: Simulation;
  readonly host: SessionHost;
  /** Scenario time of the start, in milliseconds of the clock. */
  readonly startedAt: number;
  /** Resolves with who asked, when somebody asks over the socket to stop. */
  readonly stopped: Promise<string>;
  /** Who asked, so far. */
  readonly stoppedBy: () => string | undefined;
  /** Subscribes the services, begins the traffic, and lets publishes in. */
  readonly start: () => Promise<void>;
  /** Refuses publishes from outside from now on: with them, what is under way might never end. */
  readonly stopTaking: () => void;
}

/**
 * Everything is open and nothing happens yet. What is opened is closed by the context's lifecycle.
 * @param onLines gets the log's lines from the first on.
 * @throws CfBusError `LOG_UNAVAILABLE`, `SESSION_DIRECTORY`, `USAGE` (a session name that is taken), `INVALID_OPTIONS`.
 */
export async function openSession(
  context: Context,
  settings: RunSettings,
  notify: Notify,
  onLines?: (lines: string) => void,
): Promise<Session> {
  const { lifecycle } = context;
  const { scenario, options, seed, logFile } = settings;
  const clock = new ScaledClock(options.speed ?? 1);
  const ids = new Ids();
  const random = seededRandom(seed);
  const log = openSessionLog(settings, clock, ids, notify, onLines);
  lifecycle.onClose(() => log.close());
  takeHangups(lifecycle, log);
  const book = new TraceBook(clock);
  const payloads = new RecentPayloads(payloadReader(options.redact));
  const bus = createSimulatedBus({ clock, ids, random, log, observers: [book, payloads] });
  installGlobalBus(bus);
  const simulation = createSimulation({ scenario, bus, clock, ids, random, allowModules: options.allowModules });
  const stop = signal<string>();
  let stoppedBy: string | undefined;
  let taking = true;
  const ready = signal<void>();
  const host = createHost({
    scenario: scenario.name,
    started: new Date(clock.wallTime()).toISOString(),
    logFile: logFile === undefined ? undefined : resolve(logFile),
    bus,
    log,
    clock,
    simulation,
    payloads,
    ready: ready.promise,
    taking: () => taking,
    stop(by) {
      stoppedBy = by;
      stop.fire(by);
    },
  });
  const name = options.session === undefined ? { like: sessionNameFrom(scenario.name) } : { exact: options.session };
  const server = await serveSession(host, { name });
  // A second signal ends the process at once: nothing of it is left to be taken for a session.
  const removeFiles = () => server.removeFiles();
  process.once('exit', removeFiles);
  lifecycle.onClose(() => server.close().finally(() => process.off('exit', removeFiles)));
  const start = async () => {
    const { speed } = options;
    const started = { scenario: scenario.name, seed, clock: 'real' as const, version: VERSION };
    log.observer.sessionStarted({ ...started, ...(speed === undefined ? {} : { speed }) });
    await simulation.start();
    ready.fire();
  };
  const { promise: stopped } = stop;
  return {
    name: server.description.name,
    clock,
    log,
    bus,
    book,
    simulation,
    host,
    startedAt: clock.now(),
    stopped,
    stoppedBy: () => stoppedBy,
    start,
    stopTaking() {
      taking = false;
    },
  };
}

function openSessionLog(
  { options, logFile }: RunSettings,
  clock: ScaledClock,
  ids: Ids,
  notify: Notify,
  onLines: ((lines: string) => void) | undefined,
): Log {
  return openLog({
    file: logFile,
    level: 'debug',
    payloads: options.logPayloads,
    redact: options.redact,
    clock,
    session: ids.session,
    onLines,
    onTrouble: (error: CfBusError) =>
      notify('red', `cf-bus: ${safe(error.message)}; until it can be written, publishes are refused`),
    onRecovered: (lost) => notify('yellow', `cf-bus: the log can be written again; ${lost} records are lost`),
  });
}

/** One line on what runs, under which name, and where its log is. */
export function announcement({ scenario, seed, logFile, options }: RunSettings, name: string): string {
  const handlers = [...scenario.services.values()].reduce((total, service) => total + service.handlers.size, 0);
  const facts = [
    `${plural(handlers, 'handler')} in ${plural(scenario.services.size, 'service')}`,
    `seed ${seed}`,
    ...(options.speed === undefined ? [] : [`speed ${options.speed}`]),
    ...(options.duration === undefined ? [] : [`for ${formatDuration(options.duration)}`]),
    `session ${name}`,
    logFile === undefined ? 'no log' : `log ${safe(logFile)}`,
  ];
  return facts.join(', ');
}

/** A promise, and what resolves it. */
function signal<T>(): { readonly promise: Promise<T>; readonly fire: (value: T) => void } {
  let fire = (_value: T) => {};
  const promise = new Promise<T>((settle) => {
    fire = settle;
  });
  return { promise, fire };
}
