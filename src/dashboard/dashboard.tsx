/** The dashboard as a whole: Ink, model and feed on a screen, and the one door out of them. */
import { render } from 'ink';
import type { Clock } from '../kernel/index.js';
import { App, Stage } from './App.js';
import { announce, greeting } from './announce.js';
import type { Lines } from './data/ingest-lines.js';
import type { DashboardExit, DashboardOptions } from './door.js';
import { KeyReader } from './input.js';
import type { Message, Model } from './model.js';
import { inkStdout, Painter } from './painter.js';
import { Runtime } from './runtime.js';
import { spoken } from './speak.js';
import type { Screen } from './terminal.js';
import { makeTheme } from './text/theme.js';
import type { Ui } from './views/Pane.js';

/** Frames a second that Ink may draw; ours are far fewer, except that a key is answered at once. */
const INK_FPS = 120;
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
const RICH_DEPTH = 8;

/** What asks the dashboard to do something, from outside its keys. */
export interface ScreenEvents {
  /** Nothing must be drawn until `redraw`. */
  readonly rest: () => void;
  /** The screen is ours and empty. */
  readonly redraw: () => void;
  /** The terminal is gone. */
  readonly gone: () => void;
}

export interface DashboardParts {
  readonly options: DashboardOptions;
  readonly clock: Clock;
  readonly screen: (events: ScreenEvents) => Screen;
  readonly resolve: (exit: DashboardExit) => void;
}

export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #resolve: (exit: DashboardExit) => void;
  readonly #painter: Painter;
  readonly #screen: Screen;
  readonly #runtime: Runtime;
  readonly #stage: Stage;
  #unmount = () => {};
  #said: Model;
  #closed = false;
  readonly #resized = () => this.#resize();
  readonly #aborted = () => this.#close({ kind: 'aborted' });

  constructor({ options, clock, screen, resolve }: DashboardParts) {
    this.#options = options;
    this.#resolve = resolve;
    const { stdout } = options;
    this.#painter = new Painter(stdout);
    this.#screen = screen({
      rest: () => this.#painter.close(),
      redraw: () => this.#redraw(),
      gone: () => this.#close({ kind: 'unread' }),
    });
    this.#runtime = new Runtime(options, sizeOf(stdout), clock, {
      frame: (model) => this.#frame(model),
      leave: (how) => this.#leave(how),
      suspend: () => this.#screen.suspend(),
      redraw: () => this.#redraw(),
      copy: (text) => this.#screen.copy(text),
    });
    this.#stage = new Stage(this.#runtime.model);
    this.#said = this.#runtime.model;
  }

  open(): void {
    const { stdin, stdout, signal, screenReader } = this.#options;
    if (signal?.aborted === true) return this.#close({ kind: 'aborted' });
    signal?.addEventListener('abort', this.#aborted, { once: true });
    stdout.on('resize', this.#resized);
    this.#screen.open();
    if (screenReader) for (const line of greeting(this.#runtime.model)) stdout.write(`${line}\n`);
    const app = (
      <App
        ui={this.#ui()}
        stage={this.#stage}
        keys={new KeyReader()}
        drawn={!screenReader}
        onMessage={(message) => this.#message(message)}
        onCrash={(error) => this.#close({ kind: 'crashed', error })}
      />
    );
    const ink = render(app, {
      stdin,
      stdout: inkStdout(stdout, this.#painter),
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: INK_FPS,
      isScreenReaderEnabled: false,
    });
    this.#unmount = ink.unmount;
    this.#runtime.start();
  }

  /** For a dashboard that is fed lines. Returns how many of them were read, and not only counted. */
  takeLines(lines: Lines, dropped: number): number {
    return this.#closed ? 0 : this.#runtime.takeLines(lines, dropped);
  }

  #ui(): Ui {
    const { stdout, color, ascii } = this.#options;
    const depth = stdout.getColorDepth?.() ?? RICH_DEPTH;
    const theme = makeTheme(!color ? 'none' : depth >= RICH_DEPTH ? 'rich' : 'basic', ascii);
    return { theme, block: (rows, width) => this.#painter.block(rows, width) };
  }

  #message(message: Message): void {
    if (!this.#closed) this.#runtime.dispatch(message);
  }

  #frame(model: Model): void {
    if (this.#closed) return;
    if (!this.#options.screenReader) return this.#stage.show(model);
    const before = this.#said;
    this.#said = model;
    const text = spoken(before.prompt, model.prompt, announce(before, model));
    if (text !== '') this.#options.stdout.write(text);
  }

  #resize(): void {
    this.#painter.invalidate();
    this.#message({ kind: 'resize', ...sizeOf(this.#options.stdout) });
  }

  #redraw(): void {
    if (this.#closed) return;
    this.#painter.reopen();
    this.#painter.repeat();
  }

  #leave(how: 'quit' | 'interrupt'): void {
    if (how === 'interrupt') return this.#close({ kind: 'interrupt' });
    const { expectations } = this.#runtime.model;
    this.#close({ kind: 'quit', expectationFailed: expectations.some(({ state }) => state === 'failed') });
  }

  /** The one way out. The first reason counts. */
  #close(exit: DashboardExit): void {
    if (this.#closed) return;
    this.#closed = true;
    const { stdout, signal, onExit } = this.#options;
    signal?.removeEventListener('abort', this.#aborted);
    stdout.off('resize', this.#resized);
    this.#runtime.close();
    this.#painter.close();
    // Not while React may be in the middle of drawing.
    setImmediate(() => {
      try {
        this.#unmount();
      } finally {
        this.#screen.close();
        onExit?.(exit);
        this.#resolve(exit);
      }
    });
  }
}

function sizeOf({ columns, rows }: NodeJS.WriteStream): { readonly columns: number; readonly rows: number } {
  return { columns: columns || DEFAULT_COLUMNS, rows: rows || DEFAULT_ROWS };
}
