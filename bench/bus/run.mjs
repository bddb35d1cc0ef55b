/**
 * The bus against its peers, what it costs when much is subscribed, and what it keeps. Build first: it is dist/ that runs.
 *
 *   node bench/bus/run.mjs [--rounds 9] [--only speed|scale|memory]
 */
import { parseArgs } from 'node:util';
import { memory } from './memory.mjs';
import { scale } from './scale.mjs';
import { speed } from './speed.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' }, only: { type: 'string' } } });
for (const [name, part] of Object.entries({ speed, scale, memory })) {
  if (values.only === undefined || values.only === name) await part(Number(values.rounds));
}
