/**
 * The bus's side of a dashboard on a thread of its own. The terminal's modes, signals and ways out stay here, where
 * they belong to the process; keys are read, and frames drawn, over there.
 */
import { type Clock, describeError, type Timer } from '../../kernel/index.js';
import { abilitiesOf } from '../abilities.js';
import type { DashboardExit, DashboardOptions, LinesSource } from '../door.js';
import { Terminal } from '../terminal.js';
import type { GuestThread } from './guest-thread.js';
import { LineWriter, newSharedLines } from './line-ring.js';
import type { Answer, Facts, GuestData, Request, ToGuest, ToHost } from './wire.js';

export type ThreadOptions = Omit<DashboardOptions, 'source'> & { readonly source: LinesSource };

const FACTS_MS = 500;
/** How long the guest may take to end; then it is ended. */
const END_MS = 1_000;
const DEFAULT_DEPTH = 8;
const DONE: Answer = { kind: 'done' };

export function openOnThread(options: ThreadOptions, thread: GuestThread, clock: Clock): Promise<DashboardExit> {
  return new Promise((resolve) => new Host(options, thread, clock, resolve).open());
}

class Host {
  readonly #options: ThreadOptions;
  readonly #thread: GuestThread;
  readonly #clock: Clock;
  readonly #resolve: (exit: DashboardExit) => void;
  readonly #terminal: Terminal;
  readonly #gate = new Int32Array(new SharedArrayBuffer(4));
  readonly #lines = newSharedLines();
  readonly #writer = new LineWriter(this.#lines, () => this.#post({ kind: 'lines' }));
  #factsTimer: Timer | undefined;
  #endTimer: Timer | undefined;
  #unsubscribe = () => {};
  #closed = false;
  readonly #resized = () => this.#tellSize();
  readonly #aborted = () => this.#askToClose();

  constructor(options: ThreadOptions, thread: GuestThread, clock: Clock, resolve: (exit: DashboardExit) => void) {
    this.#options = options;
    this.#thread = thread;
    this.#clock = clock;
    this.#resolve = resolve;
    const { stdin, stdout, screenReader } = options;
    this.#terminal = new Terminal({
      stdin,
      stdout,
      alternate: !screenReader,
      onSuspend: () => this.#allow(false),
      onResume: () => {
        this.#allow(true);
        this.#post({ kind: 'redraw' });
      },
      onGone: () => this.#close({ kind: 'unread' }),
    });
  }

  open(): void {
    const { signal, stdout, source } = this.#options;
    if (signal?.aborted === true) return this.#close({ kind: 'aborted' });
    signal?.addEventListener('abort', this.#aborted, { once: true });
    stdout.on('resize', this.#resized);
    this.#terminal.open();
    this.#allow(true);
    this.#thread.begin(this.#guestData(), {
      heard: (message) => this.#hear(message),
      failed: (error) => this.#close({ kind: 'crashed', error }),
    });
    this.#unsubscribe = source.subscribe((lines, dropped) => {
      if (dropped > 0) this.#writer.leaveOut(dropped);
      this.#writer.add(lines);
    });
    this.#tellFacts();
  }

  #guestData(): GuestData {
    const { source, controls, stdin, stdout, ascii, color, screenReader } = this.#options;
    return {
      header: source.header,
      abilities: abilitiesOf(controls ?? {}),
      stdin: descriptorOf(stdin, 0),
      stdout: descriptorOf(stdout, 1),
      colorDepth: stdout.getColorDepth?.() ?? DEFAULT_DEPTH,
      ascii,
      color,
      screenReader,
      facts: this.#facts(),
      gate: this.#gate.buffer,
      lines: this.#lines,
    };
  }

  #facts(): Facts {
    const { source, controls } = this.#options;
    return {
      now: source.now(),
      finished: source.finished?.() === true,
      expectations: controls?.expectations?.() ?? [],
      knownTypes: controls?.knownTypes?.() ?? [],
    };
  }

  #tellFacts(): void {
    this.#factsTimer = this.#clock.setTimer(
      FACTS_MS,
      () => {
        this.#post({ kind: 'facts', facts: this.#facts() });
        this.#tellFacts();
      },
      { background: true },
    );
  }

  #tellSize(): void {
    const { columns, rows } = this.#options.stdout;
    this.#post({ kind: 'resize', columns, rows });
  }

  #hear(message: ToHost): void {
    switch (message.kind) {
      case 'room':
        return this.#writer.flush();
      case 'request':
        return this.#serve(message.id, message.request);
      case 'suspend':
        return this.#terminal.suspend();
      case 'exit':
        return this.#close(message.exit);
    }
  }

  #serve(id: number, request: Request): void {
    this.#perform(request).then(
      (answer) => this.#post({ kind: 'answer', id, answer }),
      (error: unknown) => {
        const answer = { kind: 'refused', reason: describeError(error).message } as const;
        this.#post({ kind: 'answer', id, answer });
      },
    );
  }

  async #perform(request: Request): Promise<Answer> {
    const { controls = {} } = this.#options;
    switch (request.do) {
      case 'publish': {
        const published = await controls.publish?.(request.event);
        return published === undefined ? DONE : { kind: 'published', ...published };
      }
      case 'payload':
        return { kind: 'payload', payload: await controls.payload?.(request.wanted) };
      case 'fault':
        await controls.fault?.(request.change);
        return DONE;
      case 'setSpeed':
        await controls.setSpeed?.(request.speed);
        return DONE;
      case 'pauseBus':
        await controls.pauseBus?.();
        return DONE;
      case 'resumeBus':
        await controls.resumeBus?.();
        return DONE;
    }
  }

  #post(message: ToGuest): void {
    if (!this.#closed) this.#thread.post(message);
  }

  /** A frame must not come after the terminal was given back, whatever the other thread is doing. */
  #allow(drawing: boolean): void {
    Atomics.store(this.#gate, 0, drawing ? 1 : 0);
  }

  #askToClose(): void {
    this.#post({ kind: 'close' });
    this.#endTimer = this.#clock.setTimer(END_MS, () => this.#close({ kind: 'aborted' }));
  }

  /** The one way out. The first reason counts. */
  #close(exit: DashboardExit): void {
    if (this.#closed) return;
    this.#closed = true;
    const { signal, stdout, onExit } = this.#options;
    signal?.removeEventListener('abort', this.#aborted);
    stdout.off('resize', this.#resized);
    this.#allow(false);
    this.#unsubscribe();
    this.#factsTimer?.cancel();
    this.#endTimer?.cancel();
    const finish = () => {
      this.#terminal.close();
      onExit?.(exit);
      this.#resolve(exit);
    };
    this.#thread.end().then(finish, finish);
  }
}

/** The streams of the process have theirs; others stand for the usual ones. */
function descriptorOf(stream: object, usual: number): number {
  return 'fd' in stream && typeof stream.fd === 'number' ? stream.fd : usual;
}
