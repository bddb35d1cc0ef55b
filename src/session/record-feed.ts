/**
 * Records on their way to clients: to those who watch, and to those who published and want to see what it caused.
 * Attached to the host only while somebody wants records; a record is made into JSON once, and only if somebody takes it.
 */
import { LEVELS, type LogRecord } from '../record/index.js';
import { Cascades } from './cascade.js';
import type { SessionHost } from './host.js';
import type { WatchFilter } from './protocol.js';

export interface Watcher {
  readonly filter: WatchFilter;
  /** `json` makes the record's JSON; not calling it costs nothing. */
  take(json: () => string): void;
}

export class RecordFeed {
  readonly #host: SessionHost;
  readonly #watchers = new Set<Watcher>();
  readonly cascades = new Cascades(() => this.#attach());
  #detach: (() => void) | undefined;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /** Gives `watcher` the records from now on; the returned function ends it. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    this.#attach();
    return () => {
      this.#watchers.delete(watcher);
      this.#attach();
    };
  }

  #attach(): void {
    const wanted = this.#watchers.size > 0 || this.cascades.active;
    if (wanted) this.#detach ??= this.#host.watch((record) => this.#take(record));
    else {
      this.#detach?.();
      this.#detach = undefined;
    }
  }

  #take(record: LogRecord): void {
    let text: string | undefined;
    const json = () => {
      text ??= JSON.stringify(record);
      return text;
    };
    for (const watcher of this.#watchers) if (matches(record, watcher.filter)) watcher.take(json);
    this.cascades.take(record, json);
  }
}

function matches(record: LogRecord, filter: WatchFilter): boolean {
  if (filter.level !== undefined && LEVELS.indexOf(record.level) < LEVELS.indexOf(filter.level)) return false;
  return filter.trace_id === undefined || record.trace_id === filter.trace_id;
}
