/**
 * pino, set up for the schema: it writes every line of the log, and nothing else does.
 *
 * Each kind of record, and each kind for each subscription, gets a child logger of its own, whose fixed keys pino
 * serialises once. That makes a line cheaper than giving pino all its keys, and it puts `level`, `timestamp` and
 * `event` first, where a person looks for them: pino writes the bindings of a child before the keys of a call.
 * (Its `messageKey` would put `event` last.)
 */
import { type Logger, pino } from 'pino';
import { RECORD_LEVELS, type RecordKind } from './schema.js';

/** Where pino's lines go; each ends with a line break. */
export interface LineWriter {
  write(line: string): void;
}

/** Writes one record: its time, and the keys that were not bound. Keys whose value is `undefined` are left out. */
export type WriteRecord = (timestamp: string, fields: object) => void;

export class PinoSink {
  readonly #root: Logger;
  #timestamp = '';

  constructor(lines: LineWriter) {
    this.#root = pino(
      {
        // The recorder has the threshold.
        level: 'debug',
        base: null,
        timestamp: () => `,"timestamp":"${this.#timestamp}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      lines,
    );
  }

  /** A writer for records of `kind` that all have the keys `bound`. */
  writer(kind: RecordKind, bound: Readonly<Record<string, string>>): WriteRecord {
    const child = this.#root.child({ event: kind, ...bound });
    const log = child[RECORD_LEVELS[kind]].bind(child);
    return (timestamp, fields) => {
      this.#timestamp = timestamp;
      log(fields);
    };
  }
}
