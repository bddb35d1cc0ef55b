/** A session that is as busy as it can be, and what it gets done. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect, type SessionClient, type SessionDescription } from '../../../../src/session/index.js';
import { cleanEnv, Program, until } from '../../support/programs.js';
import { sessionOf } from '../../support/publishers.js';
import type { CrowdReport } from './crowd.js';

/** A hundred requests that publish, wait a millisecond, and publish again: there is always more to do than can be done. */
const BUSY = `version: 1
name: Busy
seed: 1
services:
  worker: { handlers: { one: { subscribe: busy.tick }, two: { subscribe: busy.tick } } }
  guest: { handlers: { hear: { subscribe: guest.came } } }
requests:
  - name: loop
    trace_id: "loop-{{ sequence }}"
    flow: [{ loop: { count: 10000000, flow: [{ publish: { type: busy.tick, payload: { text: some words } } }, { think: 1ms }] } }]
phases: [{ arrival_count: 100, duration: 100ms }]
`;
const IDLE = BUSY.replace(/ {4}flow:.*/, '    flow: [{ think: 1ms }]');
/** As the system counts processor time (USER_HZ); the same on every Linux. */
const TICKS_A_SECOND = 100;
const TIMEOUT_MS = 20_000;

export interface Work {
  readonly events: number;
  /** Seconds of processor time. */
  readonly cpu: number;
  readonly seconds: number;
}

export class BusySession {
  readonly #program: Program;
  readonly found: SessionDescription;
  readonly #client: SessionClient;

  private constructor(program: Program, found: SessionDescription, client: SessionClient) {
    this.#program = program;
    this.found = found;
    this.#client = client;
  }

  /** @param isBusy left out, it only answers. */
  static async open(launcher: string, folder: string, isBusy: boolean): Promise<BusySession> {
    const name = isBusy ? 'busy' : 'idle';
    writeFileSync(join(folder, `${name}.yaml`), isBusy ? BUSY : IDLE);
    // What it prints is not the question here, nor how fast the disk is.
    const nowhere = openSync('/dev/null', 'w');
    const args = ['run', `${name}.yaml`, '--no-ui', '--stay', '--session', name, '--log', '/dev/null'];
    const program = new Program(launcher, args, { cwd: folder, env: cleanEnv(folder), stdout: nowhere });
    closeSync(nowhere);
    const socket = await until(() => sessionOf(folder, program.pid), TIMEOUT_MS);
    if (socket === undefined) throw new Error(`the session did not start: ${program.stderr}`);
    const client = await connect(socket, { client: 'measure', timeout: TIMEOUT_MS });
    return new BusySession(program, client.session, client);
  }

  get isOver(): boolean {
    return this.#program.isOver;
  }

  async eventCounts(): Promise<Readonly<Record<string, number>>> {
    const { event_counts: counts } = await this.#client.request('stats', {});
    return typeof counts === 'object' && counts !== null && !Array.isArray(counts)
      ? Object.fromEntries(Object.entries(counts).map(([type, count]) => [type, Number(count)]))
      : {};
  }

  /** What it has done so far. */
  async work(): Promise<Work> {
    const counts = await this.eventCounts();
    const cpu = cpuSeconds(this.#program.pid);
    return { events: counts['busy.tick'] ?? 0, cpu, seconds: performance.now() / 1_000 };
  }

  get descriptors(): number {
    return readdirSync(`/proc/${this.#program.pid}/fd`).length;
  }

  get residentMiB(): number {
    const status = readFileSync(`/proc/${this.#program.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  /** Ends it; gives its exit code. */
  async stop(): Promise<number | null | undefined> {
    this.#client.close();
    this.#program.kill('SIGTERM');
    return (await this.#program.within(TIMEOUT_MS))?.code;
  }

  kill(): void {
    this.#program.kill('SIGKILL');
  }
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** The bad clients, in a process of their own. */
export class Crowd {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(file: string, socket: string, size: number) {
    this.#child = spawn(process.execPath, [file, socket, String(size)], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdin, stdout } = this.#child;
    // It may be killed with something unread.
    stdin?.on('error', () => {});
    stdout?.on('error', () => {});
    if (stdout === null) throw new Error('no pipe to the crowd');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  start(): void {
    this.#child.stdin?.write('start\n');
  }

  async stop(): Promise<CrowdReport> {
    this.#child.stdin?.write('stop\n');
    const { value } = await this.#lines.next();
    return JSON.parse(String(value));
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
