/** A folder in which programs are made to fail: their files, their session, what they left behind. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  chooseSession,
  listSessions,
  type SessionDescription,
  type SessionEnvironment,
  systemEnvironment,
} from '../../../../src/session/index.js';
import { cleanEnv, type Ended, Program, until } from '../../support/programs.js';
import { type CallReport, type FaultWish, wishText } from './calls.js';

export interface Outcome {
  /** `undefined` where it had to be killed. */
  readonly ended: Ended | undefined;
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
  /** `undefined` where the program did not come to leave one. */
  readonly report: CallReport | undefined;
}

export class Place {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly environment: SessionEnvironment;
  readonly #launcher: string;
  readonly #inject: string;
  #host: Program | undefined;

  constructor(folder: string, launcher: string, inject: string) {
    this.folder = folder;
    this.env = cleanEnv(folder);
    this.#launcher = launcher;
    this.#inject = inject;
    const { uid } = systemEnvironment();
    this.environment = { env: this.env, home: folder, temporary: folder, cwd: folder, uid };
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): string {
    const path = this.path(name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  remove(...names: readonly string[]): void {
    for (const name of names) rmSync(this.path(name), { recursive: true, force: true });
  }

  /** Starts a program in which `wish` comes true. */
  start(args: readonly string[], wish: FaultWish | undefined): Program {
    this.remove('report.json');
    const env = {
      ...this.env,
      CF_BUS_FAULT: wish === undefined ? '' : wishText(wish),
      CF_BUS_FAULT_REPORT: this.path('report.json'),
    };
    return new Program(this.#launcher, args, { cwd: this.folder, env, node: ['--import', this.#inject] });
  }

  report(): CallReport | undefined {
    const text = this.read('report.json');
    return text === '' ? undefined : JSON.parse(text);
  }

  /** A session without faults, for clients that have some. */
  async openHost(): Promise<void> {
    const args = ['run', 'host.yaml', '--no-ui', '--stay', '--session', 'host', '--log', 'host.log'];
    this.#host = new Program(this.#launcher, args, { cwd: this.folder, env: this.env, onOutput: () => {} });
    const found = await until(() => this.find('host'), 20_000);
    if (found === undefined) throw new Error(`the session did not start: ${this.#host.stderr}`);
  }

  get hostIsOver(): boolean {
    return this.#host?.isOver === true;
  }

  async close(): Promise<void> {
    this.#host?.kill('SIGTERM');
    await this.#host?.within(10_000);
  }

  async find(name: string): Promise<SessionDescription | undefined> {
    try {
      return await chooseSession({ session: name, environment: this.environment });
    } catch {
      return undefined;
    }
  }

  /** Sockets and descriptions that are there although nobody serves them, once left-overs have been swept. */
  async leftOvers(): Promise<readonly string[]> {
    const alive = await listSessions({ environment: this.environment });
    const known = new Set(
      alive.flatMap(({ name, socket }) => [`${name}.json`, socket.slice(socket.lastIndexOf('/') + 1)]),
    );
    const folder = this.path('cf-bus');
    return existsSync(folder) ? readdirSync(folder).filter((name) => !known.has(name)) : [];
  }
}
