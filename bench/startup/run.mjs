/**
 * How long cf-bus takes to start, as a multiple of `node -e 0` in the same run.
 *
 *   node bench/startup/run.mjs [--rounds 21]
 *
 * Each command runs once a round, in an order that changes, beside the empty program, on the wall clock. Build first.
 */

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { spawn as spawnTerminal } from '@lydell/node-pty';
import { judged, median, percent, spread } from '../lib/figures.mjs';
import { report } from '../lib/report.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '21' } } });
const rounds = Number(values.rounds);
const bin = fileURLToPath(new URL('../../bin/cf-bus.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cfb-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

// Reading certificates costs every start of Node.js 40 ms and more, and hides the rest. CI keeps the dashboard away.
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, CI: _ci, ...inherited } = process.env;
const env = {
  ...inherited,
  HOME: folder,
  XDG_RUNTIME_DIR: folder,
  XDG_CACHE_HOME: join(folder, 'cache'),
  CF_BUS_LOG: join(folder, 'cf-bus.log'),
};
/** As at the first start of a new version: nothing is in the cache. */
const firstStart = { ...env, NODE_DISABLE_COMPILE_CACHE: '1' };

const scenario = join(folder, 'start-up.yaml');
const SCENARIO = `version: 1
name: Start-up
seed: 1
services:
  metrics:
    handlers:
      track: { subscribe: index.completed, delay: 2ms }
requests:
  - name: index
    trace_id: req-12345
    flow:
      - publish: { type: index.completed, payload: { repo_path: /srv/web } }
expect:
  - { event: index.completed, count: 1 }
`;
const log = join(folder, 'small.log');
/** No sessions are in here: what is run here is no session that publish could mean. */
const elsewhere = join(folder, 'elsewhere');

const trace = [bin, 'trace', 'req-12345', log];
const check = [bin, 'check', scenario];
const publish = [bin, 'publish', 'index.completed', '--payload', '{"repo_path":"/srv/web"}'];
const BENCHES = [
  { name: 'node -e 0', run: () => timed(['-e', '0']) },
  { name: '--version', run: () => timed([bin, '--version']), target: 1.2 },
  { name: '--help', run: () => timed([bin, '--help']) },
  { name: 'trace of a small log', run: () => timed(trace), target: 1.5 },
  { name: 'publish to a session', run: () => timed(publish), target: 1.5 },
  { name: 'check of a small scenario', run: () => timed(check), target: 2.2 },
  { name: 'run, to the first frame', run: () => timedFrame([bin, 'run', scenario, '--log', 'off']), target: 6.5 },
  { name: 'trace, first start', run: () => timed(trace, firstStart) },
  { name: 'check, first start', run: () => timed(check, firstStart) },
];

/** Milliseconds of one run. */
async function timed(args, environment = env) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return elapsed;
}

/** Milliseconds until the dashboard stands on the screen. */
function timedFrame(args) {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    let elapsed;
    let screen = '';
    const terminal = spawnTerminal(process.execPath, args, { cols: 120, rows: 36, cwd: elsewhere, env });
    terminal.onData((text) => {
      screen += text;
      if (elapsed !== undefined || !screen.includes('Start-up')) return;
      elapsed = Number(process.hrtime.bigint() - start) / 1e6;
      terminal.write('q');
    });
    terminal.onExit(() => (elapsed === undefined ? reject(new Error(`no dashboard: ${screen}`)) : resolve(elapsed)));
  });
}

/** Makes the log of one small request, and starts a session that takes publishes. */
async function prepare() {
  mkdirSync(elsewhere);
  writeFileSync(scenario, SCENARIO);
  const made = spawnSync(process.execPath, [bin, 'run', scenario, '--virtual', '--log', log], {
    cwd: elsewhere,
    env,
    encoding: 'utf8',
  });
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
    for (let turn = 0; turn < BENCHES.length; turn++) {
      const { name, run } = BENCHES[(turn + Math.max(0, round)) % BENCHES.length];
      const elapsed = await run();
      // The first round fills the caches.
      if (round >= 0) times.get(name).push(elapsed);
    }
  }
} finally {
  session.kill('SIGTERM');
  await new Promise((resolve) => session.on('close', resolve));
}

const empty = times.get('node -e 0');
const ratio = (value) => `${value.toFixed(2)}×`;
report({
  title: `Start-up beside \`node -e 0\`, Node.js ${process.version}`,
  columns: ['', 'median', 'ratio', 'target', 'least', 'ratio', 'half within'],
  rows: BENCHES.map(({ name, target }) => {
    const all = times.get(name);
    const middle = median(all) / median(empty);
    const least = Math.min(...all);
    return [
      name,
      `${median(all).toFixed(1)} ms`,
      ratio(middle),
      judged(middle, target, ratio, false),
      `${least.toFixed(1)} ms`,
      ratio(least / Math.min(...empty)),
      percent(spread(all)),
    ];
  }),
  notes: [
    `${rounds} rounds, on the wall clock: on a busy machine the least of all rounds says more than the median. "First start" is without code in the cache.`,
  ],
});
