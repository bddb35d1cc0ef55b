/** Clients that publish into a running session as fast as they are answered, and remember what was acknowledged. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCfBusError } from '../../../src/kernel/index.js';
import { connect, type SessionClient } from '../../../src/session/index.js';
import { pause } from './programs.js';

export interface Found {
  readonly name: string;
  readonly socket: string;
}

/** The session that process `pid` describes below `runtime`, without sweeping anything. */
export function sessionOf(runtime: string, pid: number): Found | undefined {
  for (const file of filesIn(runtime)) {
    if (!file.endsWith('.json')) continue;
    const described = describedIn(join(runtime, 'cf-bus', file));
    if (described?.pid === pid && typeof described.name === 'string' && typeof described.socket === 'string') {
      return { name: described.name, socket: described.socket };
    }
  }
  return undefined;
}

/** What is in the folder of sockets, hidden files included. */
export function filesIn(runtime: string): string[] {
  try {
    return readdirSync(join(runtime, 'cf-bus'));
  } catch {
    return [];
  }
}

function describedIn(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // Gone again, or of a program that is being killed.
    return undefined;
  }
}

export interface Acknowledgement {
  readonly eventId: string;
  readonly traceId: string;
}

const REFUSED_PAUSE_MS = 20;

export class Publishers {
  readonly acknowledged: Acknowledgement[] = [];
  /** Publishes that the session refused, by code. */
  readonly refused = new Map<string, number>();
  /** What was neither acknowledged nor refused nor cut off by the end of the connection. */
  readonly surprises: string[] = [];
  readonly #client: SessionClient;
  readonly #prefix: string;
  /** Called with each acknowledgement, as it arrives. */
  onAcknowledged: () => void = () => {};
  #count = 0;
  #stopped = false;

  private constructor(client: SessionClient, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  /** Connects to a session. @param prefix begins each trace id. */
  static async join(session: Found, prefix: string): Promise<Publishers> {
    return new Publishers(await connect(session, { client: 'torture' }), prefix);
  }

  /** Asks a session to end in good order. */
  static async stopSession(session: Found): Promise<void> {
    const client = await connect(session, { client: 'torture' });
    await client.request('stop', {});
    client.close();
  }

  /** Publishes with `lanes` requests under way, until `stop` or the end of the connection. */
  async run(type: string, lanes: number): Promise<void> {
    await Promise.all(Array.from({ length: lanes }, () => this.#lane(type)));
    this.#client.close();
    await this.#client.closed;
  }

  /** No new publish; `run` resolves when those under way are answered. */
  stop(): void {
    this.#stopped = true;
  }

  async #lane(type: string): Promise<void> {
    while (!this.#stopped) {
      const traceId = `${this.#prefix}-${++this.#count}`;
      try {
        const { event_id } = await this.#client.publish({ type, source: 'torture', trace_id: traceId, payload: {} });
        this.acknowledged.push({ eventId: event_id, traceId });
        this.onAcknowledged();
      } catch (error) {
        const code = isCfBusError(error) ? error.code : String(error);
        if (code === 'SESSION_UNREACHABLE') return;
        if (code === 'BUS_CLOSED' || code === 'LOG_UNAVAILABLE') {
          this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
          await pause(REFUSED_PAUSE_MS);
        } else {
          this.surprises.push(`a publish was answered with ${code}`);
          return;
        }
      }
    }
  }
}
