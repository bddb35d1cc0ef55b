/** Payloads of the last events, for publishing them again: bounded, and with redacted values left out. */
import type { BusObserver, Event } from '../../bus/index.js';
import { isObject, type JsonObject } from '../../kernel/index.js';
import type { PayloadReader } from '../../record/index.js';

const MAX_EVENTS = 2_000;
const MAX_TYPES = 1_000;

export class RecentPayloads implements BusObserver {
  readonly #read: PayloadReader;
  readonly #byType = new Map<string, Event>();
  readonly #byId = new Map<string, Event>();

  constructor(read: PayloadReader) {
    this.#read = read;
  }

  published(event: Event): void {
    remember(this.#byType, event.type, event, MAX_TYPES);
    remember(this.#byId, event.id, event, MAX_EVENTS);
  }

  ofType(type: string): JsonObject | undefined {
    return this.#payload(this.#byType.get(type));
  }

  ofEvent(id: string): JsonObject | undefined {
    return this.#payload(this.#byId.get(id));
  }

  #payload(event: Event | undefined): JsonObject | undefined {
    if (event === undefined) return undefined;
    const payload: unknown = this.#read(event.payload);
    return isJsonObject(payload) ? payload : undefined;
  }
}

function remember(map: Map<string, Event>, key: string, event: Event, most: number): void {
  map.set(key, event);
  if (map.size <= most) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

/** The reader gives plain JSON. */
function isJsonObject(value: unknown): value is JsonObject {
  return isObject(value);
}
