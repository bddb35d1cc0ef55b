/** What plain log lines of one request give: no tree, but one order in time. */

/** From least to most severe, whatever words or numbers a log uses for them. */
export const TIMELINE_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type TimelineLevel = (typeof TIMELINE_LEVELS)[number];

export interface Timeline {
  readonly traceId: string;
  /** Paths of the fields that held the id (`req.id`), most lines first. */
  readonly idFields: readonly string[];
  /** By time; lines without one stay behind the line before them in their file. */
  readonly entries: readonly TimelineEntry[];
  /** Entries that were left out, the latest, because there were more than `MAX_TIMELINE_ENTRIES`, or longer lines than 32 MiB. */
  readonly leftOut: number;
}

export interface TimelineEntry {
  /** Milliseconds since 1970, with fractions where the log has them; `undefined` where the line tells none. */
  readonly time: number | undefined;
  /** `undefined` where the line tells none, or a word that is no known level (it is then among `fields`). */
  readonly level: TimelineLevel | undefined;
  readonly service: string | undefined;
  /** `undefined` where the line has no message. */
  readonly message: string | undefined;
  /** Name of the file or stream. */
  readonly file: string;
  /** 1 for the first line; `undefined` where counting lines would have cost more than the search (see `offset`). */
  readonly line: number | undefined;
  /** Bytes before the line in its file, unpacked. */
  readonly offset: number;
  /** The line's other fields, as they stand in it: neither time, level, message, service nor the id. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What went wrong in one line, where the dialect has a place for it (`err.message`, `exception`, …). */
  readonly error: string | undefined;
  /** How long the step took, where a field with a known unit says so (`responseTime`, `duration_ms`); milliseconds. */
  readonly durationMs: number | undefined;
}

/** A request with more lines than that is shown up to here. */
export const MAX_TIMELINE_ENTRIES = 40_000;
/** And with longer lines, up to so many bytes of them. */
export const MAX_TIMELINE_BYTES = 32 << 20;
