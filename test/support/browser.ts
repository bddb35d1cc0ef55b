/** A headless Chromium, spoken to over a pipe: no port, no package. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rm } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** Path of an installed browser: `CHROMIUM`, else one on the `PATH`. */
export function findBrowser(): string | undefined {
  const named = process.env.CHROMIUM;
  if (named !== undefined && existsSync(named)) return named;
  const folders = (process.env.PATH ?? '').split(':');
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path));
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

export class Browser {
  /** What pages asked the network for, and what they complained of. */
  readonly requests: string[] = [];
  readonly complaints: string[] = [];
  readonly #child;
  readonly #profile = mkdtempSync(join(tmpdir(), 'cfb-chromium-'));
  readonly #input: Writable;
  readonly #pending = new Map<
    number,
    { resolve: (result: Answer['result']) => void; reject: (error: Error) => void }
  >();
  readonly #waiting = new Map<string, () => void>();
  #id = 0;
  #session: string | undefined;

  constructor(path: string) {
    const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', '--no-first-run'];
    this.#child = spawn(
      path,
      [...options, `--user-data-dir=${this.#profile}`, '--window-size=1200,900', 'about:blank'],
      {
        stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      },
    );
    const [, , , input, output] = this.#child.stdio as unknown as readonly [
      unknown,
      unknown,
      unknown,
      Writable,
      Readable,
    ];
    this.#input = input;
    let rest = '';
    output.setEncoding('utf8').on('data', (text: string) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message));
    });
  }

  async open(url: string): Promise<void> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    this.#session = String(sessionId);
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await this.send(`${domain}.enable`);
    const loaded = new Promise<void>((resolve) => this.#waiting.set('Page.loadEventFired', resolve));
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, returnByValue: true });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return typeof result === 'object' && result !== null && 'value' in result ? result.value : undefined;
  }

  /** Presses a key: one character, or a name such as `ArrowDown`. */
  async press(key: string): Promise<void> {
    const text = key.length === 1 ? { text: key } : key === 'Enter' ? { text: '\r' } : {};
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', key, code: key, ...text });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key });
  }

  async type(text: string): Promise<void> {
    for (const char of text) await this.press(char);
  }

  /** A PNG of what is shown. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(String(data), 'base64');
  }

  send(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#id;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: (result) => resolve(result ?? {}), reject });
      this.#input.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.on('close', () => {
        // Its helpers end a little later, and may still write into the profile.
        rm(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }, () => resolve());
      });
      this.#child.kill('SIGTERM');
    });
  }

  #take({ id, method, params, result, error }: Answer): void {
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id !== undefined) this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error.message));
    if (method === 'Network.requestWillBeSent') this.requests.push(JSON.stringify(params?.request));
    if (method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown')
      this.complaints.push(JSON.stringify(params));
    if (method !== undefined) this.#waiting.get(method)?.();
  }
}
