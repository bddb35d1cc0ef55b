/** Lines of other programs → what is known of each request. */
import { guideRecord } from '../dialect/guide.js';
import { idFields, plainId } from '../dialect/ids.js';
import { readLine } from '../dialect/read.js';
import type { ForeignLine } from '../read/decode.js';
import { NO_SESSION, type TraceTable } from './trace-table.js';

export type TakenLine =
  | { readonly kind: 'taken' }
  /** It carries no id. */
  | { readonly kind: 'no_id' }
  /** There was no room for another request; `time` is the line's. */
  | { readonly kind: 'no_room'; readonly time: number | undefined };

export class LineListings {
  readonly #table: TraceTable;
  readonly #field: string | undefined;

  /** @param field the path of the field that holds the id; `undefined` for the usual ones */
  constructor(table: TraceTable, field: string | undefined) {
    this.#table = table;
    this.#field = field;
  }

  take({ value, prefix, outer }: ForeignLine): TakenLine {
    const [field] = idFields(value, this.#field);
    if (field === undefined) return { kind: 'no_id' };
    const { time: own, level: said, message } = readLine(value);
    const time = own ?? prefix?.time ?? outer?.time;
    const id = Buffer.from(plainId(field.id));
    const table = this.#table;
    const row = table.row(NO_SESSION, id, 0, id.length);
    if (row === -1) return { kind: 'no_room', time };
    const level = said ?? prefix?.level ?? outer?.level;
    const guide = guideRecord(value);
    table.events.add(row, 1);
    if (level === 'error' || level === 'fatal' || guide?.kind === 'error') table.errors.add(row, 1);
    const name = guide?.type ?? message;
    if (name !== undefined && table.root(row) === undefined) table.setRoot(row, name);
    if (time !== undefined) table.at(row, time);
    return { kind: 'taken' };
  }
}
