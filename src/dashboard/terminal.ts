/** The terminal: taken over, and given back as it was, whatever way the dashboard ends. */

// Alternate screen; no cursor; rows are cut, not wrapped; pastes are told from typing.
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[?2004h\u001b[0m\u001b[2J\u001b[H';
const LEAVE = '\u001b[0m\u001b[?2026l\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l';

/** What the dashboard needs of the terminal beside its two streams. */
export interface Screen {
  open(): void;
  close(): void;
  suspend(): void;
  copy(text: string): void;
}

/** The bytes that put `text` on the clipboard, where the terminal allows programs to do that (OSC 52). */
export function clipboardBytes(text: string): string {
  return `\u001b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\u0007`;
}

export interface TerminalOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** False for screen readers: the screen stays as it is, and lines follow lines. */
  readonly alternate: boolean;
  /** The process is about to stop; nothing must be drawn until `onResume`. */
  readonly onSuspend: () => void;
  /** The screen is ours again and empty. */
  readonly onResume: () => void;
  /** The terminal is gone. */
  readonly onGone: () => void;
}

export class Terminal implements Screen {
  readonly #options: TerminalOptions;
  #ours = false;
  #closed = false;
  readonly #leaveNow = () => this.#giveBack();
  readonly #suspend = () => this.suspend();
  readonly #continued = () => this.#resume();
  readonly #failed = () => this.#options.onGone();

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  open(): void {
    const { stdin, stdout } = this.#options;
    process.on('exit', this.#leaveNow);
    // Before the stack of an uncaught error is printed: it must not vanish with the alternate screen.
    process.on('uncaughtExceptionMonitor', this.#leaveNow);
    process.on('SIGTSTP', this.#suspend);
    process.on('SIGCONT', this.#continued);
    stdout.on('error', this.#failed);
    stdin.on('error', this.#failed);
    stdin.on('end', this.#failed);
    this.#take();
  }

  close(): void {
    const { stdin, stdout } = this.#options;
    this.#closed = true;
    this.#giveBack();
    process.off('exit', this.#leaveNow);
    process.off('uncaughtExceptionMonitor', this.#leaveNow);
    process.off('SIGTSTP', this.#suspend);
    process.off('SIGCONT', this.#continued);
    stdin.off('error', this.#failed);
    stdin.off('end', this.#failed);
    // A write may still fail after this; it must not become an uncaught error.
    stdout.on('error', () => {});
    stdout.off('error', this.#failed);
  }

  /** Ctrl-Z: stops the whole job, as the shell expects it, and comes back when it is continued. */
  suspend(): void {
    this.#options.onSuspend();
    this.#giveBack();
    // Without our listener the signal does what it does to any process.
    process.off('SIGTSTP', this.#suspend);
    try {
      process.kill(0, 'SIGTSTP');
    } finally {
      // Runs once the process goes on; at once where nobody could ever continue it, and it was not stopped.
      setImmediate(() => {
        if (this.#closed) return;
        process.on('SIGTSTP', this.#suspend);
        this.#resume();
      });
    }
  }

  copy(text: string): void {
    this.#write(clipboardBytes(text));
  }

  #resume(): void {
    this.#ours = false;
    this.#take();
    this.#options.onResume();
  }

  #take(): void {
    if (this.#ours) return;
    this.#ours = true;
    this.#rawMode(true);
    if (this.#options.alternate) this.#write(ENTER);
  }

  #giveBack(): void {
    if (!this.#ours) return;
    this.#ours = false;
    if (this.#options.alternate) this.#write(LEAVE);
    this.#rawMode(false);
  }

  #rawMode(on: boolean): void {
    try {
      this.#options.stdin.setRawMode(on);
    } catch {
      // The terminal is gone: nothing to restore.
    }
  }

  #write(text: string): void {
    try {
      this.#options.stdout.write(text);
    } catch {
      // As above.
    }
  }
}
