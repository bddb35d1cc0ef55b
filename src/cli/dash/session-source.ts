/** A session in another process as the dashboard's source: its log so far, then its records as they come. */
import type { DashboardControls, DashboardSource, ExpectationView, RecordSink } from '../../dashboard/index.js';
import { type Clock, realClock, safe } from '../../kernel/index.js';
import type { LogRecord } from '../../record/index.js';
import type { SessionClient } from '../../session/index.js';
import { knownTypes } from '../event-examples.js';
import { faultChange } from '../run/fault-change.js';
import { examplePayload } from './example-payload.js';
import { followNotices } from './follow-notices.js';
import { SessionLog } from './session-log.js';

const ASK_MS = 900;

/** Begins to watch; the source gives what has come since, however late the dashboard is ready. */
export async function sessionSource(client: SessionClient, clock: Clock = realClock): Promise<DashboardSource> {
  const notices = client.notices();
  await client.request('watch', {});
  const { session, name, scenario, started, log, paused } = client.session;
  // Read after the watch has begun: what is in both is told apart by its number.
  const logged = log === null ? undefined : await SessionLog.open(log, session);
  const past = (await logged?.more()) ?? [];
  const first = past[0]?.event === 'session_started' ? past[0] : undefined;
  const speed = client.session.speed ?? first?.speed ?? 1;
  const time = new SessionTime(clock, speed);
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
      speed,
      seed: first?.seed,
      started: Date.parse(started),
      log: log ?? undefined,
      paused,
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
      const follow = { notices, past, more: async () => (await logged?.more()) ?? [], give };
      void followNotices(follow).then(ended);
      return () => {
        stopped = true;
        void logged?.close();
      };
    },
  };
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
export function sessionControls(client: SessionClient, clock: Clock = realClock): DashboardControls {
  const expectations = new Expectations(client, clock);
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
    async setSpeed(speed) {
      await client.request('speed', { speed });
    },
    async fault(change) {
      await client.request('fault', faultChange(change));
    },
    expectations: () => expectations.latest(),
    knownTypes: () => knownTypes().map(({ type }) => type),
    async payload(wanted) {
      return (await client.request('payload', wanted)).payload ?? examplePayload(wanted);
    },
  };
}

/** What the session last told of its expectations; asked for while somebody looks. */
class Expectations {
  readonly #client: SessionClient;
  readonly #clock: Clock;
  #latest: readonly ExpectationView[] = [];
  #askAgain = 0;

  constructor(client: SessionClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  latest(): readonly ExpectationView[] {
    const now = this.#clock.now();
    if (now >= this.#askAgain) {
      this.#askAgain = now + ASK_MS;
      this.#client.request('expectations', {}).then(
        ({ expectations }) => {
          this.#latest = expectations;
        },
        // The session is gone, or of a version that cannot tell.
        () => {},
      );
    }
    return this.#latest;
  }
}
