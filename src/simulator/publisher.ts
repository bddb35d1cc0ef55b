/**
 * Publishes what a handler's `publish` or `on_error` says. A simulated handler publishes and goes on, as a service that hands
 * its message to a broker does: its slot is its own work's, and its duration is not that of everybody downstream. Only a
 * queue with `overflow: block` holds a publisher, because that is what the word promises: the handler ends when its
 * event has been handled.
 */
import type { HandlerContext } from '../bus/index.js';
import type { JsonObject } from '../kernel/index.js';
import type { Publication, TemplateScope } from '../scenario/index.js';
import type { Stage } from './stage.js';

interface Rendered {
  readonly publication: Publication;
  readonly payload: JsonObject;
}

export class Publisher {
  readonly #stage: Stage;
  readonly #publications: readonly Publication[];
  readonly #blocks: (type: string) => boolean;

  /** @param blocks whether somebody's queue makes publishers of a type wait. */
  constructor(stage: Stage, publications: readonly Publication[], blocks: (type: string) => boolean) {
    this.#stage = stage;
    this.#publications = publications;
    this.#blocks = blocks;
  }

  get none(): boolean {
    return this.#publications.length === 0;
  }

  /**
   * Publishes in order, within the handler. All payloads are made first: it publishes everything or nothing.
   * @returns a promise where the handler must wait for a blocking queue.
   * @throws CfBusError `TEMPLATE_FAILED`
   */
  publish(scope: TemplateScope, context: HandlerContext): Promise<unknown> | undefined {
    const [only] = this.#publications;
    if (only !== undefined && this.#publications.length === 1) {
      return isWanted(only, scope) ? this.#publishOne(only, only.payload(scope), context) : undefined;
    }
    const waits: Promise<unknown>[] = [];
    for (const { publication, payload } of this.#render(scope)) {
      const wait = this.#publishOne(publication, payload, context);
      if (wait !== undefined) waits.push(wait);
    }
    return waits.length === 0 ? undefined : Promise.all(waits);
  }

  /** Publishes after the handler has ended, however it ends. @throws CfBusError `TEMPLATE_FAILED` */
  publishAtEnd(scope: TemplateScope, context: HandlerContext): void {
    for (const { publication, payload } of this.#render(scope)) {
      this.#publishAfter(publication.after ?? 0, publication.type, payload, context);
    }
  }

  #render(scope: TemplateScope): readonly Rendered[] {
    const wanted = this.#publications.filter((publication) => isWanted(publication, scope));
    return wanted.map((publication) => ({ publication, payload: publication.payload(scope) }));
  }

  #publishOne(
    { type, after }: Publication,
    payload: JsonObject,
    context: HandlerContext,
  ): Promise<unknown> | undefined {
    if (after !== undefined) {
      this.#publishAfter(after, type, payload, context);
      return undefined;
    }
    this.#stage.published++;
    if (this.#blocks(type)) return context.publish({ type, payload }).catch(this.#stage.onRefused);
    try {
      context.send({ type, payload });
    } catch (error) {
      this.#stage.onRefused(error);
    }
    return undefined;
  }

  #publishAfter(delay: number, type: string, payload: JsonObject, context: HandlerContext): void {
    this.#stage.published++;
    try {
      context.publishAfter(delay, { type, payload });
    } catch (error) {
      this.#stage.onRefused(error);
    }
  }
}

function isWanted({ when }: Publication, scope: TemplateScope): boolean {
  return when === undefined || when(scope);
}
