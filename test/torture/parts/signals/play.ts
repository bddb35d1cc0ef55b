/** Plays one case: starts the run, sends what the case says, and looks at everything that is left. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../../../src/kernel/index.js';
import { flaws, LogAudit, unfinished } from '../../support/log-audit.js';
import { between, isRaw } from '../../support/looks.js';
import { cleanEnv, pause, until } from '../../support/programs.js';
import { type Found, filesIn, Publishers, sessionOf } from '../../support/publishers.js';
import type { Case } from './cases.js';
import { Crowd, scenario, storm } from './crowd.js';
import { Subject } from './subject.js';

export interface Outcome {
  readonly problems: readonly string[];
  readonly acknowledged: number;
  readonly lost: number;
  /** Milliseconds from the first signal that ends the run to its end; `undefined` where it was over before. */
  readonly ms: number | undefined;
}

export interface Ground {
  readonly bin: string;
  readonly scratch: string;
}

const READY_MS = 15_000;

export async function play(ground: Ground, id: number, the: Case, random: Random): Promise<Outcome> {
  const player = new Player(ground, id, the, random);
  try {
    return await player.play();
  } finally {
    player.dispose();
  }
}

class Player {
  readonly #case: Case;
  readonly #random: Random;
  readonly #folder: string;
  readonly #log: string;
  readonly #run: Subject;
  readonly #crowd = new Crowd();

  constructor({ bin, scratch }: Ground, id: number, the: Case, random: Random) {
    this.#case = the;
    this.#random = random;
    this.#folder = join(scratch, `${id}`);
    this.#log = join(this.#folder, 'a.log');
    mkdirSync(this.#folder);
    writeFileSync(join(this.#folder, 'signals.yaml'), scenario(the.hangs));
    const args = ['run', 'signals.yaml', '--log', this.#log, '--stay'];
    if (the.host !== 'dashboard') args.push('--no-ui');
    const env = cleanEnv(join(scratch, 'home'), { XDG_RUNTIME_DIR: this.#folder });
    this.#run = new Subject(the, { bin, args, env, folder: this.#folder, log: this.#log }, random);
  }

  async play(): Promise<Outcome> {
    if (!(await this.#run.start())) return this.#outcome(['the run did not start']);
    if (!(await this.#reach())) return this.#outcome([`the run did not come up: ${this.#run.errors}`]);
    const overBefore = this.#run.isOver;
    for (const [index, step] of this.#case.steps.entries()) {
      if (index > 0) await this.#run.wait(this.#case.gap);
      await this.#run.take(step);
    }
    const ms = await this.#run.end();
    await this.#crowd.gone();
    const found = this.#look();
    return this.#outcome([...this.#run.problems, ...found], overBefore ? undefined : ms);
  }

  dispose(): void {
    this.#run.dispose();
    this.#crowd.dispose();
  }

  /** Brings the run to the moment of the case. */
  async #reach(): Promise<boolean> {
    const { moment, rude } = this.#case;
    const run = this.#run;
    if (moment === 'start') {
      await pause(between(this.#random, 0, 500));
      return true;
    }
    const session = await until(() => sessionOf(this.#folder, run.pid), READY_MS);
    if (session === undefined) return false;
    await this.#crowd.join(session, rude);
    const drawn = () => this.#case.host !== 'dashboard' || run.terminal?.output.includes('Subscribers') === true;
    const up = () => (this.#crowd.acknowledged.length > 0 && drawn() ? true : undefined);
    if ((await until(up, READY_MS)) === undefined) return false;
    if (moment === 'render' && run.terminal !== undefined) await storm(run.terminal, this.#random);
    else await pause(between(this.#random, 0, 400));
    if (moment === 'drain') await this.#drain(session);
    return true;
  }

  async #drain(session: Found): Promise<void> {
    if (this.#case.host === 'dashboard') this.#run.terminal?.type('q');
    else await Publishers.stopSession(session);
    await pause(between(this.#random, 0, 700));
  }

  /** What is in the log, beside it, and how the run ended. */
  #look(): string[] {
    const found: string[] = [];
    const audit = new LogAudit(...[...this.#run.rotated, this.#log].filter((file) => existsSync(file)));
    found.push(...flaws(audit));
    const [session] = audit.sessions.values();
    const stopped = session?.stopped;
    if (session !== undefined && (this.#patient() || stopped !== undefined)) found.push(...unfinished(session));
    const { moment } = this.#case;
    if (moment !== 'start' && session === undefined) found.push('there is no log');
    const { code, codes, errors } = this.#run;
    // It may have drained, and ended by itself, before the signal came.
    const byItself = moment === 'drain' && stopped !== undefined && stopped.reason !== 'signal' && code === 0;
    if (code !== undefined && !codes.has(code) && !byItself)
      found.push(`exit code ${code}, not ${[...codes].join(' or ')}`);
    const left = filesIn(this.#folder);
    if (left.length > 0) found.push(`left beside the sockets: ${left.join(', ')}`);
    if (isRaw(errors)) found.push(`a stack is shown: ${errors}`);
    this.#missing = audit.missing(this.#crowd.acknowledged.map(({ eventId }) => eventId));
    return found;
  }

  /** A second signal ends the process at once; a second SIGHUP is part of the first. */
  #patient(): boolean {
    const ending = this.#case.steps.flatMap((step) =>
      step.do === 'hangUp' ? 'SIGHUP' : 'name' in step ? step.name : [],
    );
    return ending.slice(1).every((name) => name === 'SIGHUP');
  }

  #missing: readonly string[] = [];

  #outcome(problems: readonly string[], ms?: number): Outcome {
    const all = [...problems, ...this.#crowd.surprises];
    const lost = this.#missing.length;
    if (lost > 0) all.push(`${lost} acknowledged publishes are not in the log: ${this.#missing[0]}`);
    return { problems: all, acknowledged: this.#crowd.acknowledged.length, lost, ms };
  }
}
