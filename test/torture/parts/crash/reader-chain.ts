/** `trace` on a log that is large enough for an index, killed while it reads or writes that: the next one answers as ever. */
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EventBus, openLog } from '../../../../src/index.js';
import type { Random } from '../../../../src/kernel/index.js';
import { between, isRaw } from '../../support/looks.js';
import { Program, pause } from '../../support/programs.js';
import { cfBus, environment, type Ground } from './ground.js';
import type { Outcome } from './session-chain.js';

/** An index is kept of logs above 64 MiB: a block of records, again and again, and the wanted one between. */
const LOG_BYTES = 66 << 20;
const BLOCK_EVENTS = 6_000;
const WANTED = 'req-12345';

export class ReaderChain {
  readonly #ground: Ground;
  readonly #folder: string;
  readonly #log: string;
  #expected: { readonly output: string; readonly ms: number } | undefined;

  constructor(ground: Ground, id: number) {
    this.#ground = ground;
    this.#folder = join(ground.scratch, `r${id}`);
    this.#log = join(this.#folder, 'a.log');
    mkdirSync(this.#folder);
  }

  torn(): number {
    return 0;
  }

  async kill(random: Random): Promise<Outcome> {
    this.#expected ??= await this.#begin();
    const { output, ms } = this.#expected;
    const program = new Program(this.#ground.bin, this.#args(), { cwd: this.#folder, env: this.#environment() });
    await pause(between(random, 0, ms));
    program.kill('SIGKILL');
    await program.ended;
    const { stdout, problems } = await cfBus(this.#cached(), this.#folder, this.#args());
    const found = [...problems];
    if (isRaw(program.stderr)) found.push(`a stack is shown: ${program.stderr}`);
    if (stdout !== output) found.push(`trace prints something else: ${stdout.slice(0, 200)}`);
    this.#forget();
    return { problems: found, acknowledged: 0, lost: 0 };
  }

  async finish(): Promise<readonly string[]> {
    return [];
  }

  /** Writes the log, asks once without an index, and finds out how long it takes with one. */
  async #begin(): Promise<{ readonly output: string; readonly ms: number }> {
    const block = join(this.#folder, 'block.log');
    await write(block, 'fill', BLOCK_EVENTS);
    await write(this.#log, WANTED, 1);
    const bytes = readFileSync(block);
    for (let size = 0; size < LOG_BYTES; size += bytes.length) appendFileSync(this.#log, bytes);
    const { stdout } = await cfBus(this.#cached(), this.#folder, [...this.#args(), '--no-index']);
    const begun = performance.now();
    await cfBus(this.#cached(), this.#folder, this.#args());
    const ms = performance.now() - begun;
    this.#forget();
    return { output: stdout, ms };
  }

  /** Caches and index: the next kill finds none. */
  #forget(): void {
    rmSync(join(this.#folder, 'home'), { recursive: true, force: true });
  }

  /** A home of its own: the first start finds no cache at all, later ones what a killed one left. */
  #cached(): Ground {
    return { ...this.#ground, scratch: this.#folder };
  }

  #environment(): Record<string, string> {
    return environment(this.#cached(), this.#folder);
  }

  #args(): string[] {
    return ['trace', WANTED, '--log', this.#log];
  }
}

async function write(file: string, traceId: string, events: number): Promise<void> {
  const bus = new EventBus({ log: openLog({ file, level: 'debug' }) });
  bus.subscribe('load.tick', function work() {});
  for (let index = 0; index < events; index++) {
    await bus.publish({ type: 'load.tick', payload: {}, traceId, source: 'reader' });
  }
  await bus.close();
}
