/** Awaited publish to K handlers, against peers. */
import { count, judged, median, percent, spread, times } from '../lib/figures.mjs';
import { interleave } from '../lib/interleave.mjs';
import { report } from '../lib/report.mjs';
import { CONTENDERS } from './contenders.mjs';

const BASE = 'emittery';
const KINDS = {
  promise: { what: 'a resolved promise', targets: { 1: 7, 4: 5, 16: 2.5 } },
  nothing: { what: 'nothing', targets: { 1: 20, 4: 14, 16: 8 } },
};

async function compare(kind, handlers, rounds) {
  const contenders = Object.fromEntries(Object.keys(CONTENDERS).map((name) => [name, { name, handlers, kind }]));
  const answers = await interleave({ worker: new URL('speed-worker.mjs', import.meta.url), contenders, rounds });
  return new Map([...answers].map(([name, ns]) => [name, { rate: 1e9 / median(ns), spread: spread(ns) }]));
}

export async function speed(rounds) {
  for (const [kind, { what, targets }] of Object.entries(KINDS)) {
    const sizes = Object.keys(targets).map(Number);
    const results = [];
    for (const size of sizes) results.push(await compare(kind, size, rounds));
    const cells = (name) =>
      results.flatMap((result) => {
        const { rate } = result.get(name);
        return [count(rate), times(rate / result.get(BASE).rate)];
      });
    const goals = results.flatMap((result, at) => {
      const ratio = result.get('cf-bus').rate / result.get(BASE).rate;
      return ['', judged(ratio, targets[sizes[at]])];
    });
    const widest = Math.max(...results.flatMap((result) => [...result.values()].map((each) => each.spread)));
    report({
      title: `Awaited publish to K handlers that return ${what}, in events/s of processor time and as a multiple of emittery`,
      columns: ['', ...sizes.flatMap((size) => [`K=${size}`, '×'])],
      rows: [...Object.keys(CONTENDERS).map((name) => [name, ...cells(name)]), ['target for cf-bus', ...goals]],
      notes: [`Medians of ${rounds} rounds; half of the rounds of each lie within ${percent(widest)} or less.`],
    });
  }
}
