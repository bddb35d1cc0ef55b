/** What the bus keeps. */
import { judged, median } from '../lib/figures.mjs';
import { interleave } from '../lib/interleave.mjs';
import { report } from '../lib/report.mjs';

const CASES = {
  'idle subscription, 10,000 of one type': { given: { name: 'oneType', howMany: 10_000 }, limit: 300 },
  'idle subscription, 10,000 of one pattern': { given: { name: 'onePattern', howMany: 10_000 }, limit: 300 },
  'idle subscription, 100,000 types': { given: { name: 'manyTypes', howMany: 100_000 } },
  'subscription that has ended': { given: { name: 'left', howMany: 10_000 }, limit: 1 },
  'published event, history full': { given: { name: 'published', howMany: 300_000 }, limit: 1 },
};

const bytes = (value) => `${value < 10 ? Math.max(0, value).toFixed(1) : Math.round(value)} bytes`;

export async function memory(rounds) {
  const answers = await interleave({
    worker: new URL('memory-worker.mjs', import.meta.url),
    contenders: Object.fromEntries(Object.entries(CASES).map(([name, { given }]) => [name, given])),
    rounds,
  });
  report({
    title: 'Memory: bytes of heap that stay, for each',
    columns: ['', 'bytes', 'target'],
    rows: Object.entries(CASES).map(([name, { limit }]) => {
      const value = median(answers.get(name));
      return [name, bytes(value), judged(value, limit, bytes, false)];
    }),
    notes: [
      `Medians of ${rounds} rounds, each handler a function of its own, made before. A type of its own is an entry in the routes and in the statistics besides.`,
    ],
  });
}
