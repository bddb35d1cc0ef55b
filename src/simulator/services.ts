/** The services of a scenario on a bus. */
import { type BusObserver, type DeliveryView, matcher, type Subscription } from '../bus/index.js';
import { CfBusError, type Random, suggest } from '../kernel/index.js';
import { type Handler, type ModuleReference, type Scenario, showPosition } from '../scenario/index.js';
import { startEvery } from './every.js';
import type { ModuleLoader } from './module-loader.js';
import { loadModule } from './modules.js';
import { SimulatedHandler } from './simulated-handler.js';
import type { Stage } from './stage.js';
import type { Switches } from './switches.js';

export interface ServicesOptions {
  readonly scenario: Pick<Scenario, 'services'>;
  readonly stage: Stage;
  /** Every service draws from its fork by name, every handler from its service's. */
  readonly random: Random;
  readonly allowModules: boolean;
  readonly loadModule: ModuleLoader;
  /** How often the services were swapped before. */
  readonly version: number;
}

/** Loads what the services need. Nothing is subscribed yet. @throws CfBusError `INVALID_SCENARIO` */
export async function prepareServices(options: ServicesOptions): Promise<Services> {
  const { scenario, stage, random, version } = options;
  const specs = [...scenario.services.values()].flatMap((service) => [...service.handlers.values()]);
  const blocks = blockingTypes(specs);
  const handlers: SimulatedHandler[] = [];
  for (const spec of specs) {
    const main =
      spec.module === undefined
        ? undefined
        : await loadModule(allowed(spec.module, options), options.loadModule, version);
    const own = random.fork(spec.service).fork(spec.name);
    handlers.push(new SimulatedHandler({ spec, stage, random: own, main, blocks }));
  }
  return new Services(scenario, stage, handlers);
}

function allowed(module: ModuleReference, { allowModules }: ServicesOptions): ModuleReference {
  if (allowModules) return module;
  throw new CfBusError(
    'INVALID_SCENARIO',
    `${showPosition(module.position)}: a \`module\` handler is code that would be run`,
    {
      hint: 'add --allow-modules if you trust it',
    },
  );
}

/** Whether a queue with `overflow: block` takes events of a type. */
function blockingTypes(specs: readonly Handler[]): (type: string) => boolean {
  const blocking = specs.filter((spec) => spec.queue?.overflow === 'block');
  const tests = blocking.flatMap((spec) => spec.subscribe.map(matcher));
  return tests.length === 0 ? () => false : (type) => tests.some((matches) => matches(type));
}

export class Services {
  readonly switches: Switches;
  readonly #scenario: Pick<Scenario, 'services'>;
  readonly #stage: Stage;
  readonly #handlers: readonly SimulatedHandler[];
  readonly #byService: ReadonlyMap<string, readonly SimulatedHandler[]>;
  #subscriptions: readonly Subscription[] = [];
  #detach: (() => void) | undefined;
  #stopEvery: readonly (() => void)[] = [];

  constructor(scenario: Pick<Scenario, 'services'>, stage: Stage, handlers: readonly SimulatedHandler[]) {
    this.#scenario = scenario;
    this.#stage = stage;
    this.#handlers = handlers;
    this.#byService = groupByService(handlers);
    this.switches = {
      list: () =>
        handlers.map(({ spec, faults }) => ({ service: spec.service, handler: spec.name, faults: faults.list() })),
      on: (target, fault) => this.#switch(target, (handler) => handler.faults.switchOn(fault)),
      off: (target, type) => this.#switch(target, (handler) => handler.faults.switchOff(type)),
    };
  }

  get size(): number {
    return this.#handlers.length;
  }

  subscribe(): void {
    const { bus } = this.#stage;
    const byId = new Map<string, SimulatedHandler>();
    this.#subscriptions = this.#handlers.map((handler) => {
      const { spec } = handler;
      const { name, service, concurrency, queue, timeout, retry } = spec;
      const options = { name, service, concurrency, queue, timeout, retry };
      const subscription = bus.subscribe(spec.subscribe, handler.run, options);
      if (handler.publishesOnError) byId.set(subscription.id, handler);
      return subscription;
    });
    if (byId.size > 0) this.#detach = bus.probe.attach(failureObserver(byId));
    this.#stopEvery = [...this.#scenario.services.values()].flatMap((service) =>
      service.every.map((every) => startEvery(this.#stage, service.name, every)),
    );
  }

  /** Services publish nothing more by themselves. */
  stopEvery(): void {
    for (const stop of this.#stopEvery) stop();
    this.#stopEvery = [];
  }

  /** Later events go to others; what is under way finishes here, `on_error` included. */
  unsubscribe(): void {
    this.stopEvery();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#subscriptions = [];
  }

  /** Ends for good: nothing is under way any more. */
  dispose(): void {
    this.unsubscribe();
    this.#detach?.();
    this.#detach = undefined;
  }

  /** Switches that people made on these handlers, to be made again on others. */
  copySwitchesTo(other: Services): void {
    const twins = new Map(other.#handlers.map((handler) => [handler.label, handler]));
    for (const { label, faults } of this.#handlers) {
      const twin = twins.get(label);
      if (twin !== undefined) faults.replayOn(twin.faults);
    }
  }

  #switch(target: string, change: (handler: SimulatedHandler) => void): readonly string[] {
    const handlers = this.#find(target);
    for (const handler of handlers) change(handler);
    return handlers.map((handler) => handler.label);
  }

  #find(target: string): readonly SimulatedHandler[] {
    const service = this.#byService.get(target);
    if (service !== undefined) return service;
    const found = this.#handlers.filter((handler) => handler.label === target || handler.spec.name === target);
    if (found.length > 0) return found;
    const known = [...this.#byService.keys(), ...this.#handlers.flatMap(({ label, spec }) => [label, spec.name])];
    const near = suggest(target, known);
    throw new CfBusError('NOT_FOUND', `there is no service or handler ${target}`, {
      hint: near === undefined ? `services are ${[...this.#byService.keys()].join(', ')}` : `did you mean ${near}?`,
    });
  }
}

function groupByService(handlers: readonly SimulatedHandler[]): ReadonlyMap<string, readonly SimulatedHandler[]> {
  const groups = new Map<string, SimulatedHandler[]>();
  for (const handler of handlers) {
    const { service } = handler.spec;
    const group = groups.get(service);
    if (group === undefined) groups.set(service, [handler]);
    else group.push(handler);
  }
  return groups;
}

/** It never changes a delivery: it plans what the handler publishes once the delivery has ended. */
function failureObserver(byId: ReadonlyMap<string, SimulatedHandler>): BusObserver {
  return {
    failed: (delivery: DeliveryView, { error, willRetry }) =>
      byId.get(delivery.subscriber.subscriptionId)?.failed(delivery.event, error, willRetry),
  };
}
