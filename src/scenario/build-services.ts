/** Services and handlers: validated values → plan. */
import { dirname, resolve } from 'node:path';
import { type Build, buildCondition, buildPublications, namesIn, positionOf } from './builder.js';
import { delayProblem } from './delays.js';
import { faultProblem, toFault } from './faults.js';
import type { Place } from './place.js';
import { quote } from './problems.js';
import type { WrittenHandler, WrittenService } from './schema-services.js';
import type { Delay, Fault, Handler, ModuleReference, Retry, Service } from './types.js';

const AT_ONCE: Delay = Object.freeze({ type: 'constant', value: 0 });

export function buildServices(
  build: Build,
  written: Readonly<Record<string, WrittenService>>,
  place: Place,
): ReadonlyMap<string, Service> {
  const services = new Map<string, Service>();
  for (const [name, service] of Object.entries(written)) {
    services.set(name, buildService(build, name, service, place.child(name)));
  }
  if (services.size === 0) build.problems.add(place.key, '`services` needs at least one service');
  return services;
}

function buildService(build: Build, name: string, written: WrittenService, place: Place): Service {
  const handlers = new Map<string, Handler>();
  const handlersPlace = place.child('handlers');
  for (const [handlerName, handler] of Object.entries(written.handlers ?? {})) {
    const at = handlersPlace.child(handlerName);
    handlers.set(handlerName, buildHandler(build, { service: name, name: handlerName }, handler, at));
  }
  const everyPlace = place.child('every');
  const every = (written.every ?? []).map((item, index) => {
    const at = everyPlace.child(index);
    const publish = buildPublications(build, item.publish, at.child('publish'), namesIn(build, 'every'));
    return { interval: item.interval, publish, position: positionOf(build, at) };
  });
  if (handlers.size === 0 && every.length === 0) {
    build.problems.add(place.key, `the service ${quote(name)} needs \`handlers\` or \`every\``);
  }
  return { name, handlers, every, position: positionOf(build, place) };
}

function buildHandler(
  build: Build,
  { service, name }: { readonly service: string; readonly name: string },
  written: WrittenHandler,
  place: Place,
): Handler {
  checkSubscriptions(build, written.subscribe, place.child('subscribe'));
  if (written.queue !== undefined && written.concurrency === undefined) {
    build.problems.add(place.child('queue').key, '`queue` has no effect without `concurrency`: nothing ever waits');
  }
  const names = namesIn(build, 'handler');
  return {
    name,
    service,
    subscribe: written.subscribe,
    concurrency: written.concurrency,
    queue: written.queue,
    delay: buildDelay(build, written.delay, place.child('delay')),
    timeout: written.timeout,
    retry: buildRetry(written.retry),
    faults: buildFaults(build, written.faults ?? [], place.child('faults')),
    publish: buildPublications(build, written.publish, place.child('publish'), names),
    onError: buildPublications(build, written.on_error, place.child('on_error'), namesIn(build, 'on_error')),
    when: buildCondition(build, written.when, place, names),
    module: buildModule(build, written.module, place.child('module')),
    position: positionOf(build, place),
  };
}

function checkSubscriptions(build: Build, patterns: readonly string[], place: Place): void {
  const seen = new Set<string>();
  for (const [index, pattern] of patterns.entries()) {
    if (seen.has(pattern)) build.problems.add(place.child(index).value, `${quote(pattern)} is subscribed twice`);
    seen.add(pattern);
  }
}

/** A delay, checked; at once where the file says nothing. */
export function buildDelay(build: Build, delay: Delay | undefined, place: Place): Delay {
  if (delay === undefined) return AT_ONCE;
  const wrong = delayProblem(delay);
  if (wrong !== undefined) build.problems.add(place.child(wrong[0]).value, wrong[1]);
  return delay;
}

function buildRetry(written: WrittenHandler['retry']): Retry | undefined {
  if (written === undefined) return undefined;
  const { attempts, backoff, delay, max_delay: maxDelay, jitter } = written;
  return { attempts, backoff, delay, maxDelay, jitter };
}

function buildFaults(build: Build, written: NonNullable<WrittenHandler['faults']>, place: Place): readonly Fault[] {
  return written.map((item, index) => {
    const fault = toFault(item);
    const at = place.child(index);
    const wrong = faultProblem(fault);
    if (wrong !== undefined) build.problems.add(at.child(wrong[0]).value, wrong[1]);
    if (fault.type === 'slow') buildDelay(build, fault.by, at.child('by'));
    return fault;
  });
}

function buildModule(build: Build, specifier: string | undefined, place: Place): ModuleReference | undefined {
  if (specifier === undefined) return undefined;
  const position = build.problems.source.position(place.value.start);
  return { specifier, path: resolve(dirname(position.file), specifier), position };
}
