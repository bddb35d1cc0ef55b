/**
 * pino, set up for the schema: it writes every line of the log, and nothing else does.
 *
 * Most of a line is the same as in other lines, and pino's cost is by the key. So what is fixed for a subscription is
 * bound to a child logger, which serialises it once, and what all records of an event share is serialised once for the
 * event and handed in through pino's `timestamp` function, together with the time. That also puts `level`,
 * `timestamp` and `event` first, where a person looks for them; pino's `messageKey` would put `event` last.
 */
import { type Logger, pino } from 'pino';
import { RECORD_LEVELS, type RecordKind } from './schema.js';

/** Where pino's lines go; each ends with a line break. */
export interface LineWriter {
  write(line: string): void;
}

/**
 * Writes one record.
 * @param shared keys and values as JSON without braces, `"event_id":"…","trace_id":"…"`; may be empty.
 * @param fields the record's other keys; those whose value is `undefined` are left out.
 */
export type WriteRecord = (timestamp: string, seq: number, shared: string, fields: object) => void;

export class PinoSink {
  readonly #root: Logger;
  #head = '';

  constructor(lines: LineWriter) {
    this.#root = pino(
      {
        // The recorder has the threshold.
        level: 'debug',
        base: null,
        timestamp: () => this.#head,
        formatters: { level: (label) => ({ level: label }) },
      },
      lines,
    );
  }

  /** A writer for records of `kind` that all have the keys `bound`. */
  writer(kind: RecordKind, bound: Readonly<Record<string, string>>): WriteRecord {
    const child = this.#root.child(bound);
    const log = child[RECORD_LEVELS[kind]].bind(child);
    const middle = `","event":"${kind}","seq":`;
    return (timestamp, seq, shared, fields) => {
      this.#head = `,"timestamp":"${timestamp}${middle}${seq}${shared === '' ? '' : ','}${shared}`;
      log(fields);
    };
  }
}
