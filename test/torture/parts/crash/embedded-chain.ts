/** An embedding program with `openLog`, killed again and again on one log; alone, or with another that lives on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../../../src/kernel/index.js';
import { between, isRaw } from '../../support/looks.js';
import { Program, pause, until } from '../../support/programs.js';
import { cfBus, environment, type Ground, readBack } from './ground.js';
import type { Outcome } from './session-chain.js';
import { TornLines } from './torn.js';

/** `flush`: what `flushSync` promises. `turn`: what each turn of the event loop does. `pair`: two programs, one log. */
export type Way = 'flush' | 'turn' | 'pair';

const READY_MS = 15_000;

export class EmbeddedChain {
  readonly #ground: Ground;
  readonly #folder: string;
  #log = '';
  #torn = new TornLines('');
  #lives = 0;
  #tornBefore = 0;
  /** Lines of a killed program with another's record behind them. */
  mended = 0;

  constructor(ground: Ground, id: number) {
    this.#ground = ground;
    this.#folder = join(ground.scratch, `e${id}`);
    mkdirSync(this.#folder);
    writeFileSync(
      join(this.#folder, 'next.yaml'),
      'version: 1\nname: Next\nservices: { a: { handlers: { b: { subscribe: c.d } } } }\n',
    );
    this.#begin();
  }

  get tornByKills(): number {
    return this.#tornBefore + this.#torn.kills;
  }

  async kill(way: Way, random: Random): Promise<Outcome> {
    const victim = this.#start(way === 'turn' ? 'turn' : 'flush');
    const survivor = way === 'pair' ? this.#start('flush') : undefined;
    const programs = survivor === undefined ? [victim] : [victim, survivor];
    const ready = await until(() => (programs.every(({ said }) => said() > 0) ? true : undefined), READY_MS);
    await pause(between(random, 0, 100));
    // Half of them as the next promise is given.
    if (random.next() < 0.5) victim.program.kill('SIGKILL');
    else victim.atNextWord(() => victim.program.kill('SIGKILL'));
    await victim.program.ended;
    if (survivor === undefined) return this.#alone(victim, ready === true, random);
    await pause(between(random, 0, 50));
    survivor.program.kill('SIGTERM');
    const ended = await survivor.program.within(READY_MS);
    const problems =
      ended?.code === 0 ? [] : [`the other program ended with ${ended?.code}: ${survivor.program.stderr}`];
    return this.#both(victim, survivor, problems);
  }

  /** Two programs, or a run, on a log that was left behind. */
  async finish(): Promise<string[]> {
    const { problems } = await cfBus(this.#ground, this.#folder, ['run', 'next.yaml', '--no-ui', '--log', this.#log]);
    return [...problems];
  }

  #begin(): void {
    this.#tornBefore += this.#torn.kills;
    this.#log = join(this.#folder, `${this.#lives}.log`);
    this.#torn = new TornLines(this.#log);
  }

  #start(promise: 'flush' | 'turn'): Victim {
    const prefix = `v${++this.#lives}`;
    let tail = '';
    let onWord = () => {};
    const program = new Program(this.#ground.victim, [this.#log, promise, prefix], {
      cwd: this.#folder,
      env: environment(this.#ground, this.#folder),
      onOutput: (text) => {
        onWord();
        tail = (tail + text).slice(-64);
      },
    });
    const said = () =>
      Number(
        tail
          .slice(0, tail.lastIndexOf('\n') + 1)
          .trimEnd()
          .split('\n')
          .at(-1) ?? 0,
      );
    const atNextWord = (then: () => void) => {
      onWord = then;
    };
    return { program, prefix, said, atNextWord };
  }

  async #alone(victim: Victim, ready: boolean, random: Random): Promise<Outcome> {
    const { audit, problems } = this.#torn.look();
    const missing = missingOf(victim, audit.traces);
    const found = [...problems, ...wrongWith(victim, ready), ...missing.slice(0, 1)];
    const line = random.next() < 1 / 3 ? this.#torn.cut(random) : '';
    const last = Array.from({ length: Math.min(victim.said(), 3) }, (_, n) => `${victim.prefix}-${victim.said() - n}`);
    const traceId = last.find((id) => !line.includes(`"${id}"`));
    found.push(
      ...(await readBack(this.#ground, this.#folder, this.#log, traceId === undefined ? undefined : { traceId })),
    );
    return { problems: found, acknowledged: victim.said(), lost: missing.length };
  }

  /**
   * What the killed one left may be torn, and the other's next line stands behind it: that line counts as one broken
   * line, and readers find the record in it. The log is begun anew afterwards, so that it stays the only one.
   */
  async #both(victim: Victim, survivor: Victim, noticed: readonly string[]): Promise<Outcome> {
    const { audit, problems } = this.#torn.look();
    const [first] = audit.mended;
    const found = [...noticed, ...problems.filter((text) => first === undefined || !text.startsWith('1 broken line'))];
    this.mended += audit.mended.length;
    const missing = [...missingOf(victim, audit.traces), ...missingOf(survivor, audit.traces)];
    found.push(...wrongWith(victim, true), ...missing.slice(0, 1));
    const traceId = /"trace_id":"([^"]+)"[^{]*$/.exec(first ?? '')?.[1] ?? `${survivor.prefix}-${survivor.said()}`;
    found.push(...(await readBack(this.#ground, this.#folder, this.#log, { traceId })));
    this.#begin();
    return { problems: found, acknowledged: victim.said() + survivor.said(), lost: missing.length };
  }
}

interface Victim {
  readonly program: Program;
  readonly prefix: string;
  /** Up to which event the program promised that it is in the log. */
  readonly said: () => number;
  readonly atNextWord: (then: () => void) => void;
}

function missingOf({ prefix, said }: Victim, traces: ReadonlyMap<string, number>): string[] {
  const ids = Array.from({ length: said() }, (_, index) => `${prefix}-${index + 1}`);
  return ids.filter((id) => !traces.has(id)).map((id) => `${id} was promised and is not in the log`);
}

function wrongWith({ program }: Victim, ready: boolean): string[] {
  if (!ready) return [`the embedding program did not begin: ${program.stderr}`];
  return isRaw(program.stderr) ? [`a stack is shown: ${program.stderr}`] : [];
}
