/** A small system that behaves like a real one, as records alone: same seed, same records. */
import { seededRandom } from '../../../src/kernel/index.js';
import { Pen } from './records.js';

interface Service {
  readonly service: string;
  readonly handler: string;
  readonly on: readonly string[];
  readonly median: number;
  /** Chance that an attempt fails. */
  readonly fails?: number;
  readonly retries?: number;
  readonly error?: string;
  readonly leads?: readonly string[];
}

const SERVICES: readonly Service[] = [
  {
    service: 'vector_index',
    handler: 'index_repository',
    on: ['index.started'],
    median: 80,
    fails: 0.03,
    retries: 3,
    error: 'disk full',
    leads: ['index.updated', 'index.completed'],
  },
  { service: 'metrics', handler: 'track_index_metrics', on: ['index.completed'], median: 2 },
  { service: 'cache', handler: 'warm_cache', on: ['index.updated'], median: 12 },
  { service: 'retrieval', handler: 'search_chunks', on: ['query.received'], median: 25, leads: ['llm.request'] },
  {
    service: 'llm',
    handler: 'complete_prompt',
    on: ['llm.request'],
    median: 220,
    fails: 0.05,
    retries: 2,
    error: 'rate limited by the model',
    leads: ['llm.response'],
  },
  { service: 'metrics', handler: 'track_llm_metrics', on: ['llm.response'], median: 2 },
  { service: 'api_gateway', handler: 'answer_query', on: ['llm.response'], median: 6, leads: ['query.completed'] },
  { service: 'notifications', handler: 'notify_on_failure', on: ['index.failed', 'llm.error'], median: 15 },
];

const FAILED: Readonly<Record<string, string>> = { 'index.started': 'index.failed', 'llm.request': 'llm.error' };

export interface WorldOptions {
  readonly seed?: number;
  /** Requests a second. */
  readonly rate?: number;
  /** Multiplies every chance of failing. */
  readonly trouble?: number;
}

export class World {
  readonly pen = new Pen();
  readonly #random;
  readonly #rate: number;
  readonly #trouble: number;
  readonly #tasks: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;
  #requests = 0;

  constructor({ seed = 7, rate = 12, trouble = 1 }: WorldOptions = {}) {
    this.#random = seededRandom(seed);
    this.#rate = rate;
    this.#trouble = trouble;
    this.pen.started();
    for (const { service, handler, on } of SERVICES)
      for (const pattern of on) this.pen.subscribe(service, handler, pattern);
    if (rate > 0) this.#at(0, () => this.#request());
  }

  /** Lets `ms` of the session pass. */
  run(until: number): this {
    for (;;) {
      const task = this.#tasks[0];
      if (task === undefined || task.at > until) break;
      this.#tasks.shift();
      this.pen.time = task.at;
      task.run();
    }
    this.pen.time = until;
    return this;
  }

  publish(type: string, trace: string, cause?: string, payload?: unknown, by?: string): string {
    const subscribers = SERVICES.filter(({ on }) => on.includes(type));
    const more = { ...(cause === undefined ? {} : { cause }), ...(by === undefined ? {} : { by }) };
    const event = this.pen.publish(type, trace, {
      ...more,
      subscribers: subscribers.length,
      payload: payload ?? payloadOf(type),
    });
    for (const subscriber of subscribers)
      this.#at(this.pen.time + this.#random.next() * 3, () => this.#attempt(subscriber, event, type, trace, 1));
    return event;
  }

  #request(): void {
    this.#requests++;
    const trace = `req-${10_000 + this.#requests}`;
    this.publish(this.#random.next() < 0.4 ? 'index.started' : 'query.received', trace);
    this.#at(this.pen.time + (-Math.log(1 - this.#random.next()) * 1_000) / this.#rate, () => this.#request());
  }

  #attempt(by: Service, event: string, type: string, trace: string, attempt: number, before?: string): void {
    const failed = this.#random.next() < (by.fails ?? 0) * this.#trouble;
    const duration = Math.round(by.median * (0.4 + this.#random.next() * this.#random.next() * 3) * 1_000) / 1_000;
    const attempted = { service: by.service, handler: by.handler, attempt, duration };
    const delivery = this.pen.start(event, type, trace, attempted, before);
    this.#at(this.pen.time + duration, () => {
      const last = attempt >= (by.retries ?? 1);
      if (!failed) {
        this.pen.end(delivery, event, type, trace, attempted);
        for (const next of by.leads ?? []) this.publish(next, trace, event, undefined, delivery);
        return;
      }
      const error = by.error ?? 'failed';
      this.pen.end(delivery, event, type, trace, { ...attempted, error, willRetry: !last });
      if (!last)
        this.#at(this.pen.time + 50 * attempt, () => this.#attempt(by, event, type, trace, attempt + 1, delivery));
      else {
        if (attempt > 1) this.pen.dead(delivery, event, type, trace, { ...attempted, error });
        const told = FAILED[type];
        if (told !== undefined) this.publish(told, trace, event, { error }, delivery);
      }
    });
  }

  #at(at: number, run: () => void): void {
    const task = { at, order: this.#order++, run };
    const index = this.#tasks.findIndex((other) => other.at > at);
    if (index < 0) this.#tasks.push(task);
    else this.#tasks.splice(index, 0, task);
  }
}

function payloadOf(type: string): unknown {
  if (type.startsWith('index.')) return { repo_path: '/srv/repos/web', files_indexed: 150 };
  if (type.startsWith('llm.')) return { model: 'small', total_tokens: 812 };
  return { query: 'where is the bus made?' };
}
