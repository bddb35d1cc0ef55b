/** `cf-bus run` with publishing clients, whose log gets into trouble and out of it again. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LogAudit, unfinished } from '../../support/log-audit.js';
import { isRaw } from '../../support/looks.js';
import { type Program, until } from '../../support/programs.js';
import { type Acknowledgement, Publishers, sessionOf } from '../../support/publishers.js';
import { cfBus, type Ground, occurrences, READY_MS, runScenario, TOLD_MS } from './ground.js';

const EVENTS_PER_SECOND = 600;
const IN_FLIGHT = 4;
const RECOVERED = 'the log can be written again';

export class TroubledRun {
  readonly folder: string;
  readonly log: string;
  readonly problems: string[] = [];
  readonly #ground: Ground;
  readonly #run: Program;
  #publishers: Publishers | undefined;
  #published: Promise<void> = Promise.resolve();

  /** @param through a program that starts it under other limits. */
  constructor(ground: Ground, name: string, log: string, through: readonly string[] = []) {
    this.#ground = ground;
    this.folder = join(ground.scratch, name);
    this.log = log;
    mkdirSync(this.folder);
    writeFileSync(join(this.folder, 'disk.yaml'), runScenario(EVENTS_PER_SECOND));
    const args = ['run', 'disk.yaml', '--no-ui', '--stay', '--log', log];
    this.#run = cfBus(ground, this.folder, args, { detached: true, through, onOutput: () => {} });
  }

  get pid(): number {
    return this.#run.pid;
  }

  get acknowledged(): readonly Acknowledgement[] {
    return this.#publishers?.acknowledged ?? [];
  }

  /** Does something in one step, as the run sees it. */
  atOnce(action: () => void): void {
    this.#run.kill('SIGSTOP');
    try {
      action();
    } finally {
      this.#run.kill('SIGCONT');
    }
  }

  /** Whether it has come up. With `clients`, something must have been acknowledged. */
  async up(clients = true): Promise<boolean> {
    const session = await until(() => sessionOf(this.folder, this.#run.pid), READY_MS);
    if (session === undefined) {
      this.problems.push(`the run did not come up: ${this.#run.stderr}`);
      return false;
    }
    this.#publishers = await Publishers.join(session, 'p');
    this.#published = this.#publishers.run('disk.tick', IN_FLIGHT);
    return clients ? this.publishes() : true;
  }

  /** Whether publishes are acknowledged again. */
  async publishes(): Promise<boolean> {
    const before = this.acknowledged.length;
    const more = await until(() => (this.acknowledged.length > before ? true : undefined), TOLD_MS);
    if (more === undefined) this.problems.push('no publish is acknowledged');
    return more === true;
  }

  /** It says that the log cannot be written, and why; publishes are refused, the command's as well. */
  async troubled(reason: string, times: number): Promise<void> {
    const told = await until(() => (occurrences(this.#run.stderr, reason) >= times ? true : undefined), TOLD_MS);
    if (told === undefined) this.problems.push(`it did not say "${reason}" ${times} times: ${this.#run.stderr}`);
    const refusals = this.#publishers?.refused.get('LOG_UNAVAILABLE') ?? 0;
    const refused = () => ((this.#publishers?.refused.get('LOG_UNAVAILABLE') ?? 0) > refusals ? true : undefined);
    if ((await until(refused, TOLD_MS)) === undefined) this.problems.push('publishes are not refused');
    const command = cfBus(this.#ground, this.folder, ['publish', 'disk.tick', '--no-wait']);
    const ended = await command.within(READY_MS);
    if (ended?.code !== 3 || !/cannot write its log|cannot write the log/.test(command.stderr))
      this.problems.push(`cf-bus publish meanwhile ended with ${ended?.code}: ${command.stderr}`);
  }

  /** It says that all is well again, and is. */
  async recovered(times: number): Promise<void> {
    const told = await until(() => (occurrences(this.#run.stderr, RECOVERED) >= times ? true : undefined), TOLD_MS);
    if (told === undefined) this.problems.push(`it did not say that the log can be written: ${this.#run.stderr}`);
    await this.publishes();
  }

  /** Ends it, and gives what is wrong. @param read reads what is left of the log. */
  async end(read: () => LogAudit): Promise<{ readonly problems: string[]; readonly lost: number }> {
    this.#run.kill('SIGTERM');
    const ended = await this.#run.within(READY_MS);
    await this.#published;
    const { problems } = this;
    if (ended?.code !== 143) problems.push(`it ended with ${ended?.code ?? ended?.signal}: ${this.#run.stderr}`);
    if (isRaw(this.#run.stderr)) problems.push(`a stack is shown: ${this.#run.stderr}`);
    const audit = read();
    const missing = audit.missing(this.acknowledged.map(({ eventId }) => eventId));
    if (missing.length > 0) problems.push(`${missing.length} acknowledged publishes are not in the log: ${missing[0]}`);
    const session = [...audit.sessions.values()].at(-1);
    if (session === undefined) problems.push('there is no log');
    else if (session.lost === 0) problems.push(...unfinished(session));
    else if (session.stopped === undefined) problems.push('there is no session_stopped');
    problems.push(...(this.#publishers?.surprises ?? []));
    return { problems, lost: missing.length };
  }

  dispose(): void {
    this.#run.kill('SIGKILL');
  }
}
