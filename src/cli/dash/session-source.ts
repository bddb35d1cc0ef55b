/** A session in another process as the dashboard's source: its log so far, then its records as they come. */
import { existsSync } from 'node:fs';
import type { DashboardControls, DashboardSource, RecordSink } from '../../dashboard/index.js';
import { type Clock, realClock, safe } from '../../kernel/index.js';
import { type LogRecord, parseLine } from '../../record/index.js';
import type { SessionClient, SessionNotice } from '../../session/index.js';
import { knownTypes } from '../event-examples.js';
import { faultChange } from '../run/fault-change.js';
import { followFile } from '../tail/followed-file.js';

/** Of the log, that much is read for what happened before. */
const BACKLOG_BYTES = 16 * 1024 * 1024;

/** Begins to watch; the source gives what has come since, however late the dashboard is ready. */
export async function sessionSource(client: SessionClient, clock: Clock = realClock): Promise<DashboardSource> {
  const notices = client.notices();
  await client.request('watch', {});
  const { session, name, scenario, started, log } = client.session;
  const past = log === null ? [] : await recordsOf(log, session);
  const first = past[0]?.event === 'session_started' ? past[0] : undefined;
  const time = new SessionTime(clock, first?.speed ?? 1);
  let ended = (_reason: string) => {};
  const closed = new Promise<string>((resolve) => {
    ended = resolve;
  });
  return {
    kind: 'session',
    header: {
      title: safe(scenario ?? name),
      session,
      clock: 'real',
      speed: first?.speed ?? 1,
      seed: first?.seed,
      started: Date.parse(started),
      log: log ?? undefined,
    },
    now: () => time.now(),
    closed,
    subscribe(sink) {
      let stopped = false;
      const give: RecordSink = (batch, dropped) => {
        const last = batch.at(-1);
        if (last !== undefined) time.saw(last);
        if (!stopped) sink(batch, dropped);
      };
      if (past.length > 0) give(past, 0);
      void pump(notices, past.at(-1)?.seq ?? 0, give).then(ended);
      return () => {
        stopped = true;
      };
    },
  };
}

/** Gives records that are newer than `seq`; resolves with why there are no more. */
async function pump(notices: AsyncIterable<SessionNotice>, seq: number, give: RecordSink): Promise<string> {
  try {
    for await (const notice of notices) {
      if (notice.kind === 'record' && notice.record.seq > seq) give([notice.record], 0);
      if (notice.kind === 'dropped') give([], notice.count);
      if (notice.kind === 'bye') return notice.reason;
    }
    return 'the session has ended';
  } catch {
    return 'the connection was lost';
  }
}

async function recordsOf(log: string, session: string): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  if (!existsSync(log)) return records;
  for await (const line of followFile(log, { backlog: BACKLOG_BYTES, signal: AbortSignal.abort() })) {
    const parsed = parseLine(line);
    if (parsed.kind === 'record' && parsed.record.session === session) records.push(parsed.record);
  }
  return records;
}

/** The session's time of day: that of its last record, and what has passed since, at its speed. */
class SessionTime {
  readonly #clock: Clock;
  #speed: number;
  #last: number;
  #at: number;

  constructor(clock: Clock, speed: number) {
    this.#clock = clock;
    this.#speed = speed;
    this.#last = clock.wallTime();
    this.#at = clock.now();
  }

  saw(record: LogRecord): void {
    if (record.event === 'control_changed' && record.action === 'speed')
      this.#speed = Number(record.target) || this.#speed;
    this.#last = Date.parse(record.timestamp);
    this.#at = this.#clock.now();
  }

  now(): number {
    return this.#last + (this.#clock.now() - this.#at) * this.#speed;
  }
}

/** What can be done with a session from outside. */
export function sessionControls(client: SessionClient): DashboardControls {
  return {
    async publish({ type, payload, traceId }) {
      const request = { type, payload, source: 'dashboard', ...(traceId === undefined ? {} : { trace_id: traceId }) };
      const { event_id, trace_id } = await client.publish(request);
      return { event_id, trace_id };
    },
    async pauseBus() {
      await client.request('pause', {});
    },
    async resumeBus() {
      await client.request('resume', {});
    },
    async fault(change) {
      await client.request('fault', faultChange(change));
    },
    knownTypes: () => knownTypes().map(({ type }) => type),
  };
}
