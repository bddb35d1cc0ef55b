/** Expectations: validated values → plan, with metrics resolved to the handlers they mean. */
import * as z from 'zod/mini';
import { suggest } from '../kernel/index.js';
import { type Build, positionOf } from './builder.js';
import { wordIssue } from './issues.js';
import type { Place } from './place.js';
import { listWords, quote } from './problems.js';
import type { WrittenExpectation } from './schema-expect.js';
import { duration, share, writeDuration } from './schema-parts.js';
import {
  type Expectation,
  HANDLER_METRICS,
  type HandlerMetric,
  type Metric,
  type Request,
  RUN_METRICS,
  type RunMetric,
  type Service,
  type Step,
} from './types.js';

/** What the expectations are about. */
export interface Subject {
  readonly services: ReadonlyMap<string, Service>;
  readonly requests: readonly Request[];
}

export function buildExpectations(
  build: Build,
  written: readonly WrittenExpectation[],
  subject: Subject,
  place: Place,
): readonly Expectation[] {
  const published = publishedTypes(subject);
  return written.flatMap((item, index) => {
    const at = place.child(index);
    if ('metric' in item) return buildMetric(build, item, subject, at) ?? [];
    if ('event' in item) checkPublished(build, item, published, at);
    return buildEvents(build, item, at);
  });
}

type EventExpectation = Exclude<WrittenExpectation, { readonly metric: string }>;
type Counted = Extract<WrittenExpectation, { readonly count: unknown }>;

function buildEvents(build: Build, written: EventExpectation, place: Place): Expectation {
  const position = positionOf(build, place);
  if ('never' in written) return { type: 'never', event: written.never, text: `never ${written.never}`, position };
  if ('count' in written) {
    const { min, max } = countBounds(build, written.count, place.child('count'));
    const text = `count of ${written.event} ${writeBounds(min, max)}`;
    return { type: 'count', event: written.event, min, max, text, position };
  }
  const { event, after, within } = written;
  const soon = within === undefined ? '' : ` within ${writeDuration(within)}`;
  return { type: 'after', event, after, within, text: `${event} after ${after}${soon}`, position };
}

function countBounds(
  build: Build,
  written: Counted['count'],
  place: Place,
): { readonly min: number; readonly max: number } {
  if (typeof written === 'number') return { min: written, max: written };
  const { min, max } = written;
  if (min === undefined && max === undefined) build.problems.add(place.key, '`count` needs `min`, `max` or a number');
  if (min !== undefined && max !== undefined && min > max) {
    build.problems.add(place.child('min').value, '`min` must not be above `max`');
  }
  return { min: min ?? 0, max: max ?? Number.POSITIVE_INFINITY };
}

function writeBounds(min: number, max: number): string {
  if (min === max) return `is ${min}`;
  if (max === Number.POSITIVE_INFINITY) return `at least ${min}`;
  return min === 0 ? `at most ${max}` : `from ${min} to ${max}`;
}

/**
 * Types that the scenario publishes by itself; `undefined` where a user's own code may publish anything. An event
 * published from outside is possible too, so that only a likely slip of the pen is refused.
 */
function publishedTypes({ services, requests }: Subject): ReadonlySet<string> | undefined {
  const types = new Set<string>();
  const visit = (steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.type === 'publish') types.add(step.event);
      else if (step.type === 'loop') visit(step.flow);
    }
  };
  for (const request of requests) visit(request.flow);
  for (const service of services.values()) {
    for (const { publish } of service.every) for (const { type } of publish) types.add(type);
    for (const handler of service.handlers.values()) {
      if (handler.module !== undefined) return undefined;
      for (const { type } of [...handler.publish, ...handler.onError]) types.add(type);
    }
  }
  return types;
}

function checkPublished(
  build: Build,
  written: Exclude<EventExpectation, { readonly never: string }>,
  published: ReadonlySet<string> | undefined,
  place: Place,
): void {
  const needed =
    !('count' in written) || (typeof written.count === 'number' ? written.count : (written.count.min ?? 0)) > 0;
  const { event } = written;
  if (published === undefined || !needed || event.includes('*') || published.has(event)) return;
  const near = suggest(event, published);
  if (near !== undefined) build.problems.add(place.child('event').value, `nothing publishes ${quote(event)}`, near);
}

