/**
 * How long cf-bus takes to start, as a multiple of `node -e 0` in the same run.
 *
 *   node bench/startup/run.mjs [--rounds 21] [--json]
 *
 * Each command runs once a round, in an order that changes, beside the empty program; figures are medians. Build first.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '21' }, json: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
const bin = fileURLToPath(new URL('../../bin/cf-bus.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cfb-'));
// Reading certificates costs every start of Node.js 40 ms and more, and hides the rest.
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...inherited } = process.env;
const env = { ...inherited, HOME: folder, XDG_RUNTIME_DIR: folder, CF_BUS_LOG: join(folder, 'cf-bus.log') };

/** Times the target of each command was promised to stay under. */
const BENCHES = [
  { name: 'node -e 0', args: ['-e', '0'] },
  { name: '--version', args: [bin, '--version'], target: 1.2 },
  { name: '--help', args: [bin, '--help'] },
  { name: 'trace (small log)', args: [bin, 'trace', 'req-12345'], target: 1.5 },
  {
    name: 'publish (to a session)',
    args: [bin, 'publish', 'index.completed', '--payload', '{"repo_path":"/srv/web"}'],
    target: 1.5,
  },
];

/** Milliseconds of one run. */
function time({ name, args }) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return elapsed;
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

const SCENARIO = `version: 1
name: start-up
services:
  metrics:
    handlers:
      track: { subscribe: index.completed }
`;

/** A log of one small request, and a session that takes publishes. */
async function prepare() {
  const scenario = join(folder, 'scenario.yaml');
  writeFileSync(scenario, SCENARIO);
  const publish = [bin, 'publish', 'index.completed', '--scenario', scenario, '--trace-id', 'req-12345'];
  const made = spawnSync(process.execPath, publish, { cwd: folder, env, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`cannot make the log: ${made.stderr}`);
  const session = spawn(process.execPath, [bin, 'run', scenario, '--no-ui', '--stay'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  session.stderr.on('data', (text) => {
    stderr += text;
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    const { stdout } = spawnSync(process.execPath, [bin, 'sessions', '--json'], { cwd: folder, env, encoding: 'utf8' });
    if (JSON.parse(stdout).length > 0) return session;
  }
  session.kill('SIGKILL');
  throw new Error(`the session did not start: ${stderr}`);
}

const session = await prepare();
const times = new Map(BENCHES.map(({ name }) => [name, []]));
try {
  for (let round = -1; round < rounds; round++) {
    for (let index = 0; index < BENCHES.length; index++) {
      const bench = BENCHES[(index + Math.max(0, round)) % BENCHES.length];
      const elapsed = time(bench);
      // The first round warms the page cache.
      if (round >= 0) times.get(bench.name).push(elapsed);
    }
  }
} finally {
  session.kill('SIGTERM');
  await new Promise((resolve) => session.on('close', resolve));
  rmSync(folder, { recursive: true, force: true });
}

const base = median(times.get('node -e 0'));
const results = BENCHES.map(({ name, target }) => {
  const ms = median(times.get(name));
  return { name, ms: Number(ms.toFixed(1)), ratio: Number((ms / base).toFixed(2)), target: target ?? null };
});
const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, rounds };
if (values.json) {
  console.log(JSON.stringify({ ...machine, results }, null, 2));
} else {
  console.log(`Node.js ${machine.node}, ${machine.cores} cores (${machine.cpu}), medians of ${rounds} rounds\n`);
  for (const { name, ms, ratio, target } of results) {
    const judged = target === null ? '' : `  target ${target}  ${ratio <= target ? 'met' : 'MISSED'}`;
    console.log(`${name.padEnd(24)} ${`${ms} ms`.padStart(10)}  ${`${ratio.toFixed(2)}x`.padStart(6)}${judged}`);
  }
}
