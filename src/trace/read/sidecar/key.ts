/** Which ids the index knows. */

const INDEXED = /^[A-Za-z0-9_][A-Za-z0-9_.:;,@#=~!?()[\]{}|*^$%-]{3,127}$/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;
const TIME = /^.{4}-.{2}-.{2}T.{2}:.{5}/;

/** What stands in every record of lost records. */
export const GAP_WORD = 'log_gap';

/**
 * Whether an id can be looked up: 4 to 128 characters with a digit, none of which JSON writers escape; no number, which
 * may stand without quotes, and no time. Any other is searched for in the whole log. `isKey` in scan.wat is as wide or
 * wider.
 */
export function isIndexed(id: string): boolean {
  return INDEXED.test(id) && /\d/.test(id) && !NUMBER.test(id) && !TIME.test(id);
}
