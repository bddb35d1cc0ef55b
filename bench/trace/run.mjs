/**
 * One request out of a large log, whole process, with a warm page cache; side by side in the same run with what people
 * use for it now.
 *
 *   node bench/trace/run.mjs [--megabytes 1000] [--rounds 15] [--keep FILE] [--json]
 *
 * Each command runs once a round, in an order that changes; figures are medians. `grep | jq` and `rg` (ripgrep) must be
 * there. The log is made in the temporary folder, and removed, unless --keep names one to make or to use again. Build first.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generate, traceIn } from './generate.mjs';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '15' },
    keep: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const megabytes = Number(values.megabytes);
const rounds = Number(values.rounds);
const bin = fileURLToPath(new URL('../../bin/cf-bus.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cfb-trace-'));
const log = values.keep ?? join(folder, 'bench.log');
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...inherited } = process.env;
const env = { ...inherited, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache'), NO_COLOR: '1' };

const id = traceIn(megabytes);
const node = process.execPath;
const COMMANDS = [
  { name: 'node -e 0', shell: `'${node}' -e 0 > out` },
  { name: 'grep | jq', shell: `grep '${id}' '${log}' | jq . > out` },
  { name: 'rg -F', shell: `rg -F '${id}' '${log}' > out` },
  { name: 'cf-bus trace --no-index', shell: `'${node}' '${bin}' trace --no-index '${id}' '${log}' > out` },
  { name: 'cf-bus trace', shell: `'${node}' '${bin}' trace '${id}' '${log}' > out` },
];

/** Milliseconds of one run. */
function time({ name, shell }) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync('sh', ['-c', shell], { cwd: folder, env, encoding: 'utf8' });
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return elapsed;
}

/** The most memory that a command has at a time, in MB; from GNU time, where it is there. */
function peakMemory(shell) {
  const { stderr } = spawnSync('/usr/bin/time', ['-f', 'peak %M', 'sh', '-c', `exec ${shell}`], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  const match = /peak (\d+)/.exec(stderr ?? '');
  return match === null ? null : Math.round(Number(match[1]) / 1024);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

try {
  if (!existsSync(log)) generate(log, megabytes);
  const firstMs = time(COMMANDS.at(-1));
  const times = new Map(COMMANDS.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (let index = 0; index < COMMANDS.length; index++) {
      const command = COMMANDS[(index + Math.max(0, round)) % COMMANDS.length];
      const elapsed = time(command);
      // The first round warms the page cache.
      if (round >= 0) times.get(command.name).push(elapsed);
    }
  }
  const ms = (name) => median(times.get(name));
  const results = COMMANDS.map(({ name, shell }) => ({
    name,
    ms: Number(ms(name).toFixed(1)),
    fasterThanGrepJq: Number((ms('grep | jq') / ms(name)).toFixed(2)),
    fasterThanRg: Number((ms('rg -F') / ms(name)).toFixed(2)),
    peakMb: name.startsWith('cf-bus') ? peakMemory(shell) : null,
  }));
  const { size } = statSync(log);
  const about = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    rounds,
    bytes: size,
  };
  if (values.json) {
    console.log(JSON.stringify({ ...about, firstMs, results }, null, 2));
  } else {
    console.log(
      `Node.js ${about.node}, ${about.cores} cores (${about.cpu}), ${(size / 1e9).toFixed(2)} GB, medians of ${rounds}\n`,
    );
    for (const { name, ms, fasterThanGrepJq, fasterThanRg, peakMb } of results) {
      const memory = peakMb === null ? '' : `  ${peakMb} MB`;
      console.log(
        `${name.padEnd(26)} ${`${ms} ms`.padStart(11)}  ${fasterThanGrepJq.toFixed(2).padStart(6)} x grep|jq  ${fasterThanRg.toFixed(2).padStart(6)} x rg${memory}`,
      );
    }
    console.log(`\nthe first cf-bus trace, which makes the index: ${Math.round(firstMs)} ms`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
