/** What many subscribers, types and patterns cost. */
import { count, judged, median, percent, spread, times } from '../lib/figures.mjs';
import { interleave } from '../lib/interleave.mjs';
import { report } from '../lib/report.mjs';

/** Each with what it is held against, and how many times as much it may cost. */
const CASES = {
  '16 subscribers': { given: { name: 'subscribers', handlers: 16 } },
  '10,000 subscribers': { given: { name: 'subscribers', handlers: 10_000 }, base: '16 subscribers', limit: 2 },
  '10,000 patterns that all match': {
    given: { name: 'matchingPatterns', patterns: 10_000 },
    base: '16 subscribers',
    limit: 2,
  },
  '4 subscribers, nothing else': { given: { name: 'subscribers', handlers: 4 } },
  '4 subscribers beside 100,000 other types': {
    given: { name: 'otherTypes', others: 100_000 },
    base: '4 subscribers, nothing else',
    limit: 1.1,
  },
  '4 subscribers beside 10,000 other patterns': {
    given: { name: 'otherPatterns', others: 10_000 },
    base: '4 subscribers, nothing else',
    limit: 1.1,
  },
  '1 type, 1 subscriber': { given: { name: 'allTypes', types: 1 } },
  '100,000 types in turn, 1 subscriber each': {
    given: { name: 'allTypes', types: 100_000 },
    base: '1 type, 1 subscriber',
  },
};

const nanoseconds = (ns) => `${count(ns)} ns`;

export async function scale(rounds) {
  const answers = await interleave({
    worker: new URL('scale-worker.mjs', import.meta.url),
    contenders: Object.fromEntries(Object.entries(CASES).map(([name, { given }]) => [name, given])),
    rounds,
  });
  const cost = (name) => median(answers.get(name).map(({ perDelivery }) => perDelivery));
  const rows = Object.entries(CASES).map(([name, { base, limit }]) => {
    const ratio = base === undefined ? 1 : cost(name) / cost(base);
    const ns = median(answers.get(name).map(({ perPublish }) => perPublish));
    const goal = judged(ratio, limit, times, false);
    return [name, nanoseconds(ns), nanoseconds(cost(name)), base === undefined ? '1' : `${ratio.toFixed(2)}×`, goal];
  });
  const widest = Math.max(...[...answers.values()].map((all) => spread(all.map(({ perPublish }) => perPublish))));
  report({
    title: 'Many subscribers, types and patterns: handlers that return a resolved promise',
    columns: ['', 'a publish', 'a delivery', 'against the first of its group', 'target'],
    rows,
    notes: [
      `Medians of ${rounds} rounds; half of the rounds of each lie within ${percent(widest)} or less. "Independent of what else is there" is judged as within 1.1×. ` +
        'Publishing 100,000 types in turn touches other memory each time: it shows what the caches of the processor do.',
    ],
  });
}
