/** What travels on the bus. */
import type { EventPayloads, PayloadOf } from './event-type.js';

/** An event as subscribers see it. It holds plain data only, so that it can be stored or sent as JSON. */
export interface Event<T extends string = string> {
  readonly id: string;
  readonly type: T;
  readonly payload: PayloadOf<T>;
  /** Who published it; `unknown` where the publisher did not say. */
  readonly source: string;
  /** The request it belongs to. */
  readonly traceId: string;
  /** When it was published, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly timestamp: number;
  /** Id of the event whose handler published this one; `undefined` for the first of its kind. */
  readonly causationId: string | undefined;
  /** Id of the very delivery that published it. */
  readonly causationDeliveryId: string | undefined;
}

/** What a publisher gives. `payload` may be left out only where its type has no required key. */
export type EventInput<T extends string = string> = {
  readonly type: T;
  readonly source?: string | undefined;
  readonly traceId?: string | undefined;
} & PayloadPart<T>;

type PayloadPart<T extends string> = T extends keyof EventPayloads
  ? Record<string, never> extends EventPayloads[T]
    ? { readonly payload?: PayloadOf<T> | undefined }
    : { readonly payload: PayloadOf<T> }
  : { readonly payload?: PayloadOf<T> | undefined };
