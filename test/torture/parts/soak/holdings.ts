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
  const quarter = Math.ceil(samples.length / 4);
  if (samples.length < 4) return { figures: [], failures: [`${name}: only ${samples.length} samples`] };
  const parts = { all: samples, early: samples.slice(0, quarter), late: samples.slice(-quarter) };
  const verdicts = [
    ...(withSlopes ? [judgeHeap(name, parts)] : []),
    // A thread has a heap of its own; the rest is its process's.
    ...(withSlopes && !name.endsWith('-thread') ? [judgeResident(name, parts)] : []),
    ...(name.endsWith('-thread') ? [] : [judgeDescriptors(name, parts)]),
  ];
  return {
    figures: verdicts.flatMap(({ figures }) => figures),
    failures: verdicts.flatMap(({ failures }) => failures),
  };
}

interface Parts {
  readonly all: readonly Sample[];
  /** The first quarter after the warm-up, and the last. */
  readonly early: readonly Sample[];
  readonly late: readonly Sample[];
}

function judgeHeap(name: string, { all, early, late }: Parts): Verdict {
  const perHour = slope(
    floors(
      all.map(({ at, heap }) => [at / 3_600, heap]),
      WINDOW_HOURS,
    ),
  );
  const grows = `${(perHour / 1e6).toFixed(2)} MB/h`;
  const buffers = (part: readonly Sample[]) => mib(median(part.map(({ external }) => external)));
  return {
    figures: [
      [`${name}: heap`, `${mib(median(late.map(({ heap }) => heap)))}, ${grows}`],
      [`${name}: buffers`, `${buffers(early)} then ${buffers(late)}`],
    ],
    failures: perHour < MOST_HEAP_GROWTH ? [] : [`${name}: its heap grows by ${grows}`],
  };
}

function judgeResident(name: string, { early, late }: Parts): Verdict {
  const rss = (part: readonly Sample[]) => median(part.map((sample) => sample.rss));
  const [before, after] = [rss(early), rss(late)];
  return {
    figures: [[`${name}: resident`, `${mib(before)} then ${mib(after)}`]],
    failures:
      after <= before * (1 + MOST_RSS_GROWTH)
        ? []
        : [`${name}: its resident size rose from ${mib(before)} to ${mib(after)}`],
  };
}

function judgeDescriptors(name: string, { all, early, late }: Parts): Verdict {
  // Commands come and go: what is open between them counts.
  const open = (part: readonly Sample[]) => Math.min(...part.map(({ descriptors }) => descriptors));
  const [first, last] = [all[0], all.at(-1)];
  const cpu = first === undefined || last === undefined ? 0 : (last.cpu - first.cpu) / (last.at - first.at) / 10;
  return {
    figures: [
      [`${name}: descriptors`, `${open(early)} then ${open(late)}`],
      [`${name}: processor`, `${cpu.toFixed(0)} %`],
    ],
    failures: open(late) <= open(early) ? [] : [`${name}: ${open(early)} descriptors became ${open(late)}`],
  };
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
