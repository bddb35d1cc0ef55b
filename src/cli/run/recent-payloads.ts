/** Payloads of the last events, for publishing them again: bounded, and with redacted values left out. */
import type { BusObserver, Event } from '../../bus/index.js';
import { isObject, type JsonObject } from '../../kernel/index.js';
import type { PayloadReader } from '../../record/index.js';
import type { PayloadOf } from '../../session/index.js';

const MAX_EVENTS = 10_000;
const MAX_TYPES = 1_000;

export class RecentPayloads implements BusObserver {
  readonly #read: PayloadReader;
  /** A ring, looked through when somebody asks: every event pays for what is kept, few are asked for. */
  readonly #events: Event[] = [];
  #next = 0;
  readonly #byType = new Map<string, Event>();

  constructor(read: PayloadReader) {
    this.#read = read;
  }

  published(event: Event): void {
    this.#events[this.#next] = event;
    this.#next = (this.#next + 1) % MAX_EVENTS;
    this.#byType.set(event.type, event);
    if (this.#byType.size > MAX_TYPES) this.#forgetType();
  }

  /** `undefined` where the event was never here, or is not any more. */
  of(wanted: PayloadOf): JsonObject | undefined {
    const event =
      'event_id' in wanted ? this.#events.find(({ id }) => id === wanted.event_id) : this.#byType.get(wanted.type);
    if (event === undefined) return undefined;
    const payload: unknown = this.#read(event.payload);
    return isJsonObject(payload) ? payload : undefined;
  }

  #forgetType(): void {
    for (const oldest of this.#byType.keys()) {
      this.#byType.delete(oldest);
      return;
    }
  }
}

/** The reader gives plain JSON. */
function isJsonObject(value: unknown): value is JsonObject {
  return isObject(value);
}
