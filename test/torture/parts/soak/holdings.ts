/** What the programs held over time: heap, resident size, descriptors. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Sample } from './sampler.js';
import { floors, median, readSamples, slope } from './trend.js';

const MIB = 1024 * 1024;
const MOST_HEAP_GROWTH = 1e6;
/** Two minutes: a dozen samples in the full form. */
const WINDOW_HOURS = 1 / 30;
/** Resident size is no exact figure: the allocator keeps what was freed, and the system counts pages that are shared. */
const MOST_RSS_GROWTH = 0.08;

interface Verdict {
  readonly figures: readonly (readonly [name: string, value: string])[];
  readonly failures: readonly string[];
}

export function judgeHoldings(folder: string, warmUpSeconds: number, withSlopes: boolean): Verdict {
  const verdicts = readdirSync(folder).map((name) =>
    judgeOne(
      name,
      readSamples(join(folder, name)).filter(({ at }) => at >= warmUpSeconds),
      withSlopes,
    ),
  );
  return {
    figures: verdicts.flatMap(({ figures }) => figures),
    failures: verdicts.flatMap(({ failures }) => failures),
  };
}

function judgeOne(name: string, samples: readonly Sample[], withSlopes: boolean): Verdict {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || samples.length < 4) {
    return { figures: [], failures: [`${name}: only ${samples.length} samples`] };
  }
  const failures: string[] = [];
  const quarter = Math.ceil(samples.length / 4);
  const early = samples.slice(0, quarter);
  const late = samples.slice(-quarter);
  // Commands come and go: what is open between them counts.
  const open = (part: readonly Sample[]) => Math.min(...part.map(({ descriptors }) => descriptors));
  if (open(late) > open(early)) failures.push(`${name}: ${open(early)} descriptors became ${open(late)}`);
  const cpu = (last.cpu - first.cpu) / (last.at - first.at) / 10;
  const figures: [string, string][] = [];
  if (withSlopes) {
    const perHour = slope(
      floors(
        samples.map(({ at, heap }) => [at / 3_600, heap]),
        WINDOW_HOURS,
      ),
    );
    const rss = (part: readonly Sample[]) => median(part.map((sample) => sample.rss));
    const outside = (part: readonly Sample[]) => median(part.map((sample) => sample.external));
    if (perHour >= MOST_HEAP_GROWTH)
      failures.push(`${name}: its heap grows by ${(perHour / 1e6).toFixed(2)} MB an hour`);
    if (rss(late) > rss(early) * (1 + MOST_RSS_GROWTH)) {
      failures.push(`${name}: its resident size rose from ${mib(rss(early))} to ${mib(rss(late))}`);
    }
    figures.push([`${name}: heap`, `${mib(last.heap)}, ${(perHour / 1e6).toFixed(2)} MB/h`]);
    figures.push([`${name}: buffers`, `${mib(outside(early))} then ${mib(outside(late))}`]);
    figures.push([`${name}: resident`, `${mib(rss(early))} then ${mib(rss(late))}`]);
  }
  figures.push([`${name}: descriptors`, `${open(early)} then ${open(late)}`]);
  figures.push([`${name}: processor`, `${cpu.toFixed(0)} %`]);
  return { figures, failures };
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
