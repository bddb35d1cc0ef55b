/** What a search for a trace gives. */
import type { Trace } from './forest.js';
import type { Timeline } from './timeline.js';

export interface FindOptions {
  /** Only this session's trace. */
  readonly session?: string | undefined;
  /** Every session's trace, newest first. Default: the newest only. */
  readonly all?: boolean | undefined;
  /** Path of the field that holds the id (`req.id`). Default: the usual ones, of whichever logger. */
  readonly field?: string | undefined;
  /** Only lines from this time on; milliseconds since 1970. */
  readonly since?: number | undefined;
  /** Only lines up to this time; milliseconds since 1970. */
  readonly until?: number | undefined;
  /** Where indexes are kept (see `indexLogs`). Default: none is used. */
  readonly cacheFolder?: string | undefined;
  /** Called with the bytes that are done, while large logs are searched. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** What was read, and what of it could not be used. A search parses only lines that hold the bytes of the id, and counts those. */
export interface ReadReport {
  /** Names of the files, in the order they were read: rotated parts before the file they were rotated from. */
  readonly files: readonly string[];
  /** Names of files that this Node.js cannot unpack. */
  readonly leftOut: readonly string[];
  /** What could not be read, a message each: rotated parts that are left out, the ends of packed files that are cut short. */
  readonly refused: readonly string[];
  /** Bytes read, unpacked. */
  readonly bytes: number;
  /** Bytes that an index spared. */
  readonly skipped: number;
  /** Bytes of large files that no index tells of: `indexLogs` would make the next search of them faster. */
  readonly unindexed: number;
  /** Bytes between the records of a request that were not searched for lost records: too many, and no index tells. */
  readonly gapsUnknown: number;
  /** Records of our schema. */
  readonly records: number;
  /** JSON of another program, or of a cf-bus that this one does not know; without those that are in a timeline. */
  readonly foreign: number;
  readonly invalid: number;
  /** Lines that were cut short, by a crash or because they are being written. */
  readonly torn: number;
  /** Lines over the limit of one line (16 MiB), of all lines. */
  readonly tooLong: number;
}

export interface FoundTrace {
  readonly found: true;
  readonly kind: 'trace';
  /** The newest session's; the asked one with `session`; all of them, newest first, with `all`. */
  readonly traces: readonly [Trace, ...Trace[]];
  /** Sessions that hold this id and are not among `traces`, newest first. */
  readonly otherSessions: readonly string[];
  /** Lines of other programs that carry the same id, where there are any. */
  readonly timeline: Timeline | undefined;
  readonly read: ReadReport;
}

/** The id is in lines of other programs only: no tree can be made of them. */
export interface FoundTimeline {
  readonly found: true;
  readonly kind: 'timeline';
  readonly timeline: Timeline;
  readonly read: ReadReport;
}

export interface MissingTrace {
  readonly found: false;
  readonly traceId: string;
  /** Lines of the request outside the times that were asked for: how many, and from when to when. */
  readonly outside: { readonly lines: number; readonly first: number; readonly last: number } | undefined;
  /** Sessions that do hold the id, where `session` named another one. */
  readonly otherSessions: readonly string[];
  /** Fields that hold exactly this id though it is no trace id, most lines first. */
  readonly elsewhere: readonly Elsewhere[];
  /** The newest traces in these logs, newest first; at most ten. */
  readonly newest: readonly TraceHint[];
  /** The trace id nearest to the one asked for. */
  readonly suggestion: string | undefined;
  /** Lines in these logs; `undefined` where they are too large to be read to their start again. */
  readonly lines: number | undefined;
  readonly read: ReadReport;
}

export interface Elsewhere {
  /** Path of the field, e.g. `event_id` or `payload.request_id`. */
  readonly field: string;
  readonly lines: number;
  /** The trace of the first such line, where it is a record of ours. */
  readonly traceId: string | undefined;
}

export interface TraceHint {
  readonly traceId: string;
  /** Empty for lines of other programs. */
  readonly session: string;
  /** Type of the newest of its events that nothing led to: mostly the only one. Of another program its newest message. */
  readonly rootType: string;
  /** When that was published; milliseconds since 1970. */
  readonly time: number;
}

export type FindResult = FoundTrace | FoundTimeline | MissingTrace;
