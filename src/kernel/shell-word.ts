import { safe } from './safe.js';

/** `text` as one word of a shell, for commands that people paste. What could steer a terminal is shown instead. */
export function shellWord(text: string): string {
  const shown = safe(text);
  return /^[\w.:/@%+=-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", `'\\''`)}'`;
}
