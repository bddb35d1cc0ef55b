/** Counts what is in a log that is rotated while it is written, and removes what is counted: it would fill the disk. */
import { createReadStream, existsSync, renameSync, statSync, unlinkSync } from 'node:fs';

const NEWLINE = 0x0a;

export interface LogFigures {
  lines: number;
  bytes: number;
  /** Lines that are no record of this session, or do not follow the one before. */
  broken: number;
  firstBroken: string | undefined;
  lastSeq: number;
  /** Lines by kind of record. */
  readonly kinds: Map<string, number>;
  /** `event_published` by event type. */
  readonly published: Map<string, number>;
  /** Totals of `session_stopped`. */
  stopped: Readonly<Record<string, unknown>> | undefined;
}

export class LogCount {
  readonly #file: string;
  readonly #waiting: string[] = [];
  #rotations = 0;
  readonly figures: LogFigures = {
    lines: 0,
    bytes: 0,
    broken: 0,
    firstBroken: undefined,
    lastSeq: 0,
    kinds: new Map(),
    published: new Map(),
    stopped: undefined,
  };

  constructor(file: string) {
    this.#file = file;
  }

  get rotations(): number {
    return this.#rotations;
  }

  /** Renames the log, and counts what the rotation before left: by now nobody writes there any more. */
  async rotate(): Promise<void> {
    if (!existsSync(this.#file) || statSync(this.#file).size === 0) return;
    await this.#countWaiting();
    const old = `${this.#file}.${++this.#rotations}`;
    renameSync(this.#file, old);
    this.#waiting.push(old);
  }

  /** Counts all that is left, once the session is over. */
  async finish(): Promise<LogFigures> {
    await this.#countWaiting();
    if (existsSync(this.#file)) await this.#count(this.#file);
    return this.figures;
  }

  async #countWaiting(): Promise<void> {
    for (const old of this.#waiting.splice(0)) {
      await this.#count(old);
      unlinkSync(old);
    }
  }

  async #count(file: string): Promise<void> {
    let rest = Buffer.alloc(0);
    for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
      if (!Buffer.isBuffer(chunk)) continue;
      this.figures.bytes += chunk.length;
      const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let end = text.indexOf(NEWLINE); end !== -1; end = text.indexOf(NEWLINE, from)) {
        this.#line(text.toString('utf8', from, end));
        from = end + 1;
      }
      rest = Buffer.from(text.subarray(from));
    }
    if (rest.length > 0) this.#note(`torn: ${rest.toString('utf8').slice(0, 200)}`);
  }

  #line(text: string): void {
    const { figures } = this;
    figures.lines++;
    const record = parse(text);
    if (record === undefined) return this.#note(text);
    const { seq, event, event_type: type } = record;
    if (typeof seq !== 'number' || typeof event !== 'string' || seq !== figures.lastSeq + 1) this.#note(text);
    if (typeof seq === 'number') figures.lastSeq = seq;
    add(figures.kinds, String(event));
    if (event === 'event_published') add(figures.published, String(type));
    if (event === 'session_stopped') figures.stopped = record;
  }

  #note(text: string): void {
    this.figures.broken++;
    this.figures.firstBroken ??= `after seq ${this.figures.lastSeq}: ${text.slice(0, 200)}`;
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
