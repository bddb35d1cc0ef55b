/** Makes the files, has them read, and tells what came of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../../../src/kernel/index.js';
import type { PartContext, Tally } from '../../part.js';
import { inLanes } from '../../support/lanes.js';
import { Bench } from './bench.js';
import { bytes, type FileCase } from './case.js';
import { logCases } from './log-cases.js';
import { GOOD, type LogCase } from './log-lines.js';
import { damaged, pick } from './mutate.js';
import { LOG_PIECES, SCENARIO_PIECES } from './pieces.js';
import { valueCases } from './scenario-values.js';
import { BASE, yamlCases } from './scenario-yaml.js';

const COUNTS = { short: 14, full: 420, long: 5_000 };
const LANES = 2;

export async function run(context: PartContext): Promise<Tally> {
  const bench = new Bench(context);
  const count = COUNTS[context.effort];
  const scenarios = chosen([...yamlCases, ...valueCases], count, context.random.fork('scenarios'), (random) =>
    damagedScenario(random, context.root),
  );
  const logs = chosen<LogCase>(logCases, count, context.random.fork('logs'), damagedLog);
  const all = [
    ...scenarios.map((each) => () => bench.scenario(each)),
    ...logs.map((each, n) => () => bench.log(each, n)),
  ];
  let done = 0;
  await inLanes(all, LANES, context.signal, async (work) => {
    await work();
    context.progress(++done, all.length);
  });
  return bench.tally(scenarios.length, logs.length);
}

/** All of the list and as many more as are wanted; of a long list for a short run, a drawn part. */
function chosen<C extends FileCase>(
  list: readonly C[],
  count: number,
  random: Random,
  more: (random: Random) => C,
): C[] {
  if (count < list.length) {
    const ranked = list.map((each, index) => ({ each, rank: random.fork(String(index)).next() }));
    return ranked
      .sort((a, b) => a.rank - b.rank)
      .slice(0, count)
      .map(({ each }) => each);
  }
  return [...list, ...Array.from({ length: count - list.length }, (_, n) => more(random.fork(`damaged ${n}`)))];
}

const SAMPLES = ['index-pipeline', 'rag-query', 'failures', 'race', 'backpressure'];

function damagedScenario(random: Random, root: string): FileCase {
  const sample = pick(random, SAMPLES, 'hello');
  const text = random.next() < 0.2 ? BASE : readFileSync(join(root, `scenarios/${sample}.yaml`), 'utf8');
  return bytes(`${sample}, damaged`, 'either', damaged(Buffer.from(text), random, SCENARIO_PIECES));
}

function damagedLog(random: Random): LogCase {
  return bytes('a log, damaged', 'either', damaged(Buffer.from(GOOD), random, LOG_PIECES));
}
