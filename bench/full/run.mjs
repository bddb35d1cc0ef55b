/**
 * The full path: an event to four handlers, with the log on, to a file. Against emittery with pino and its synchronous
 * destination, which write the same records.
 *
 *   node bench/full/run.mjs [--rounds 9]
 */
import { parseArgs } from 'node:util';
import { count, judged, median, percent, spread, times } from '../lib/figures.mjs';
import { interleave } from '../lib/interleave.mjs';
import { report } from '../lib/report.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const rounds = Number(values.rounds);
const BASE = 'emittery + pino, synchronous';
const CONTENDERS = {
  [BASE]: { name: 'emittery', records: 'all' },
  'the same, no record of a start': { name: 'emittery', records: 'ends' },
  'cf-bus, full log (debug)': { name: 'cf-bus', level: 'debug' },
  'cf-bus, log (info)': { name: 'cf-bus', level: 'info' },
  'cf-bus, no log': { name: 'cf-bus', level: undefined },
};

const answers = await interleave({
  worker: new URL('worker.mjs', import.meta.url),
  contenders: CONTENDERS,
  rounds,
  warmUp: 4,
});
const figures = new Map(
  [...answers].map(([name, all]) => {
    const lines = all[0].lines;
    const rate = 1e9 / median(all.map(({ ns }) => ns));
    return [name, { lines, rate, bytes: all[0].bytes, spread: spread(all.map(({ ns }) => ns)) }];
  }),
);
const base = figures.get(BASE);
const full = figures.get('cf-bus, full log (debug)');
const fewer = figures.get('the same, no record of a start');
report({
  title: 'An event to four handlers with the log on, of processor time',
  columns: ['', 'lines an event', 'bytes a line', 'events/s', '×', 'lines/s', '×'],
  rows: [...figures].map(([name, { lines, rate, bytes }]) => [
    name,
    String(lines),
    lines === 0 ? '' : String(Math.round(bytes / lines)),
    count(rate),
    times(rate / base.rate),
    lines === 0 ? '' : count(rate * lines),
    lines === 0 ? '' : times((rate * lines) / (base.rate * base.lines)),
  ]),
  notes: [
    `Medians of ${rounds} rounds; half of the rounds of each lie within ${percent(Math.max(...[...figures.values()].map((each) => each.spread)))} or less. One record a publish, two a delivery; "no record of a start" leaves one of the two out.`,
    `Lines/s against emittery + pino with the same records: ${times((full.rate * full.lines) / (base.rate * base.lines))}, target ${judged((full.rate * full.lines) / (base.rate * base.lines), 3.5)}. ` +
      `Events/s against emittery + pino with five lines an event (of which the target says 30,000 against 100,000): ${times(full.rate / fewer.rate)}, target ${judged(full.rate / fewer.rate, 100 / 30)}.`,
  ],
});
