/** Requests in lines of other programs, each in one line. */
import { guideRecord } from './dialect/guide.js';
import { idFields, plainId } from './dialect/ids.js';
import { readLine } from './dialect/read.js';
import type { TraceListing } from './list.js';
import type { ForeignLine } from './read/decode.js';

interface Listed {
  first: number;
  last: number;
  lines: number;
  errors: number;
  message: string | undefined;
}

export class LineListings {
  readonly #field: string | undefined;
  readonly #byId = new Map<string, Listed>();

  /** @param field the path of the field that holds the id; `undefined` for the usual ones */
  constructor(field: string | undefined) {
    this.#field = field;
  }

  /** `false` where the line carries no id. */
  take({ value, prefix, outer }: ForeignLine): boolean {
    const [field] = idFields(value, this.#field);
    if (field === undefined) return false;
    const { time: own, level: said, message } = readLine(value);
    const time = own ?? prefix?.time ?? outer?.time;
    const level = said ?? prefix?.level ?? outer?.level;
    const guide = guideRecord(value);
    const listed = this.#listed(plainId(field.id));
    listed.lines++;
    if (level === 'error' || level === 'fatal' || guide?.kind === 'error') listed.errors++;
    listed.message ??= guide?.type ?? message;
    if (time === undefined) return true;
    listed.first = Math.min(listed.first, time);
    listed.last = Math.max(listed.last, time);
    return true;
  }

  #listed(id: string): Listed {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const none = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY, lines: 0, errors: 0 };
    const added = { ...none, message: undefined };
    this.#byId.set(id, added);
    return added;
  }

  /** What became of a request, lines do not tell; that something failed, they do. */
  listings(): TraceListing[] {
    return Array.from(this.#byId, ([traceId, { first, last, lines, errors, message }]) => ({
      ...{ traceId, session: '' },
      startTime: first <= last ? first : 0,
      durationMs: first <= last ? Math.round((last - first) * 1_000) / 1_000 : 0,
      ...{ events: 0, deliveries: 0, lines, errors },
      rootType: message,
      outcome: errors > 0 ? 'failed' : 'unknown',
    }));
  }
}
