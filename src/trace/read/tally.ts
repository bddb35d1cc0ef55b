/** Counts what was read while it is read. */
import { safe } from '../../kernel/index.js';
import type { LogRecord } from '../../record/index.js';
import type { ReadReport } from '../find-result.js';
import type { Block } from './blocks.js';
import { type Decoded, decodeLine } from './decode.js';
import type { LogPart } from './input.js';

export class Tally {
  readonly #files: string[] = [];
  readonly #leftOut: string[] = [];
  readonly #refused: string[] = [];
  #current = '';
  #bytes = 0;
  #records = 0;
  #foreign = 0;
  #invalid = 0;
  #torn = 0;
  #tooLong = 0;
  #skipped = 0;
  #used = 0;
  #unindexed = 0;
  #gapsUnknown = 0;
  readonly #onProgress: ((bytes: number) => void) | undefined;

  /** @param onProgress is called with the bytes that are done so far, whether read or passed over */
  constructor(onProgress?: (bytes: number) => void) {
    this.#onProgress = onProgress;
  }

  /** A file's or stream's turn has come. */
  begin({ name, leftOut, refused }: Pick<LogPart, 'name' | 'leftOut' | 'refused'>): void {
    this.#current = name;
    if (refused !== undefined) this.#refused.push(refused);
    else (leftOut === true ? this.#leftOut : this.#files).push(name);
  }

  took(block: Block): void {
    this.#bytes += block.lines.length;
    this.#tooLong += block.tooLong;
    if (block.cutShort) this.#refused.push(`cannot read ${safe(this.#current)} to its end: it is cut short`);
    this.#onProgress?.(this.#bytes + this.#skipped);
  }

  /** Bytes were read from a file's middle. */
  read(bytes: number): void {
    this.#bytes += bytes;
    this.#onProgress?.(this.#bytes + this.#skipped);
  }

  /** Bytes need not be read, says an index. */
  skipped(bytes: number): void {
    this.#skipped += bytes;
  }

  /** Bytes are in no index yet. */
  unindexed(bytes: number): void {
    this.#unindexed += bytes;
  }

  /** Bytes were not searched for lost records. */
  gapsUnknown(bytes: number): void {
    this.#gapsUnknown += bytes;
  }

  /** A line of another program tells of the request. */
  used(): void {
    this.#used++;
  }

  tooLong(): void {
    this.#tooLong++;
  }

  /** A record was read without being decoded. */
  scanned(): void {
    this.#records++;
  }

  /** Decodes one line and counts what it is. */
  decode(bytes: Buffer): Decoded {
    const decoded = decodeLine(bytes);
    this.#count(decoded);
    return decoded;
  }

  /** The record in one line, if one is in it; counts what it is. */
  record(bytes: Buffer): LogRecord | undefined {
    const decoded = this.decode(bytes);
    return decoded.kind === 'record' || decoded.kind === 'salvaged' ? decoded.record : undefined;
  }

  #count({ kind }: Decoded): void {
    if (kind === 'record' || kind === 'salvaged') this.#records++;
    if (kind === 'foreign') this.#foreign++;
    else if (kind === 'invalid') this.#invalid++;
    else if (kind === 'torn' || kind === 'salvaged') this.#torn++;
  }

  report(): ReadReport {
    return {
      files: this.#files,
      leftOut: this.#leftOut,
      refused: this.#refused,
      bytes: this.#bytes,
      skipped: this.#skipped,
      unindexed: this.#unindexed,
      gapsUnknown: this.#gapsUnknown,
      records: this.#records,
      foreign: Math.max(0, this.#foreign - this.#used),
      invalid: this.#invalid,
      torn: this.#torn,
      tooLong: this.#tooLong,
    };
  }
}
