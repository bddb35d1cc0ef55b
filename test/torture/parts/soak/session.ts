/** The session that is soaked, and everybody around it. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { chooseSession, connect, type SessionDescription, systemEnvironment } from '../../../../src/session/index.js';
import { cleanEnv, copyProgram, Program, PtyProgram, pause, until } from '../../support/programs.js';
import { type Figures, type FinalStats, readStats } from './figures.js';
import { Publisher, TailCount } from './guests.js';
import { LogCount } from './log-count.js';
import { EVENTS_A_POKE, EVENTS_A_REQUEST, soakScenario } from './scenario.js';

const EVENTS_PER_SECOND = 1_000;
const PUBLISHERS = 4;
const POKES_PER_SECOND = 100;
const REQUESTS_PER_SECOND = (EVENTS_PER_SECOND - POKES_PER_SECOND * EVENTS_A_POKE) / EVENTS_A_REQUEST;
const NAME = 'soak';
/** A loaded machine may need long for a start; nothing here is about that. */
const START_MS = 30_000;
const END_MS = 30_000;

export class SoakSession {
  static readonly scenario = soakScenario(REQUESTS_PER_SECOND);
  readonly log: LogCount;
  readonly #scratch: string;
  readonly #seconds: number;
  readonly #program: string;
  readonly #sampler: string;
  readonly #sampleMs: number;
  readonly #env: Record<string, string>;
  readonly #tail = new TailCount();
  readonly #failures: string[] = [];
  #publishers: readonly Publisher[] = [];
  #running: { readonly run: PtyProgram; readonly dash: PtyProgram; readonly tail: Program } | undefined;
  #session: SessionDescription | undefined;
  #begin = 0;
  #commandPokes = 0;
  #commands = 0;

  /** @param seconds how long the traffic lasts. */
  constructor(root: string, scratch: string, sampler: string, seconds: number, sampleSeconds: number) {
    this.#scratch = scratch;
    this.#seconds = seconds;
    this.#program = copyProgram(root, join(scratch, 'program'));
    this.#sampler = sampler;
    this.#sampleMs = sampleSeconds * 1_000;
    this.#env = cleanEnv(scratch);
    this.log = new LogCount(join(scratch, 'soak.log'));
  }

  /** Something ended that should not have. */
  get brokenDown(): boolean {
    const { run, dash, tail } = this.#running ?? {};
    return run?.isOver === true || dash?.isOver === true || tail?.isOver === true;
  }

  async open(): Promise<void> {
    const duration = `${this.#seconds}s`;
    const words = ['run', 'soak.yaml', '--session', NAME, '--log', 'soak.log', '--duration', duration];
    const run = this.#onTerminal('session', words);
    this.#session = await until(() => this.#find(), START_MS);
    if (this.#session === undefined) throw new Error(`the session did not start: ${run.output.slice(-2_000)}`);
    this.#begin = performance.now();
    const tail = new Program(this.#program, ['tail', '--session', NAME, '--json'], {
      ...this.#options('tail'),
      onOutput: this.#tail.takeOutput,
    });
    const dash = this.#onTerminal('dash', ['dash', '--session', NAME]);
    this.#running = { run, dash, tail };
    const session = this.#session;
    this.#publishers = await Promise.all(
      Array.from({ length: PUBLISHERS }, (_, index) =>
        Publisher.connect(session, `publisher ${index}`, POKES_PER_SECOND / PUBLISHERS),
      ),
    );
    for (const publisher of this.#publishers) void publisher.run();
  }

  /** Commands as people type them, each a process and a connection of its own. */
  async runCommands(): Promise<void> {
    const publish = this.#command(['publish', 'soak.poke', '--session', NAME, '--payload', '{"n": -1}', '--json']);
    const stats = this.#command(['stats', '--session', NAME, '--json']);
    this.#commandPokes++;
    await Promise.all([publish, stats]);
  }

