/** The dashboard on a thread of its own: it reads keys and draws by itself, and hears lines from the bus's thread. */
import { ReadStream, WriteStream } from 'node:tty';
import { parentPort } from 'node:worker_threads';
import { describeError, type JsonObject, realClock } from '../../kernel/index.js';
import { Dashboard, type ScreenEvents } from '../dashboard.js';
import type { DashboardControls, DashboardExit, DashboardOptions, DashboardSource } from '../door.js';
import { clipboardBytes, type Screen } from '../terminal.js';
import { Intake } from './intake.js';
import type { Answer, Facts, GuestData, Request, ToGuest, ToHost } from './wire.js';

/** Waits for what is to be shown, and shows it. */
export function serveGuest(): void {
  parentPort?.once('message', (message: ToGuest) => {
    if (message.kind === 'begin') new Guest(message.data).open();
  });
}

class Guest {
  readonly #data: GuestData;
  readonly #stdin: ReadStream;
  readonly #stdout: WriteStream;
  readonly #gate: Int32Array;
  readonly #closer = new AbortController();
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #dashboard: Dashboard;
  readonly #intake: Intake;
  #requests = 0;
  #facts: Facts;
  #events: ScreenEvents = { rest: () => {}, redraw: () => {}, gone: () => {} };

  constructor(data: GuestData) {
    this.#data = data;
    this.#facts = data.facts;
    this.#gate = new Int32Array(data.gate);
    this.#stdin = new ReadStream(data.stdin);
    this.#stdout = new WriteStream(data.stdout);
    this.#dashboard = new Dashboard({
      options: this.#options(),
      clock: realClock,
      screen: (events) => this.#screen(events),
      resolve: (exit) => this.#leave(exit),
    });
    this.#intake = new Intake({
      lines: data.lines,
      session: data.header.session ?? '',
      clock: realClock,
      take: (lines, dropped) => this.#dashboard.takeLines(lines, dropped),
      room: () => post({ kind: 'room' }),
    });
  }

  open(): void {
    parentPort?.on('message', (message: ToGuest) => this.#hear(message));
    const gone = () => this.#events.gone();
    for (const event of ['error', 'end']) this.#stdin.on(event, gone);
    this.#stdout.on('error', gone);
    this.#dashboard.open();
    this.#intake.wake();
  }

  #options(): DashboardOptions {
    const { ascii, color, screenReader } = this.#data;
    return {
      source: this.#source(),
      controls: this.#controls(),
      stdin: this.#input(),
      stdout: this.#output(),
      ascii,
      color,
      screenReader,
      signal: this.#closer.signal,
    };
  }

  #source(): DashboardSource {
    return {
      kind: 'live',
      header: this.#data.header,
      now: () => this.#facts.now,
      finished: () => this.#facts.finished,
      // Its records come as lines.
      subscribe: () => () => {},
    };
  }

  #controls(): DashboardControls {
    const { publish, pauseBus, setSpeed, fault } = this.#data.abilities;
    return {
      ...(publish ? { publish: async (event) => published(await this.#request({ do: 'publish', event })) } : {}),
      ...(pauseBus
        ? {
            pauseBus: async () => void (await this.#request({ do: 'pauseBus' })),
            resumeBus: async () => void (await this.#request({ do: 'resumeBus' })),
          }
        : {}),
      ...(setSpeed ? { setSpeed: async (speed) => void (await this.#request({ do: 'setSpeed', speed })) } : {}),
      ...(fault ? { fault: async (change) => void (await this.#request({ do: 'fault', change })) } : {}),
      expectations: () => this.#facts.expectations,
      knownTypes: () => this.#facts.knownTypes,
      payload: async (wanted) => payloadOf(await this.#request({ do: 'payload', wanted })),
    };
  }

  /** Raw mode belongs to the process: the other thread switches it, and back. */
  #input(): ReadStream {
    return new Proxy(this.#stdin, {
      get(target, property, proxy) {
        if (property === 'setRawMode') return () => proxy;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  /** Writes pass only while the terminal is ours. */
  #output(): WriteStream {
    const { colorDepth } = this.#data;
    const write = (text: string) => Atomics.load(this.#gate, 0) === 1 && this.#stdout.write(text);
    return new Proxy(this.#stdout, {
      get(target, property) {
        if (property === 'write') return write;
        if (property === 'getColorDepth') return () => colorDepth;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  #screen(events: ScreenEvents): Screen {
    this.#events = events;
    return {
      open: () => {},
      close: () => {},
      suspend: () => post({ kind: 'suspend' }),
      copy: (text) => void this.#stdout.write(clipboardBytes(text)),
    };
  }

  #hear(message: ToGuest): void {
    switch (message.kind) {
      case 'begin':
        // It has begun.
        return;
      case 'lines':
        return this.#intake.wake();
      case 'facts':
        this.#facts = message.facts;
        return;
      case 'answer':
        this.#waiting.get(message.id)?.(message.answer);
        this.#waiting.delete(message.id);
        return;
      case 'resize':
        this.#stdout.columns = message.columns;
        this.#stdout.rows = message.rows;
        this.#stdout.emit('resize');
        return;
      case 'rest':
        return this.#events.rest();
      case 'redraw':
        return this.#events.redraw();
      case 'close':
        return this.#closer.abort();
    }
  }

  #request(request: Request): Promise<Answer> {
    const id = ++this.#requests;
    post({ kind: 'request', id, request });
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (answer) =>
        answer.kind === 'refused' ? reject(new Error(answer.reason)) : resolve(answer),
      );
    });
  }

  #leave(exit: DashboardExit): void {
    this.#intake.close();
    this.#stdin.destroy();
    const told = exit.kind === 'crashed' ? { kind: exit.kind, error: cloneable(exit.error) } : exit;
    post({ kind: 'exit', exit: told });
  }
}

function post(message: ToHost): void {
  parentPort?.postMessage(message);
}

function published(answer: Answer): { readonly event_id: string; readonly trace_id: string } {
  if (answer.kind === 'published') return { event_id: answer.event_id, trace_id: answer.trace_id };
  throw new Error('the event was not published');
}

function payloadOf(answer: Answer): JsonObject | undefined {
  return answer.kind === 'payload' ? answer.payload : undefined;
}

/** An error that can go to another thread, its stack included. */
function cloneable(error: unknown): Error {
  if (error instanceof Error) {
    const copy = new Error(error.message);
    copy.name = error.name;
    if (error.stack !== undefined) copy.stack = error.stack;
    return copy;
  }
  return new Error(describeError(error).message);
}
