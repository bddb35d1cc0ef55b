/** Lines of other programs → a timeline. */
import { type IdField, idFields, standsFor } from './dialect/ids.js';
import { without } from './dialect/path.js';
import { readLine } from './dialect/read.js';
import type { ForeignLine } from './read/decode.js';
import type { LinePlace } from './read/search-part.js';
import { MAX_TIMELINE_BYTES, MAX_TIMELINE_ENTRIES, type Timeline, type TimelineEntry } from './timeline.js';

interface Placed {
  readonly entry: TimelineEntry;
  /** Where it stands in time: its own time, or that of the line before it in its file. */
  readonly time: number;
}

export class TimelineBuilder {
  readonly #traceId: string;
  readonly #field: string | undefined;
  readonly #placed: Placed[] = [];
  readonly #fields = new Map<string, number>();
  #leftOut = 0;
  #bytes = 0;
  #last: { readonly file: string; readonly time: number } | undefined;

  /** @param field the path of the field that holds the id; `undefined` for the usual ones */
  constructor(traceId: string, field: string | undefined) {
    this.#traceId = traceId;
    this.#field = field;
  }

  /** What a line says, if one of its fields holds the id. */
  read(line: ForeignLine, place: LinePlace): TimelineEntry | undefined {
    const holding = idFields(line.value, this.#field).filter(({ id }) => standsFor(id, this.#traceId));
    if (holding.length === 0) return undefined;
    for (const { path } of holding) this.#fields.set(path, (this.#fields.get(path) ?? 0) + 1);
    return toEntry(line, place, holding);
  }

  /**
   * Entries of one file come in its order.
   * @param bytes of its line
   */
  add(entry: TimelineEntry, bytes: number): void {
    this.#bytes += bytes;
    if (this.#placed.length >= MAX_TIMELINE_ENTRIES || this.#bytes > MAX_TIMELINE_BYTES) {
      this.#leftOut++;
      return;
    }
    const before = this.#last?.file === entry.file ? this.#last.time : Number.NEGATIVE_INFINITY;
    const time = entry.time ?? before;
    this.#last = { file: entry.file, time };
    this.#placed.push({ entry, time });
  }

  get isEmpty(): boolean {
    return this.#placed.length === 0;
  }

  result(): Timeline {
    const placed = this.#placed.toSorted((a, b) => (a.time === b.time ? 0 : a.time - b.time));
    const fields = [...this.#fields].sort(([, a], [, b]) => b - a).map(([path]) => path);
    return {
      traceId: this.#traceId,
      idFields: fields,
      entries: placed.map(({ entry }) => entry),
      leftOut: this.#leftOut,
    };
  }
}

function toEntry({ value, prefix, outer }: ForeignLine, place: LinePlace, ids: readonly IdField[]): TimelineEntry {
  const reading = readLine(value);
  const { error, durationMs, used } = reading;
  return {
    time: reading.time ?? prefix?.time ?? outer?.time,
    level: reading.level ?? prefix?.level ?? outer?.level,
    service: reading.service ?? prefix?.service ?? outer?.service,
    message: reading.message ?? prefix?.text,
    ...place,
    fields: without(value, [...used, ...ids.map(({ path }) => path)]),
    error,
    durationMs,
  };
}
