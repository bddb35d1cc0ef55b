/**
 * pino, set up for the schema: it writes every line of the log, and nothing else does.
 *
 * pino's cost is by the key, and most of a line is the same as in other lines. So the keys come as JSON, made once for
 * an event or a subscription where that is possible, and are handed in through pino's `timestamp` function, together
 * with the time: a third of the time of child loggers, half of which went into the keys that are left. That also puts
 * `level`, `timestamp` and `event` first, where a person looks for them; pino's `messageKey` would put `event` last.
 */
import { type Logger, pino } from 'pino';
import { RECORD_LEVELS, type RecordKind } from './schema.js';

/** Where pino's lines go; each ends with a line break. */
export interface LineWriter {
  write(line: string): void;
}

/**
 * Writes one record.
 * @param keys keys and values as JSON without braces, `"session":"…","event_id":"…"`.
 */
export type WriteRecord = (timestamp: string, seq: number, keys: string) => void;

/** All keys of a line come from elsewhere. */
const NOTHING = {};

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

  /** A writer for records of `kind`. */
  writer(kind: RecordKind): WriteRecord {
    const root = this.#root;
    const log = root[RECORD_LEVELS[kind]].bind(root);
    const event = `","event":"${kind}","seq":`;
    return (timestamp, seq, keys) => {
      this.#head = `,"timestamp":"${timestamp}${event}${seq},${keys}`;
      log(NOTHING);
    };
  }
}
