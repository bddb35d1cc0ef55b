/** A session in another process as the dashboard's source: its log so far, then its records as they come. */
import type { DashboardControls, DashboardSource, RecordSink } from '../../dashboard/index.js';
import { type Clock, realClock, safe } from '../../kernel/index.js';
import type { LogRecord } from '../../record/index.js';
import type { Result, SessionClient } from '../../session/index.js';
import { knownTypes } from '../event-examples.js';
import { faultChange } from '../run/fault-change.js';
import { examplePayload } from './example-payload.js';
import { followNotices } from './follow-notices.js';
import { SessionLog } from './session-log.js';

const ASK_MS = 900;

export interface Watched {
  readonly source: DashboardSource;
  readonly controls: DashboardControls;
}

/** Begins to watch; the source gives what has come since, however late the dashboard is ready. */
export async function watchSession(client: SessionClient, clock: Clock = realClock): Promise<Watched> {
  const standing = new Standing(client, clock);
  return { source: await sessionSource(client, clock, standing), controls: sessionControls(client, standing) };
}

async function sessionSource(client: SessionClient, clock: Clock, standing: Standing): Promise<DashboardSource> {
  const { session, name, scenario, started, log, paused } = client.session;
  const time = new SessionTime(clock, client.session);
  const notices = client.notices();
  await client.request('watch', {});
  // Read after the watch has begun: what is in both is told apart by its number.
  const logged = log === null ? undefined : await SessionLog.open(log, session);
  const past = (await logged?.more()) ?? [];
  const first = past[0]?.event === 'session_started' ? past[0] : undefined;
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
      speed: client.session.speed ?? first?.speed ?? 1,
      seed: first?.seed,
      started: Date.parse(started),
      log: log ?? undefined,
      paused,
    },
    now: () => time.now(),
    finished: () => standing.latest().finished === true,
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

/** The session's time of day: what it told, or that of a later record, and what has passed since, at its speed. */
class SessionTime {
  readonly #clock: Clock;
  readonly #told: number;
  #speed: number;
  #last: number;
  #at: number;

  /** Made as soon as it told, so that nothing has passed since. */
  constructor(clock: Clock, { speed = 1, time }: SessionClient['session']) {
    this.#clock = clock;
    this.#speed = speed;
    this.#told = time === undefined ? clock.wallTime() : Date.parse(time);
    this.#last = this.#told;
    this.#at = clock.now();
  }

  saw(record: LogRecord): void {
    const time = Date.parse(record.timestamp);
    // Records of before it told are no news of the time: that the last one is an hour old must be seen.
    if (!(time > this.#told)) return;
    if (record.event === 'control_changed' && record.action === 'speed')
      this.#speed = Number(record.target) || this.#speed;
    this.#last = time;
    this.#at = this.#clock.now();
  }

  now(): number {
    return this.#last + (this.#clock.now() - this.#at) * this.#speed;
  }
}

/** What can be done with a session from outside. */
function sessionControls(client: SessionClient, standing: Standing): DashboardControls {
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
    expectations: () => standing.latest().expectations,
    knownTypes: () => knownTypes().map(({ type }) => type),
    async payload(wanted) {
      return (await client.request('payload', wanted)).payload ?? examplePayload(wanted);
    },
  };
}

/** How the session last said it stands: its expectations, and whether its traffic is over. Asked while somebody looks. */
class Standing {
  readonly #client: SessionClient;
  readonly #clock: Clock;
  #latest: Result<'expectations'> = { expectations: [] };
  #askAgain = 0;

  constructor(client: SessionClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  latest(): Result<'expectations'> {
    const now = this.#clock.now();
    if (now >= this.#askAgain) {
      this.#askAgain = now + ASK_MS;
      this.#client.request('expectations', {}).then(
        (standing) => {
          this.#latest = standing;
        },
        // The session is gone, or of a version that cannot tell.
        () => {},
      );
    }
    return this.#latest;
  }
}
