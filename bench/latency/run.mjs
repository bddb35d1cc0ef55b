/**
 * From publish to the start of the handler, at 100,000 events a second, and the same work as an HTTP call on loopback.
 *
 *   node bench/latency/run.mjs [--rounds 9]
 *
 * Wall-clock time, because waiting is what latency is: on a busy machine the tails show the machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { count, judged, median, microseconds } from '../lib/figures.mjs';
import { interleave } from '../lib/interleave.mjs';
import { report } from '../lib/report.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const rounds = Number(values.rounds);
const RATE = 100_000;
const folder = mkdtempSync(join(tmpdir(), 'cf-bus-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const CONTENDERS = {
  'event bus': { way: 'bus', log: undefined, rate: RATE },
  'event bus, log (info)': { way: 'bus', log: 'info', folder, rate: RATE },
  'event bus, full log (debug)': { way: 'bus', log: 'debug', folder, rate: RATE },
  'HTTP call on loopback': { way: 'http', rate: 1_000 },
  'HTTP call, as many as it takes': { way: 'http', rate: Number.POSITIVE_INFINITY },
};
/** Microseconds. */
const TARGET = { 'event bus': 50 };

const answers = await interleave({ worker: new URL('worker.mjs', import.meta.url), contenders: CONTENDERS, rounds });
const rows = [...answers].map(([name, all]) => {
  const middle = (pick) => median(all.map(pick));
  const { rate } = CONTENDERS[name];
  return [
    name,
    Number.isFinite(rate) ? count(rate) : '',
    count(middle((each) => each.reached)),
    microseconds(middle((each) => each.p50)),
    microseconds(middle((each) => each.p99)),
    microseconds(middle((each) => each.p999)),
    microseconds(Math.min(...all.map((each) => each.p99))),
    microseconds(middle((each) => each.lateP99)),
    judged(
      middle((each) => each.p99),
      TARGET[name],
      microseconds,
      false,
    ),
  ];
});
report({
  title: `From publish to the start of the handler, four handlers (HTTP: from the request to the handler, one handler)`,
  columns: [
    '',
    'offered/s',
    'reached/s',
    'p50',
    'p99',
    'p99.9',
    'p99, best round',
    'p99 from when it was due',
    'target p99',
  ],
  rows,
  notes: [
    `Medians of ${rounds} rounds of half a second, on the wall clock. "From when it was due" counts from the moment that the offered rate asks for, so it holds what the event loop and the machine delay, too. ` +
      'The HTTP server is a process of its own, connections are kept alive, 64 of them where it takes as many calls as it can.',
  ],
});
