/** The lines of a log that a kill tore, or that are torn here on purpose. */
import { closeSync, existsSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import type { Random } from '../../../../src/kernel/index.js';
import { excerpt, LogAudit } from '../../support/log-audit.js';

/** More of the end of a log than its last line. */
const END_BYTES = 256 * 1024;

/** What `TornLines.look` finds. */
export interface Look {
  readonly audit: LogAudit;
  readonly problems: readonly string[];
}

export class TornLines {
  readonly #log: string;
  /** Torn ones so far: each stays, as a line of its own, once another program has gone on behind it. */
  readonly #known = new Set<string>();
  #records = 0;
  /** Last lines that a kill left unfinished. */
  kills = 0;

  constructor(log: string) {
    this.#log = log;
  }

  /** Reads the log after a kill: whole lines but perhaps the last, and nothing gone that was there before. */
  look(): Look {
    const audit = new LogAudit();
    if (!existsSync(this.#log)) return { audit, problems: [] };
    audit.read(this.#log);
    const problems: string[] = [];
    const broken = audit.broken.filter((line) => !this.#known.has(line));
    if (broken.length > 0) problems.push(`${broken.length} broken lines in the middle: ${excerpt(broken[0])}`);
    if (audit.records < this.#records) problems.push(`${this.#records} records before, ${audit.records} now`);
    for (const [id, session] of audit.sessions) {
      const [hole] = session.holes;
      if (hole !== undefined) problems.push(`session ${id}: ${hole.missing} records missing after seq ${hole.after}`);
      if (session.repeated > 0) problems.push(`session ${id}: ${session.repeated} records out of order`);
    }
    const [repeated] = audit.repeatedEvents;
    if (repeated !== undefined) problems.push(`event ${repeated} is logged twice`);
    this.#records = audit.records;
    for (const line of audit.torn) {
      this.#known.add(line);
      this.kills++;
    }
    return { audit, problems };
  }

  /** Cuts the log anywhere inside its last whole line, as a machine may that loses power. Gives the line. */
  cut(random: Random): string {
    if (!existsSync(this.#log)) return '';
    const { size } = statSync(this.#log);
    const end = endOf(this.#log, size);
    const start = end.lastIndexOf('\n', end.length - 2) + 1;
    const line = end.slice(start);
    // Only where the last line is whole; letters of several bytes are not in there.
    if (!line.endsWith('\n') || line.length < 3 || Buffer.byteLength(line) !== line.length) return '';
    const kept = 1 + Math.floor(random.next() * (line.length - 2));
    truncateSync(this.#log, size - line.length + kept);
    this.#known.add(line.slice(0, kept));
    this.#records--;
    return line;
  }
}

function endOf(file: string, size: number): string {
  const length = Math.min(size, END_BYTES);
  const bytes = Buffer.alloc(length);
  const fd = openSync(file, 'r');
  readSync(fd, bytes, 0, length, size - length);
  closeSync(fd);
  return bytes.toString('utf8');
}