type MetricExpectation = Extract<WrittenExpectation, { readonly metric: string }>;

function buildMetric(
  build: Build,
  written: MetricExpectation,
  subject: Subject,
  place: Place,
): Expectation | undefined {
  const metric = resolveMetric(build, written.metric, subject, place.child('metric'));
  if (written.below === undefined && written.above === undefined) {
    build.problems.add(place.key, `the metric ${quote(written.metric)} needs \`below\` or \`above\``);
  }
  if (metric === undefined) return undefined;
  const below = readLimit(build, metric.measure, written.below, place.child('below'));
  const above = readLimit(build, metric.measure, written.above, place.child('above'));
  if (below !== undefined && above !== undefined && below <= above) {
    build.problems.add(place.child('below').value, '`below` must be more than `above`');
  }
  const parts = [
    written.above === undefined ? [] : [`above ${written.above}`],
    written.below === undefined ? [] : [`below ${written.below}`],
  ];
  const text = `${written.metric} ${parts.flat().join(' and ')}`;
  return { type: 'metric', metric, name: written.metric, below, above, text, position: positionOf(build, place) };
}

function resolveMetric(build: Build, name: string, { services }: Subject, place: Place): Metric | undefined {
  const refuse = (message: string, suggestion?: string): undefined => {
    build.problems.add(place.value, message, suggestion);
  };
  const parts = name.split('.');
  const measure = parts.pop() ?? '';
  if (parts.length === 0) {
    if (isRunMetric(measure)) return { of: 'run', measure };
    const runs = listWords(RUN_METRICS.map(quote));
    return refuse(
      `a metric is ${runs}, or [service.]handler.p95 and the like, not ${quote(name)}`,
      suggest(measure, RUN_METRICS),
    );
  }
  if (!isHandlerMetric(measure)) {
    const known = listWords(HANDLER_METRICS.map(quote));
    return refuse(`a handler has ${known}, not ${quote(measure)}`, suggest(measure, HANDLER_METRICS));
  }
  const handler = parts.pop() ?? '';
  const [service] = parts;
  if (parts.length > 1) return refuse(`a metric is [service.]handler.${measure}, not ${quote(name)}`);
  if (service !== undefined && !services.has(service)) {
    return refuse(`there is no service ${quote(service)}`, suggest(service, services.keys()));
  }
  const owners = [...services.values()].filter(
    (one) => (service === undefined || one.name === service) && one.handlers.has(handler),
  );
  const [owner, other] = owners;
  if (owner === undefined) {
    const scope = service === undefined ? [...services.values()] : [services.get(service)];
    const known = scope.flatMap((one) => [...(one?.handlers.keys() ?? [])]);
    return refuse(
      `there is no handler ${quote(handler)}${service === undefined ? '' : ` in ${quote(service)}`}`,
      suggest(handler, known),
    );
  }
  if (other !== undefined) {
    const choices = owners.slice(0, 5).map((one) => quote(`${one.name}.${handler}.${measure}`));
    return refuse(`${quote(handler)} is a handler of several services; write ${listWords(choices)}`);
  }
  return { of: 'handler', service: owner.name, handler, measure };
}

function isRunMetric(word: string): word is RunMetric {
  return RUN_METRICS.some((metric) => metric === word);
}

function isHandlerMetric(word: string): word is HandlerMetric {
  return HANDLER_METRICS.some((metric) => metric === word);
}

const TIME = duration();
const SHARE = share();
const COUNT = z.number().check(z.gte(0));

function readLimit(
  build: Build,
  measure: HandlerMetric | RunMetric,
  written: unknown,
  place: Place,
): number | undefined {
  if (written === undefined) return undefined;
  const schema = measure.startsWith('p') ? TIME : measure === 'error_rate' ? SHARE : COUNT;
  const result = schema.safeParse(written, { error: wordIssue });
  if (result.success) return result.data;
  build.problems.add(place.value, `${quote(measure)} ${result.error.issues[0]?.message ?? 'has another unit'}`);
  return undefined;
}
