/** Text by the cells it takes on a terminal. */
import stringWidth from 'string-width';

/**
 * One cell each, and none that joins its neighbours: ASCII, most of Latin, Greek and Cyrillic, and what trees, tables
 * and charts are drawn with. Nearly all text is of it. Telling graphemes apart needs tables that take as long to load
 * as a third of Node's own start.
 */
const NARROW =
  /^[\u0020-\u007e\u00af-\u02ff\u0370-\u0482\u048a-\u0529\u2010-\u2027\u2190-\u2193\u2200-\u22ff\u2500-\u25a9\u25c1-\u25fa\u2713\u2717]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: styles begin with it
const STYLES = /\u001b\[[\d;]*m/g;

let segmenter: Intl.Segmenter | undefined;

/** True where each character of `text` takes one cell, so that it can be cut anywhere. Some such text is not known as such. */
export function isNarrow(text: string): boolean {
  return NARROW.test(text);
}

/** Cells that `text` takes; styles (SGR sequences) in it take none. */
export function displayWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  const plain = text.replace(STYLES, '');
  return NARROW.test(plain) ? plain.length : stringWidth(plain);
}

/** What a reader takes for one character each; cutting between them breaks none. */
export function graphemes(text: string): Iterable<string> {
  return NARROW.test(text) ? text : segments(text);
}

function* segments(text: string): Generator<string, void, undefined> {
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) yield segment;
}
