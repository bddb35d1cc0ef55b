/**
 * One request out of a large log, whole process, with a warm page cache; side by side in the same run with what people
 * use for it now.
 *
 *   node bench/trace/run.mjs [--megabytes 1000] [--rounds 15] [--keep FILE] [--list]
 *
 * Each command runs once a round, in an order that changes; figures are medians, processor times (of all threads and
 * children) means. `grep`, `jq` and `rg` (ripgrep) must be there. The log is made in the temporary folder, and removed,
 * unless --keep names one to make or to use again: made anew it is read faster, because the system keeps it in larger
 * pieces. --list measures `trace --list`, too. Build first.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { judged, median, percent, spread } from '../lib/figures.mjs';
import { report } from '../lib/report.mjs';
import { generate, traceIn } from './generate.mjs';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '15' },
    keep: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});
const megabytes = Number(values.megabytes);
const rounds = Number(values.rounds);
const bin = fileURLToPath(new URL('../../bin/cf-bus.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cfb-trace-'));
const log = values.keep ?? join(folder, 'bench.log');
const cache = join(folder, 'cache');
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...inherited } = process.env;
const env = { ...inherited, HOME: folder, XDG_CACHE_HOME: cache, NO_COLOR: '1' };

const id = traceIn(megabytes);
const node = `'${process.execPath}'`;
const GREP = { name: 'grep id file | jq . > out', shell: `grep '${id}' '${log}' | jq . > out` };
const RG = { name: 'rg -F id file > out', shell: `rg -F '${id}' '${log}' > out` };
const SCAN = { name: 'cf-bus trace --no-index', shell: `${node} '${bin}' trace --no-index '${id}' '${log}' > out` };
const INDEXED = { name: 'cf-bus trace', shell: `${node} '${bin}' trace '${id}' '${log}' > out` };
const COMMANDS = [{ name: 'node -e 0', shell: `${node} -e 0 > out` }, GREP, RG, SCAN, INDEXED];

/** Milliseconds of one run: on the wall clock, and of processors. */
function time({ name, shell }) {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync('sh', ['-c', `{ ${shell}; }; s=$?; times; exit $s`], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return { elapsed, used: childTimes(stdout) };
}

/** The shell tells its own times and those of its children: `0m0.010000s 0m0.000000s`, in two lines. */
function childTimes(text) {
  const [, children = ''] = text.trim().split('\n');
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1_000, 0);
}

/** The most memory that a command has at a time, in MB; from GNU time, where it is there. */
function peakMemory(shell) {
  const { stderr } = spawnSync('/usr/bin/time', ['-f', 'peak %M', 'sh', '-c', `exec ${shell}`], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  const match = /peak (\d+)/.exec(stderr ?? '');
  return match === null ? '?' : `${Math.round(Number(match[1]) / 1024)} MB`;
}

function mean(numbers) {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

const ratio = (value) => `${value.toFixed(2)}×`;

function rowOf(command, times) {
  const ms = median(times.get(command).elapsed);
  const against = (other) => median(times.get(other).elapsed) / ms;
  const target =
    command === SCAN
      ? judged(against(GREP), 2.5, (value) => `${ratio(value)} grep|jq`)
      : command === INDEXED
        ? judged(against(RG), megabytes >= 5_000 ? 5 : 1.5, (value) => `${ratio(value)} rg`)
        : '';
  return [
    command.name,
    `${ms.toFixed(1)} ms`,
    ratio(against(GREP)),
    ratio(against(RG)),
    target,
    `${mean(times.get(command).used).toFixed(0)} ms`,
    percent(spread(times.get(command).elapsed)),
    command === SCAN || command === INDEXED ? peakMemory(command.shell) : '',
  ];
}

function indexBytes() {
  const index = join(cache, 'cf-bus/index');
  return readdirSync(index).reduce((sum, name) => sum + statSync(join(index, name)).size, 0);
}

function reportList() {
  const shell = `${node} '${bin}' trace --list '${log}' > out`;
  const { elapsed, used } = time({ name: 'trace --list', shell });
  report({
    title: 'cf-bus trace --list, once',
    columns: ['', 'wall clock', 'processor time', 'peak memory'],
    rows: [['trace --list', `${(elapsed / 1e3).toFixed(1)} s`, `${(used / 1e3).toFixed(1)} s`, peakMemory(shell)]],
  });
}

try {
  if (!existsSync(log)) generate(log, megabytes);
  const { size } = statSync(log);
  time(SCAN);
  const first = time(INDEXED);
  const times = new Map(COMMANDS.map((command) => [command, { elapsed: [], used: [] }]));
  for (let round = -1; round < rounds; round++) {
    for (let index = 0; index < COMMANDS.length; index++) {
      const command = COMMANDS[(index + Math.max(0, round)) % COMMANDS.length];
      const { elapsed, used } = time(command);
      // The first round warms the page cache.
      if (round < 0) continue;
      times.get(command).elapsed.push(elapsed);
      times.get(command).used.push(used);
    }
  }
  report({
    title: `One request, 12 records, out of ${(size / 1e9).toFixed(2)} GB, Node.js ${process.version}`,
    columns: ['', 'median', '× grep|jq', '× rg', 'target', 'processor', 'half within', 'peak memory'],
    rows: COMMANDS.map((command) => rowOf(command, times)),
    notes: [
      `${rounds} rounds. The first search that may use an index makes it, once its answer is printed: ${first.used.toFixed(0)} ms of processor time in all, ${(indexBytes() / 1e6).toFixed(1)} MB (${((100 * indexBytes()) / size).toFixed(1)} % of the log).`,
    ],
  });
  if (values.list) reportList();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
