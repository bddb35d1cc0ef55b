/** `cf-bus publish` where no session runs: it writes the log itself, and is killed while it does. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../../../src/kernel/index.js';
import { between, isRaw } from '../../support/looks.js';
import { Program, pause, until } from '../../support/programs.js';
import { cfBus, environment, type Ground, readBack } from './ground.js';
import type { Outcome } from './session-chain.js';
import { TornLines } from './torn.js';

const SCENARIO = `version: 1
name: One shot
services:
  worker:
    handlers:
      work: { subscribe: load.tick, publish: { type: load.tock } }
      note: { subscribe: "**" }
`;
const READY_MS = 15_000;

export class OneShotChain {
  readonly #ground: Ground;
  readonly #folder: string;
  readonly #log: string;
  readonly #torn: TornLines;

  constructor(ground: Ground, id: number) {
    this.#ground = ground;
    this.#folder = join(ground.scratch, `o${id}`);
    this.#log = join(this.#folder, 'a.log');
    this.#torn = new TornLines(this.#log);
    mkdirSync(this.#folder);
    writeFileSync(join(this.#folder, 'one.yaml'), SCENARIO);
  }

  torn(): number {
    return this.#torn.kills;
  }

  async kill(random: Random): Promise<Outcome> {
    let output = '';
    let onWord = () => {};
    const program = new Program(this.#ground.bin, [...this.#args(1_000_000), '--no-wait'], {
      cwd: this.#folder,
      env: environment(this.#ground, this.#folder),
      onOutput: (text) => {
        onWord();
        output += text;
      },
    });
    await until(() => (output.includes('\n') || program.isOver ? true : undefined), READY_MS);
    await pause(between(random, 0, 300));
    // Half of them as the next acknowledgement is printed.
    if (random.next() < 0.5) program.kill('SIGKILL');
    else onWord = () => program.kill('SIGKILL');
    await program.ended;
    const told = output.split('\n').slice(0, -1);
    const { audit, problems } = this.#torn.look();
    const ids = told.map((line): string => JSON.parse(line).event_id);
    const missing = audit.missing(ids);
    const found = [...problems, ...missing.slice(0, 1).map((id) => `${id} was acknowledged and is not in the log`)];
    if (told.length === 0) found.push(`nothing was published: ${program.stderr}`);
    if (isRaw(program.stderr)) found.push(`a stack is shown: ${program.stderr}`);
    const line = random.next() < 1 / 3 ? this.#torn.cut(random) : '';
    const shown = told.findLast((_, index) => !line.includes(ids[index] ?? ''));
    const expected = shown === undefined ? undefined : JSON.parse(shown);
    const read = await readBack(
      this.#ground,
      this.#folder,
      this.#log,
      expected && { traceId: String(expected.trace_id), eventId: String(expected.event_id) },
    );
    return { problems: [...found, ...read], acknowledged: ids.length, lost: missing.length };
  }

  async finish(): Promise<readonly string[]> {
    return (await cfBus(this.#ground, this.#folder, this.#args(1))).problems;
  }

  #args(count: number): string[] {
    return ['publish', 'load.tick', '--scenario', 'one.yaml', '--log', this.#log, '--json', '--count', String(count)];
  }
}
