/** Puts a scenario on a bus. */
import type { CloseReport } from '../bus/index.js';
import type { CfBusError } from '../kernel/index.js';
import { type Scenario, variableScope } from '../scenario/index.js';
import { Judge } from './expectations/judge.js';
import { importModule } from './module-loader.js';
import { changesThatNeedRestart } from './reload.js';
import type { Judgement, TrafficResult } from './results.js';
import { prepareServices, type Services } from './services.js';
import type { Reload, Simulation, SimulationOptions } from './simulation.js';
import { Stage } from './stage.js';
import type { Switches } from './switches.js';
import { Traffic } from './traffic.js';

export function createSimulation(options: SimulationOptions): Simulation {
  return new RunningSimulation(options);
}

class RunningSimulation implements Simulation {
  readonly finished: Promise<TrafficResult>;
  readonly endsByItself: boolean;
  readonly #options: SimulationOptions;
  readonly #stage: Stage;
  readonly #traffic: Traffic;
  #scenario: Scenario;
  #services: Services | undefined;
  #judge: Judge;
  #detachJudge: (() => void) | undefined;
  #judged: readonly Judgement[] | undefined;
  #closing: Promise<CloseReport> | undefined;
  #version = 0;
  #cutShort = () => {};

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { scenario, bus, clock, ids, random } = options;
    this.#scenario = scenario;
    const publishesByItself = [...scenario.services.values()].some(({ every }) => every.length > 0);
    this.endsByItself = scenario.requests.length > 0 || !publishesByItself;
    const variables = variableScope(scenario.variables);
    this.#stage = new Stage({ bus, clock, ids, variables, onFailure: () => this.#abort() });
    let resolve: (result: TrafficResult) => void = () => {};
    this.finished = new Promise((settle) => {
      resolve = settle;
    });
    this.#traffic = new Traffic({
      stage: this.#stage,
      requests: scenario.requests,
      phases: scenario.phases,
      random: random.fork('traffic'),
      endless: !this.endsByItself,
      onOver: resolve,
    });
    this.#judge = new Judge(scenario.expect, clock, bus.getStats());
  }

  get switches(): Switches {
    return {
      list: () => this.#services?.switches.list() ?? [],
      on: (target, fault) => this.#started().switches.on(target, fault),
      off: (target, type) => this.#started().switches.off(target, type),
    };
  }

  async start(): Promise<void> {
    this.#services = await this.#prepare(this.#scenario);
    this.#attachJudge();
    this.#stage.startedAt = this.#stage.clock.now();
    this.#services.subscribe();
    this.#traffic.start();
  }

  stop(): void {
    this.#traffic.stop();
    this.#services?.stopEvery();
  }

  fail(error: CfBusError): void {
    this.#stage.fail(error);
  }

  close(options: { readonly drain?: number | undefined } = {}): Promise<CloseReport> {
    this.#closing ??= this.#close(this.#stage.failure === undefined ? options.drain : 0);
    return this.#closing;
  }

  expectations(): readonly Judgement[] {
    return this.#judged ?? this.#judge.judge(this.#stage.bus.getStats(), false);
  }

  problems() {
    return this.#stage.problems.list();
  }

  progress() {
    return this.#traffic.progress();
  }

  async reload(scenario: Scenario): Promise<Reload> {
    this.#version++;
    const next = await this.#prepare(scenario);
    const old = this.#started();
    old.copySwitchesTo(next);
    // Nothing comes between the two: no event is delivered twice, and none is missed.
    old.unsubscribe();
    next.subscribe();
    this.#services = next;
    const restartNeeded = changesThatNeedRestart(this.#scenario, scenario);
    this.#scenario = scenario;
    this.#judge = new Judge(scenario.expect, this.#stage.clock, this.#stage.bus.getStats());
    this.#attachJudge();
    for (const traceId of this.#traffic.activeTraces()) this.#judge.traceBegins(traceId);
    return { handlers: next.size, restartNeeded };
  }

  #prepare(scenario: Scenario): Promise<Services> {
    const { random, allowModules = false, loadModule = importModule } = this.#options;
    const services = random.fork('services');
    return prepareServices({
      scenario,
      stage: this.#stage,
      random: this.#version === 0 ? services : services.fork(`reload:${this.#version}`),
      allowModules,
      loadModule,
      version: this.#version,
    });
  }

  #attachJudge(): void {
    this.#detachJudge?.();
    this.#detachJudge = this.#stage.bus.probe.attach(this.#judge.observer);
    this.#stage.traces = this.#judge.followsTraces ? this.#judge : undefined;
  }

  async #close(drain: number | undefined): Promise<CloseReport> {
    const { bus } = this.#stage;
    this.stop();
    if (bus.paused) bus.resume();
    const failed = new Promise<void>((resolve) => {
      this.#cutShort = resolve;
    });
    await Promise.race([bus.idle({ timeout: drain }).catch(() => {}), failed]);
    // The bus forgets its subscriptions' figures when it closes.
    this.#judged = this.#judge.judge(bus.getStats(), true);
    const report = await bus.close({ timeout: 0 });
    this.#services?.dispose();
    this.#detachJudge?.();
    this.#stage.clear();
    return report;
  }

  giveUp(): void {
    this.#cutShort();
  }

  #abort(): void {
    this.stop();
    this.#cutShort();
  }

  #started(): Services {
    if (this.#services === undefined) throw new Error('the simulation has not been started');
    return this.#services;
  }
}
