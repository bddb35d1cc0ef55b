/**
 * Hostile texts (escape sequences, control characters, C1, bidi, invisible characters, forged lines) in every column of
 * logs, scenarios, arguments and errors, shown by everything that writes to a terminal: lines, tree, waterfall, log, list,
 * statistics, diff, why, exports, dashboard, errors. Not one control, C1, bidi or invisible character of theirs may come
 * out, and no line that they began.
 */
import type { Part } from '../part.js';

export const terminal: Part = {
  name: 'terminal',
  promise: 'no control, C1, bidi or invisible character of others reaches the terminal, and no line of theirs',
  unit: 'texts',
  run: async (context) => (await import('./terminal/run.js')).run(context),
};
