/** A program on a real pseudo-terminal, with an emulator that knows what its screen looks like. */
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { expect } from 'vitest';

export interface PtyOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export class Pty {
  readonly #pty: IPty;
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  /** Everything the program wrote. */
  raw = '';
  exit: { readonly exitCode: number; readonly signal: number | undefined } | undefined;

  constructor(file: string, args: readonly string[], { columns = 80, rows = 24, env = {}, cwd }: PtyOptions = {}) {
    const { CI, NO_COLOR, FORCE_COLOR, NODE_EXTRA_CA_CERTS, ...inherited } = process.env;
    this.#pty = spawn(file, [...args], {
      name: 'xterm-256color',
      cols: columns,
      rows,
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...inherited, TERM: 'xterm-256color', ...env },
    });
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1_000 });
    this.#pty.onData((data) => {
      this.raw += data;
      this.#terminal.write(data);
    });
    this.#pty.onExit(({ exitCode, signal }) => {
      this.exit = { exitCode, signal };
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  get alternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  get wraps(): boolean {
    return this.#terminal.modes.wraparoundMode;
  }

  /** True where the last word on the cursor was to show it. */
  get cursorShown(): boolean {
    return this.raw.lastIndexOf('\u001b[?25h') >= this.raw.lastIndexOf('\u001b[?25l');
  }

  screen(): string {
    const { active } = this.#terminal.buffer;
    const rows = Array.from(
      { length: this.#terminal.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '',
    );
    return rows.map((row) => row.trimEnd()).join('\n');
  }

  /** All rows, those that were scrolled away included. */
  everything(): string {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: active.length },
      (_, row) => active.getLine(row)?.translateToString(true).trimEnd() ?? '',
    ).join('\n');
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  signal(name: string): void {
    this.#pty.kill(name);
  }

  /** Takes the terminal away, as closing its window does. */
  hangUp(): void {
    const pty: object = this.#pty;
    if (!('destroy' in pty) || typeof pty.destroy !== 'function')
      throw new Error('this pseudo-terminal cannot be closed');
    pty.destroy();
  }

  /** Waits until the screen shows `text`. */
  async sees(text: string | RegExp, timeout = 15_000): Promise<void> {
    await expect.poll(() => this.screen(), { timeout, interval: 25 }).toMatch(text);
  }

  async until(test: () => unknown, timeout = 15_000): Promise<void> {
    await expect.poll(test, { timeout, interval: 25 }).toBeTruthy();
  }

  /** Ends the program, if it still runs. */
  dispose(): void {
    if (this.exit === undefined) this.#pty.kill('SIGKILL');
    this.#terminal.dispose();
  }
}
