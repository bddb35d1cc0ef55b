/**
 * Publishes what a handler's `publish` or `on_error` says. A simulated handler publishes and goes on, as a service that hands
 * its message to a broker does: its slot is its own work's, and its duration is not that of everybody downstream. Only a
 * queue with `overflow: block` holds a publisher, because that is what the word promises: the handler ends when its
 * event has been handled.
 */
import type { EventInput, HandlerContext } from '../bus/index.js';
import type { Publication, TemplateScope } from '../scenario/index.js';
import type { Stage } from './stage.js';

interface Rendered {
  readonly publication: Publication;
  readonly input: EventInput;
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
    let blocked: Promise<unknown>[] | undefined;
    for (const { publication, input } of this.#render(scope)) {
      this.#stage.published++;
      if (publication.after !== undefined) {
        this.#publishAfter(publication.after, input, context);
      } else if (this.#blocks(publication.type)) {
        blocked ??= [];
        blocked.push(context.publish(input).catch(this.#stage.onRefused));
      } else {
        context.publish(input).catch(this.#stage.onRefused);
      }
    }
    return blocked === undefined ? undefined : Promise.all(blocked);
  }

  /** Publishes after the handler has ended, however it ends. @throws CfBusError `TEMPLATE_FAILED` */
  publishAtEnd(scope: TemplateScope, context: HandlerContext): void {
    for (const { publication, input } of this.#render(scope)) {
      this.#stage.published++;
      this.#publishAfter(publication.after ?? 0, input, context);
    }
  }

  #render(scope: TemplateScope): readonly Rendered[] {
    const rendered: Rendered[] = [];
    for (const publication of this.#publications) {
      if (publication.when !== undefined && !publication.when(scope)) continue;
      rendered.push({ publication, input: { type: publication.type, payload: publication.payload(scope) } });
    }
    return rendered;
  }

  #publishAfter(delay: number, input: EventInput, context: HandlerContext): void {
    try {
      context.publishAfter(delay, input);
    } catch (error) {
      this.#stage.onRefused(error);
    }
  }
}
