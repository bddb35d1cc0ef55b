/** The commands that are made to fail, and what must be true of each afterwards, whatever failed. */
import { copyFileSync, writeFileSync } from 'node:fs';
import { connect } from '../../../../src/session/index.js';
import { type Program, until } from '../../support/programs.js';
import { broken, unaccounted } from './log-checks.js';
import type { Outcome, Place } from './place.js';

export interface Case {
  readonly name: string;
  readonly args: readonly string[];
  /** Exit codes that are true to what happened, besides 3. */
  readonly codes: readonly number[];
  /** Called before each run: removes what the one before left. */
  readonly prepare: (place: Place) => void;
  /** What others do while it runs; gives what is to be looked for afterwards. */
  readonly during?: (place: Place, program: Program) => Promise<readonly string[]>;
  /** What is not as it must be. */
  readonly judge: (place: Place, outcome: Outcome, expected: Expected, noted: readonly string[]) => readonly string[];
}

/** What the same command gives when nothing fails. */
export interface Expected {
  readonly stdout: string;
  readonly files: ReadonlyMap<string, string>;
}

const SCENARIO = `version: 1
name: Faults
seed: 3
services:
  worker:
    handlers:
      work:
        subscribe: job.asked
        delay: 3ms
        retry: { attempts: 2, delay: 2ms }
        faults: [{ type: error, probability: 20%, message: disk full }]
        publish: { type: job.done, after: 1ms, payload: { n: "{{ event.payload.n }}" } }
  guest:
    handlers:
      hear: { subscribe: guest.came }
requests:
  - name: job
    trace_id: "job-{{ sequence }}"
    flow: [{ publish: { type: job.asked, payload: { n: "{{ sequence }}" } } }]
phases: [{ duration: 500ms, arrival_rate: 20 }]
expect:
  - { event: job.asked, count: 10 }
`;
const HOST = SCENARIO.replace(/requests:[\s\S]*/, 'requests:\n  - { name: none, flow: [{ think: 1ms }] }\n');

/** Files that all cases need. */
export function writeInputs(place: Place): void {
  writeFileSync(place.path('small.yaml'), SCENARIO);
  writeFileSync(place.path('host.yaml'), HOST);
  writeFileSync(place.path('failing.yaml'), SCENARIO.replace('count: 10', 'count: 11'));
}

/** A log in two parts, with a trace that lies in both. */
export function splitLog(place: Place): void {
  const lines = place.read('virtual.log').trimEnd().split('\n');
  const middle = lines.findIndex((line) => line.includes('"trace_id":"job-5"')) + 1;
  writeFileSync(place.path('parts.log.1'), `${lines.slice(0, middle).join('\n')}\n`);
  writeFileSync(place.path('parts.log'), `${lines.slice(middle).join('\n')}\n`);
  copyFileSync(place.path('virtual.log'), place.path('whole.log'));
}

const CACHE = '.cache';
const GUESTS = 3;

const run: Case = {
  name: 'run',
  args: ['run', 'small.yaml', '--no-ui', '--session', 'torn', '--log', 'run.log'],
  codes: [0, 1, 2],
  prepare: (place) => place.remove('run.log', CACHE),
  during: publishSome,
  judge(place, { ended }, _, acknowledged) {
    const text = place.read('run.log');
    const lost = acknowledged.filter((id) => !text.includes(`"event_id":"${id}"`));
    const problems = lost.map((id) => `LOST: ${id} was acknowledged and is not in the log`);
    return ended?.code === 0 ? [...problems, ...unaccounted(text)] : [...problems, ...broken(text)];
  },
};

/** Publishes into the session that is being made to fail, as soon as there is one. */
async function publishSome(place: Place, program: Program): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  const session = await until(async () => (program.isOver ? null : await place.find('torn')), 8_000);
  if (session === undefined || session === null) return acknowledged;
  for (let n = 0; n < GUESTS; n++) {
    try {
      // A connection each, so that one that fails leaves two.
      const client = await connect(session, { client: 'guest', timeout: 3_000 });
      const taken = await client.publish({ type: 'guest.came', payload: { n } });
      acknowledged.push(taken.event_id);
      await taken.settled.catch(() => {});
      client.close();
    } catch {
      // Not acknowledged: nothing was promised.
    }
  }
  return acknowledged;
}

const runVirtual: Case = {
  name: 'run --virtual',
  args: ['run', 'small.yaml', '--virtual', '--log', 'virtual.log'],
  codes: [0, 2],
  prepare: (place) => place.remove('virtual.log', CACHE),
  judge: (place, { ended }, { files }) =>
    ended?.code === 0 &&
    place.read('virtual.log') !== files.get('virtual.log') &&
    unaccounted(place.read('virtual.log')).length > 0
      ? ['it says that all went well, and the log is another one']
      : [],
};

