/**
 * How fast a simulation runs: five M/M/1 queues in a row (chain.yaml) in virtual time, without a log and with it, beside
 * SimPy with the same model and a bare heap with awaited handlers. All take turns in one run, because machines are noisy:
 * read the ratios. Then how cost and memory grow with the length of a run.
 * Usage: node bench/simulator/run.mjs [rounds] [--scale]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareHeap } from './bare-heap.mjs';
import { chain, load } from './load.mjs';

const DELIVERIES = 300_000;
const SIMPY_DELIVERIES = 50_000;
const SCALES = [1e4, 1e5, 1e6, 1e7];

const args = process.argv.slice(2);
const rooms = await load();
if (args[0] === '--one') await measureOne(Number(args[1]));
else if (args.includes('--scale')) await measureScale();
else await measureSpeed(Number(args.find((arg) => /^\d+$/.test(arg)) ?? 5));

async function measureSpeed(rounds) {
  const folder = mkdtempSync(join(tmpdir(), 'cf-bus-bench-'));
  const python = findPython();
  const ways = {
    'cf-bus, no log': () => timed(() => simulate(DELIVERIES).then(({ deliveries }) => deliveries)),
    'cf-bus, whole log': () =>
      timed(() => simulate(DELIVERIES / 5, join(folder, 'chain.log')).then(({ deliveries }) => deliveries)),
    'bare heap, awaited': () => timed(() => bareHeap(DELIVERIES)),
    ...(python === undefined ? {} : { 'SimPy, same model': () => simpy(python) }),
  };
  const rates = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const rate = await way();
      // The first round warms up.
      if (round > 0) rates[name].push(rate);
    }
  }
  rmSync(folder, { recursive: true });
  console.log(`deliveries a second of processor time, median (best) of ${rounds}, Node ${process.version}`);
  const base = median(rates['cf-bus, no log']);
  for (const [name, found] of Object.entries(rates)) {
    const middle = median(found);
    console.log(`${name.padEnd(20)} ${k(middle)} (${k(Math.max(...found))})  × ${(base / middle).toFixed(2)}`);
  }
  if (python === undefined) console.log('SimPy is not installed (Debian: python3-simpy3)');
}

async function measureScale() {
  console.log('deliveries      seconds   µs each   peak memory');
  for (const deliveries of SCALES) {
    const { stdout } = spawnSync(process.execPath, [import.meta.filename, '--one', String(deliveries)], {
      encoding: 'utf8',
    });
    const [count, seconds, megabytes] = stdout.trim().split(' ').map(Number);
    const each = ((seconds / count) * 1e6).toFixed(2);
    console.log(
      `${String(count).padStart(10)} ${seconds.toFixed(2).padStart(12)} ${each.padStart(9)} ${`${megabytes} MB`.padStart(13)}`,
    );
  }
}

async function measureOne(deliveries) {
  const start = process.cpuUsage();
  const result = await simulate(deliveries);
  const { user, system } = process.cpuUsage(start);
  console.log(result.deliveries, (user + system) / 1e6, Math.round(process.resourceUsage().maxRSS / 1024));
}

async function simulate(deliveries, file) {
  let log;
  const result = await rooms.runVirtual({
    scenario: chain(rooms, deliveries),
    seed: 1,
    openLog:
      file === undefined
        ? undefined
        : ({ clock, ids }) => {
            log = rooms.openLog({ file, level: 'debug', clock, session: ids.session, fresh: true });
            return log;
          },
  });
  log?.close();
  if (!result.passed) throw new Error('the chain did not end well');
  return result;
}

async function timed(work) {
  const start = process.cpuUsage();
  const count = await work();
  const { user, system } = process.cpuUsage(start);
  return count / ((user + system) / 1e6);
}

function simpy(python) {
  const output = execFileSync(python, [join(import.meta.dirname, 'chain.py'), String(SIMPY_DELIVERIES)], {
    encoding: 'utf8',
  });
  return Number(output.split(' ')[1]);
}

/** Debian's own Python first: SimPy is installed for that one. */
function findPython() {
  return ['/usr/bin/python3', 'python3'].find((python) => spawnSync(python, ['-c', 'import simpy']).status === 0);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function k(rate) {
  return `${Math.round(rate / 1000)}k`.padStart(6);
}