  /** Lets what is under way end, closes everything in good order, and gives all figures there are. */
  async end(): Promise<Figures> {
    const { run, dash, tail } = this.#running ?? {};
    if (run === undefined || dash === undefined || tail === undefined) throw new Error('the session is not open');
    if (this.brokenDown) throw new Error(this.#breakdown(run, dash, tail));
    const stopped = this.#publishers.map((publisher) => publisher.stop());
    await Promise.all(stopped);
    const seconds = (performance.now() - this.#begin) / 1_000;
    const stats = await this.#statsAtEnd();
    run.type('q');
    const code = (await run.within(END_MS))?.code;
    if (code !== 0) this.#failures.push(`the session ended with exit code ${code}: ${run.output.slice(-1_000)}`);
    const tailCode = (await tail.within(END_MS))?.code;
    if (tailCode !== 0) this.#failures.push(`tail ended with exit code ${tailCode}: ${tail.stderr.slice(-500)}`);
    this.#tail.takeNotices(tail.stderr);
    dash.type('q');
    const dashCode = (await dash.within(END_MS))?.code;
    if (dashCode !== 0) this.#failures.push(`dash ended with exit code ${dashCode}: ${dash.output.slice(-500)}`);
    const log = await this.log.finish();
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    return {
      seconds,
      target: EVENTS_PER_SECOND,
      stats,
      log,
      rotations: this.log.rotations,
      published: sum(Object.values(stats.event_counts)),
      inLog: log.kinds.get('event_published') ?? 0,
      acknowledged: sum(this.#publishers.map(({ acknowledged }) => acknowledged)) + this.#commandPokes,
      settled: sum(this.#publishers.map(({ settled }) => settled)) + this.#commandPokes,
      pokesInLog: log.published.get('soak.poke') ?? 0,
      commands: this.#commands,
      tail: this.#tail,
      drawnBytes: run.bytes + dash.bytes,
      failures: [...this.#failures, ...this.#publishers.flatMap(({ failures }) => failures)],
    };
  }

  async kill(): Promise<void> {
    const { run, dash, tail } = this.#running ?? {};
    for (const program of [run, dash, tail]) program?.kill('SIGKILL');
    await Promise.all([run?.ended, dash?.ended, tail?.ended]);
  }

  /** The statistics once they do not change any more: the traffic is over, and all it caused has ended. */
  async #statsAtEnd(): Promise<FinalStats> {
    const session = this.#session;
    if (session === undefined) throw new Error('the session is not open');
    const client = await connect(session, { client: 'harness', timeout: 20_000 });
    try {
      let last = '';
      const settled = await until(async () => {
        await pause(500);
        const text = JSON.stringify(await client.request('stats', {}));
        const isQuiet = text === last;
        last = text;
        return isQuiet ? readStats(JSON.parse(text)) : undefined;
      }, END_MS);
      if (settled === undefined) throw new Error(`the bus did not come to rest: ${last.slice(0, 1_000)}`);
      return settled;
    } finally {
      client.close();
    }
  }

  #onTerminal(name: string, args: readonly string[]): PtyProgram {
    return new PtyProgram(this.#program, args, this.#options(name));
  }

  #options(name: string) {
    const samples = {
      CF_BUS_SOAK_FILE: join(this.#scratch, 'samples', name),
      CF_BUS_SOAK_EVERY_MS: String(this.#sampleMs),
    };
    return { cwd: this.#scratch, env: { ...this.#env, ...samples }, node: ['--import', this.#sampler] };
  }

  async #command(args: readonly string[]): Promise<void> {
    const program = new Program(this.#program, args, { cwd: this.#scratch, env: this.#env });
    const ended = await program.within(END_MS);
    this.#commands++;
    if (ended?.code !== 0) {
      this.#failures.push(`cf-bus ${args.join(' ')} ended with ${ended?.code ?? 'a kill'}: ${program.stderr}`);
    }
  }

  async #find(): Promise<SessionDescription | undefined> {
    const { uid } = systemEnvironment();
    const place = { env: this.#env, home: this.#scratch, temporary: this.#scratch, cwd: this.#scratch, uid };
    try {
      return await chooseSession({ session: NAME, environment: place });
    } catch {
      return undefined;
    }
  }

  #breakdown(run: PtyProgram, dash: PtyProgram, tail: Program): string {
    const said = { session: run.output.slice(-1_000), dash: dash.output.slice(-1_000), tail: tail.stderr.slice(-500) };
    return `something ended before its time: ${JSON.stringify(said)}`;
  }
}
