/** A session's log, read again and again from where the last reading ended. */
import { stat } from 'node:fs/promises';
import { type LogRecord, parseLine } from '../../record/index.js';
import { LineReader } from '../tail/followed-file.js';

/** Of the log, that much is read for what happened before. */
const BACKLOG_BYTES = 16 * 1024 * 1024;
/** Who has fallen further behind than that goes on near the end. */
const MOST_BEHIND_BYTES = 64 * 1024 * 1024;

export class SessionLog {
  readonly #path: string;
  readonly #session: string;
  #reader: LineReader;

  private constructor(path: string, session: string, reader: LineReader) {
    this.#path = path;
    this.#session = session;
    this.#reader = reader;
  }

  /** `undefined` where the log cannot be read. */
  static async open(path: string, session: string): Promise<SessionLog | undefined> {
    const reader = await LineReader.open(path, BACKLOG_BYTES).catch(() => undefined);
    return reader && new SessionLog(path, session, reader);
  }

  /** Records that were written since the last call; at the first, those of the log's end. Never rejects. */
  async more(): Promise<readonly LogRecord[]> {
    const records: LogRecord[] = [];
    try {
      await this.#skip();
      await this.#read(records);
      const next = await this.#reader.successor(this.#path);
      if (next === undefined) return records;
      // What was written between the reading and the rotation.
      await this.#read(records);
      await this.#reader.close();
      this.#reader = next;
      await this.#read(records);
    } catch {
      // What is missing is counted by the numbers of the records.
    }
    return records;
  }

  async close(): Promise<void> {
    await this.#reader.close().catch(() => {});
  }

  async #skip(): Promise<void> {
    const { size } = await stat(this.#path);
    if (size - this.#reader.position <= MOST_BEHIND_BYTES) return;
    await this.#reader.close();
    this.#reader = await LineReader.open(this.#path, BACKLOG_BYTES);
  }

  async #read(records: LogRecord[]): Promise<void> {
    for await (const line of this.#reader.lines()) {
      const parsed = parseLine(line);
      if (parsed.kind === 'record' && parsed.record.session === this.#session) records.push(parsed.record);
    }
  }
}
