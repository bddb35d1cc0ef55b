/** The scenario of these runs, and who is around them: clients that publish, one that watches and never reads, busy fingers. */
import { createConnection, type Socket } from 'node:net';
import type { Random } from '../../../../src/kernel/index.js';
import { between } from '../../support/looks.js';
import { pause } from '../../support/programs.js';
import { type Acknowledgement, type Found, Publishers } from '../../support/publishers.js';
import type { TerminalHost } from './terminal-host.js';

const IN_FLIGHT = 8;

export function scenario(hangs: boolean): string {
  return `version: 1
name: Signals
seed: 1
services:
  worker:
    handlers:
      work: { subscribe: load.tick, delay: { type: exponential, mean: 10ms }, publish: { type: load.tock, after: 20ms } }
      late: { subscribe: load.tick, delay: { type: uniform, min: 300ms, max: 1500ms } }
      flaky:
        subscribe: load.tock
        retry: { attempts: 3, delay: 100ms, jitter: 20% }
        faults: [{ type: error, probability: 20%, message: disk full }${hangs ? ', { type: hang, probability: 10% }' : ''}]
      note: { subscribe: "**" }
requests:
  - { name: tick, trace_id: "tick-{{ sequence }}", flow: [{ publish: { type: load.tick } }] }
phases:
  - { duration: 1h, arrival_rate: 150 }
`;
}

export class Crowd {
  #publishers: Publishers | undefined;
  #published: Promise<void> = Promise.resolve();
  #rude: Socket | undefined;

  get acknowledged(): readonly Acknowledgement[] {
    return this.#publishers?.acknowledged ?? [];
  }

  get surprises(): readonly string[] {
    return this.#publishers?.surprises ?? [];
  }

  /** @param rude with a client that never reads. */
  async join(session: Found, rude: boolean): Promise<void> {
    this.#publishers = await Publishers.join(session, 'p');
    this.#published = this.#publishers.run('load.tick', IN_FLIGHT);
    if (rude) this.#rude = watchWithoutReading(session);
  }

  /** Resolves when the session has let go of all who published. */
  gone(): Promise<void> {
    return this.#published;
  }

  dispose(): void {
    this.#rude?.destroy();
  }
}

function watchWithoutReading({ socket }: Found): Socket {
  const connection = createConnection(socket);
  connection.on('error', () => {});
  const hello = { jsonrpc: '2.0', id: 1, method: 'hello', params: { protocol: 1, client: 'rude' } };
  const watch = { jsonrpc: '2.0', id: 2, method: 'watch', params: {} };
  connection.write(`${JSON.stringify(hello)}\n${JSON.stringify(watch)}\n`);
  connection.pause();
  return connection;
}

const KEYS = ['\t', 'j', 'k', 'G', 'g', '5', '3', '2', '?', '\u001b', 'z', 's', '/x\r', '\u001b', '\u000c'];

/** Keys and sizes, faster than frames are drawn. */
export async function storm(terminal: TerminalHost, random: Random): Promise<void> {
  const times = 1 + Math.floor(random.next() * 60);
  for (let time = 0; time < times; time++) {
    terminal.type(KEYS[Math.floor(random.next() * KEYS.length)] ?? 'j');
    if (time % 4 === 0) terminal.resize(Math.round(between(random, 60, 200)), Math.round(between(random, 15, 60)));
    await pause(between(random, 0, 10));
  }
}
