/** `cf-bus run`, killed again and again: each run goes on with the log, the name and the sockets that the last left behind. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../../../src/kernel/index.js';
import { between, isRaw } from '../../support/looks.js';
import { Program, pause, until } from '../../support/programs.js';
import { type Acknowledgement, filesIn, Publishers, sessionOf } from '../../support/publishers.js';
import { cfBus, environment, type Ground, readBack } from './ground.js';
import { TornLines } from './torn.js';

/** `word`: the very moment that an acknowledgement arrives. */
export type Moment = 'start' | 'load' | 'word' | 'drain';
/** Who publishes meanwhile: a client with many publishes under way, or `cf-bus publish`. */
export type Publisher = 'client' | 'command';

export interface Outcome {
  readonly problems: readonly string[];
  readonly acknowledged: number;
  readonly lost: number;
}

const FANS = Array.from({ length: 6 }, (_, index) => `      fan_${index}: { subscribe: load.poke }`);
/** Publishes from outside make many records within one turn: an acknowledgement that came too early would be seen. */
const SCENARIO = `version: 1
name: Crash
seed: 1
services:
  worker:
    handlers:
      work: { subscribe: load.tick, delay: { type: exponential, mean: 5ms }, publish: { type: load.tock } }
      late: { subscribe: load.tick, delay: { type: uniform, min: 100ms, max: 600ms } }
      note: { subscribe: [load.tick, load.tock] }
${FANS.join('\n')}
requests:
  - { name: tick, trace_id: "tick-{{ sequence }}", flow: [{ publish: { type: load.tick } }] }
phases:
  - { duration: 1h, arrival_rate: 300 }
`;
const NAME = 'victim';
const READY_MS = 15_000;
/** How soon a client must know that its session is gone. */
const TOLD_MS = 5_000;
const IN_FLIGHT = 48;

export class SessionChain {
  readonly #ground: Ground;
  readonly #folder: string;
  readonly #log: string;
  readonly #torn: TornLines;
  #lives = 0;

  constructor(ground: Ground, id: number) {
    this.#ground = ground;
    this.#folder = join(ground.scratch, `s${id}`);
    this.#log = join(this.#folder, 'a.log');
    this.#torn = new TornLines(this.#log);
    mkdirSync(this.#folder);
    writeFileSync(join(this.#folder, 'crash.yaml'), SCENARIO);
  }

  get tornByKills(): number {
    return this.#torn.kills;
  }

  async kill(moment: Moment, publisher: Publisher, random: Random): Promise<Outcome> {
    const program = this.#run(['--stay']);
    if (moment === 'start') {
      await pause(between(random, 0, 500));
      program.kill('SIGKILL');
      await program.ended;
      return this.#outcome([], [], random);
    }
    const session = await until(() => (program.isOver ? undefined : sessionOf(this.#folder, program.pid)), READY_MS);
    if (session === undefined) {
      program.kill('SIGKILL');
      return { problems: [`the next run did not come up: ${program.stderr}`], acknowledged: 0, lost: 0 };
    }
    const clients = publisher === 'client' ? await this.#client(session) : this.#command();
    await until(() => (clients.acknowledged.length > 0 ? true : undefined), READY_MS);
    await pause(between(random, 0, 400));
    if (moment === 'word') await clients.next(() => program.kill('SIGKILL'));
    if (moment === 'drain') {
      program.kill('SIGTERM');
      await pause(between(random, 0, 500));
    }
    program.kill('SIGKILL');
    await program.ended;
    const told = await clients.ended();
    return this.#outcome(clients.acknowledged, [...problemsOf(program), ...told], random);
  }

  /** A run that ends in good order, and leaves nothing but its log. */
  async finish(): Promise<string[]> {
    const run = ['run', 'crash.yaml', '--no-ui', '--session', NAME, '--log', this.#log, '--duration', '50ms'];
    const { problems } = await cfBus(this.#ground, this.#folder, run);
    const left = filesIn(this.#folder);
    return [...problems, ...(left.length > 0 ? [`files are left beside the sockets: ${left.join(', ')}`] : [])];
  }

  #run(args: readonly string[]): Program {
    this.#lives++;
    const all = ['run', 'crash.yaml', '--no-ui', '--session', NAME, '--log', this.#log, ...args];
    return new Program(this.#ground.bin, all, { ...this.#options(), onOutput: () => {} });
  }

  #options() {
    return { cwd: this.#folder, env: environment(this.#ground, this.#folder) };
  }

  async #client(session: { readonly name: string; readonly socket: string }): Promise<Clients> {
    const publishers = await Publishers.join(session, `p${this.#lives}`);
    const over = publishers.run('load.poke', IN_FLIGHT);
    return {
      acknowledged: publishers.acknowledged,
      next: (then) =>
        new Promise((resolve) => {
          publishers.onAcknowledged = () => {
            then();
            resolve();
          };
        }),
      async ended() {
        await over;
        return publishers.surprises;
      },
    };
  }

  #command(): Clients {
    const acknowledged: Acknowledgement[] = [];
    let rest = '';
    let onWord = () => {};
    const onOutput = (text: string) => {
      onWord();
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { event_id: eventId, trace_id: traceId } = JSON.parse(line);
        acknowledged.push({ eventId: String(eventId), traceId: String(traceId) });
      }
    };
    const args = ['publish', 'load.poke', '--session', NAME, '--count', '1000000', '--no-wait', '--json'];
    const program = new Program(this.#ground.bin, args, { ...this.#options(), onOutput });
    return {
      acknowledged,
      next: (then) =>
        new Promise((resolve) => {
          onWord = () => {
            then();
            resolve();
          };
        }),
      async ended() {
        const ended = await program.within(TOLD_MS);
        if (ended === undefined) return [`cf-bus publish still ran ${TOLD_MS} ms after its session was killed`];
        if (ended.code === 3) return problemsOf(program);
        return [`cf-bus publish ended with ${ended.code ?? ended.signal}, not 3: ${program.stderr}`];
      },
    };
  }

  async #outcome(
    acknowledged: readonly Acknowledgement[],
    noticed: readonly string[],
    random: Random,
  ): Promise<Outcome> {
    const { audit, problems } = this.#torn.look();
    const missing = audit.missing(acknowledged.map(({ eventId }) => eventId));
    const found = [...noticed, ...problems];
    if (missing.length > 0) found.push(`${missing.length} acknowledged publishes are not in the log: ${missing[0]}`);
    const line = random.next() < 1 / 3 ? this.#torn.cut(random) : '';
    const shown = acknowledged.findLast(({ eventId }) => !line.includes(eventId));
    if (audit.records > 1) found.push(...(await readBack(this.#ground, this.#folder, this.#log, shown)));
    return { problems: found, acknowledged: acknowledged.length, lost: missing.length };
  }
}

interface Clients {
  readonly acknowledged: readonly Acknowledgement[];
  /** Calls `then` as the next acknowledgement arrives. */
  next(then: () => void): Promise<void>;
  /** Resolves when they know that the session is gone, with what was wrong about that. */
  ended(): Promise<readonly string[]>;
}

function problemsOf(program: Program): string[] {
  return isRaw(program.stderr) ? [`a stack is shown: ${program.stderr}`] : [];
}