let traces = 0;
const publish: Case = {
  name: 'publish',
  args: ['publish', 'guest.came', '--payload', '{"n": 1}', '--json', '--trace-id'],
  codes: [0, 2],
  prepare: (place) => place.remove(CACHE, 'logs'),
  judge(place, { ended, stdout }) {
    if (place.hostIsOver) return ['the session it published into is gone'];
    const events = publishedIn(place.read('host.log'), traceOf(place));
    if (ended?.code === 2 && events > 0) return ['it says that the input is wrong, and the event is in the log'];
    if (ended?.code !== 0) return [];
    const { session, event_id: id } = JSON.parse(stdout);
    const host = /"session":"([^"]+)"/.exec(place.read('host.log'))?.[1];
    if (session !== host) return ['a session runs here, and it published somewhere else'];
    return events === 1 ? [] : [`LOST: it says that ${id} is published, and the log has it ${events} times`];
  },
};

const oneShot: Case = {
  name: 'publish, one-shot',
  args: ['publish', 'guest.came', '--scenario', 'small.yaml', '--log', 'shot.log', '--json', '--trace-id'],
  codes: [0, 2],
  prepare: (place) => place.remove(CACHE, 'shot.log'),
  judge(place, { ended }) {
    const text = place.read('shot.log');
    const events = publishedIn(text, traceOf(place));
    if (ended?.code === 0 && events !== 1)
      return [`LOST: it says that it is published, and the log has it ${events} times`];
    return broken(text);
  },
};

/** Each run publishes under an id of its own. */
export function argsOf(each: Case, place: Place): readonly string[] {
  if (each.args.at(-1) !== '--trace-id') return each.args;
  traceIds.set(place, `t-${++traces}`);
  return [...each.args, traceOf(place)];
}

const traceIds = new WeakMap<Place, string>();

function traceOf(place: Place): string {
  return traceIds.get(place) ?? '';
}

function publishedIn(log: string, trace: string): number {
  return log
    .split('\n')
    .filter((line) => line.includes('"event":"event_published"') && line.includes(`"trace_id":"${trace}"`)).length;
}

/** A command that only reads: what it shows is all there is, or it says that it failed. */
function reading(name: string, args: readonly string[], prepare: (place: Place) => void): Case {
  return {
    name,
    args,
    codes: [0, 2],
    prepare,
    judge: (_, { ended, stdout }, expected) =>
      ended?.code === 0 && stdout !== expected.stdout ? ['it says that all went well, and shows something else'] : [],
  };
}

const keep = () => {};
const traceCold = reading('trace', ['trace', 'job-5', '--log', 'parts.log'], (place) => place.remove(CACHE));
const traceWarm = reading('trace, from the cache', ['trace', 'job-5', '--log', 'parts.log'], keep);
const traceBig = reading('trace, with an index', ['trace', 'job-5', '--log', 'big.log'], (place) =>
  place.remove(CACHE),
);
const traceIndexed = reading('trace, by an index', ['trace', 'job-5', '--log', 'big.log'], keep);
const tailFile = reading('tail --no-follow', ['tail', '--no-follow', '--log', 'whole.log', '-n', '20'], (place) =>
  place.remove(CACHE),
);

const tailSession: Case = {
  name: 'tail',
  args: ['tail', '--json', '--session', 'host'],
  codes: [130, 2],
  prepare: (place) => place.remove(CACHE),
  /** Publishes until the tail shows it or has ended, and ends it then. */
  async during(place, program) {
    const session = await place.find('host');
    if (session === undefined) return [];
    const client = await connect(session, { client: 'guest' });
    await until(async () => {
      if (!program.isOver && !program.stdout.includes('guest.came')) {
        await client.publish({ type: 'guest.came', payload: {} });
        return undefined;
      }
      return true;
    }, 4_000);
    client.close();
    program.kill('SIGINT');
    return [];
  },
  judge: (place) => (place.hostIsOver ? ['the session it followed is gone'] : []),
};

const check: Case = {
  name: 'check',
  args: ['check', 'small.yaml', '--junit', 'junit.xml'],
  codes: [0, 2],
  prepare: (place) => place.remove(CACHE, 'junit.xml'),
  judge: (place, { ended }) =>
    ended?.code === 0 && !place.read('junit.xml').trimEnd().endsWith('</testsuites>')
      ? ['it says that all went well, and the report is not whole']
      : [],
};

const checkFailing: Case = {
  name: 'check, of a scenario that fails',
  args: ['check', 'failing.yaml'],
  codes: [1, 2],
  prepare: (place) => place.remove(CACHE, 'logs'),
  judge(place, { ended, stdout }) {
    if (ended?.code !== 1) return [];
    if (!stdout.includes('job.asked was published 10 times')) return ['it says no without saying why'];
    const log = /logs\/check\/[\w.-]+\.log/.exec(stdout)?.[0];
    return log === undefined ? [] : unaccounted(place.read(log));
  },
};

export const CASES: readonly Case[] = [
  runVirtual,
  run,
  publish,
  oneShot,
  traceCold,
  traceWarm,
  traceBig,
  traceIndexed,
  tailFile,
  tailSession,
  check,
  checkFailing,
];
