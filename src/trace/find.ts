/** Finds one request in logs of any size: only lines that hold the id's bytes are decoded. */
import { CfBusError } from '../kernel/index.js';
import type { LogRecord } from '../record/index.js';
import { buildTrace } from './build.js';
import { fieldsHolding } from './fields.js';
import type { Elsewhere, FindOptions, FindResult, MissingTrace } from './find-result.js';
import type { Block } from './read/blocks.js';
import { type LogInput, openInputs } from './read/input.js';
import { Needle } from './read/needle.js';
import { searchPart } from './read/search-part.js';
import { Tally } from './read/tally.js';
import { Survey } from './survey.js';
import { isTraceRecord, type TraceRecord } from './trace-records.js';

/** Fields that are named as holding the id. */
const MAX_ELSEWHERE = 10;

/**
 * The trace of `traceId`: the newest session's, and which others there are; or what may help to find it. Ids match
 * whole, as strings. Reads all of `inputs` once; streams, too; files a second time where nothing was found.
 * @throws CfBusError `FILE_UNREADABLE` naming the file; `USAGE` for an empty id.
 */
export async function findTrace(
  inputs: readonly LogInput[],
  traceId: string,
  options: FindOptions = {},
): Promise<FindResult> {
  if (traceId === '') throw new CfBusError('USAGE', 'a trace id is not empty');
  const parts = openInputs(inputs);
  const search = new Search(traceId, options.onProgress);
  const survey = new Survey();
  const { tally, needle, takeLine } = search;
  for (const part of parts) {
    const { cacheFolder } = options;
    const onBlock = part.rereadable ? undefined : (block: Block) => survey.take(block);
    await searchPart(part, { id: traceId, needle, tally, cacheFolder, onLine: takeLine, onBlock });
  }
  const found = search.result(options);
  if (found !== undefined) return found;
  for (const part of parts) {
    if (!part.rereadable) continue;
    for await (const block of part.blocks()) survey.take(block);
  }
  return search.missing(survey);
}

class Search {
  readonly tally: Tally;
  readonly needle: Needle;
  readonly #traceId: string;
  readonly #sessions = new Map<string, TraceRecord[]>();
  readonly #elsewhere = new Map<string, { lines: number; readonly traceId: string | undefined }>();

  constructor(traceId: string, onProgress: ((bytes: number) => void) | undefined) {
    this.#traceId = traceId;
    this.needle = new Needle(traceId);
    this.tally = new Tally(onProgress);
  }

  readonly takeLine = (line: Buffer): void => {
    const decoded = this.tally.decode(line);
    if (decoded.kind === 'record' || decoded.kind === 'salvaged') this.#take(decoded.record);
    else if (decoded.kind === 'foreign') this.#note(decoded.value, undefined);
  };

  #take(record: LogRecord): void {
    if (!isTraceRecord(record)) return this.#note(record, undefined);
    if (record.trace_id !== this.#traceId) return this.#note(record, record.trace_id);
    const records = this.#sessions.get(record.session);
    if (records === undefined) this.#sessions.set(record.session, [record]);
    else records.push(record);
  }

  #note(value: Readonly<Record<string, unknown>>, traceId: string | undefined): void {
    for (const field of fieldsHolding(value, this.#traceId)) {
      const known = this.#elsewhere.get(field);
      if (known !== undefined) known.lines++;
      else this.#elsewhere.set(field, { lines: 1, traceId });
    }
  }

  /** What was found, or `undefined`. */
  result({ session, all }: FindOptions): FindResult | undefined {
    const newestFirst = this.#newestFirst();
    const [newest, ...older] = newestFirst;
    const build = (name: string) =>
      buildTrace(this.#sessions.get(name) ?? [], { traceId: this.#traceId, session: name });
    if (newest === undefined || (session !== undefined && !this.#sessions.has(session))) return undefined;
    const found = { found: true, kind: 'trace', timeline: undefined, read: this.tally.report() } as const;
    if (session !== undefined) {
      const otherSessions = newestFirst.filter((name) => name !== session);
      return { ...found, traces: [build(session)], otherSessions };
    }
    return all === true
      ? { ...found, traces: [build(newest), ...older.map(build)], otherSessions: [] }
      : { ...found, traces: [build(newest)], otherSessions: older };
  }

  missing(survey: Survey): MissingTrace {
    const elsewhere: Elsewhere[] = Array.from(this.#elsewhere, ([field, { lines, traceId }]) => ({
      field,
      lines,
      traceId,
    }));
    return {
      found: false,
      traceId: this.#traceId,
      otherSessions: this.#newestFirst(),
      elsewhere: elsewhere.sort((a, b) => b.lines - a.lines).slice(0, MAX_ELSEWHERE),
      newest: survey.newest(),
      suggestion: survey.nearestTo(this.#traceId),
      lines: survey.lines,
      read: this.tally.report(),
    };
  }

  /** By the time of their first record; of equal ones (virtual time) the one that was read later is the newer. */
  #newestFirst(): string[] {
    const sessions = Array.from(this.#sessions, ([name, records], position) => ({
      name,
      position,
      time: records[0]?.timestamp ?? '',
    }));
    sessions.sort((a, b) => compareText(b.time, a.time) || b.position - a.position);
    return sessions.map(({ name }) => name);
  }
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
