/**
 * What the dashboard costs, on a bus that writes its whole log, in a pseudo-terminal:
 *   the rate of the bus at full speed, with the dashboard open and without, side by side;
 *   the time from a key to the frame that answers it, at 100,000 records a second.
 * Usage: node bench/dashboard/run.mjs [rounds] [--hour]   (--hour: memory over the records of an hour)
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SECONDS = 5;
const KEYS = 100;
const PATIENCE_MS = 10_000;
const SIZES = [
  [80, 24],
  [160, 50],
  [240, 70],
];

const args = process.argv.slice(2);
const rounds = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 3);
const folder = mkdtempSync(join(tmpdir(), 'cf-bus-bench-'));
const program = await bundle();
try {
  if (args.includes('--hour')) await hour();
  else {
    await rates();
    await latencies();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(program.folder, { recursive: true, force: true });
}

/** The load, and the dashboard beside it: its thread loads that file again. */
async function bundle() {
  const place = mkdtempSync(join(root, 'node_modules', '.cf-bus-bench-'));
  const banner =
    "process.env.NODE_ENV='production';import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";
  const common = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: banner },
    external: ['pino'],
    logLevel: 'error',
  };
  const noDevtools = {
    name: 'no-devtools',
    setup(setup) {
      setup.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'stub' }));
      setup.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'export default {};' }));
    },
  };
  const beside = {
    name: 'beside-dashboard',
    setup(setup) {
      setup.onResolve({ filter: /dashboard\/index\.js$/ }, () => ({ path: './dashboard.mjs', external: true }));
    },
  };
  const [dashboard, file] = ['dashboard.mjs', 'load.mjs'].map((name) => join(place, name));
  await build({ ...common, entryPoints: ['src/dashboard/index.ts'], outfile: dashboard, plugins: [noDevtools] });
  await build({ ...common, entryPoints: ['bench/dashboard/load.ts'], outfile: file, plugins: [beside] });
  return { folder: place, file };
}

/** Runs the load in a terminal; `onData` sees what it writes. */
function start(seconds, rate, mode, [columns, rows]) {
  const out = join(folder, `${mode}-${Math.random()}.json`);
  const { CI: _ci, NODE_EXTRA_CA_CERTS: _certs, ...env } = process.env;
  const pty = spawn(process.execPath, [program.file, out, String(seconds), String(rate), mode], {
    name: 'xterm-256color',
    cols: columns,
    rows,
    env: { ...env, TERM: 'xterm-256color' },
  });
  let tail = '';
  let bytes = 0;
  pty.onData((data) => {
    bytes += data.length;
    tail = (tail + data).slice(-2_000);
  });
  const figures = new Promise((resolve, reject) => {
    pty.onExit(({ exitCode }) => {
      if (exitCode === 0) resolve({ ...JSON.parse(readFileSync(out, 'utf8')), bytes });
      else reject(new Error(`the load ended with exit code ${exitCode}: ${tail}`));
    });
  });
  return { pty, figures };
}

async function rates() {
  console.log(
    `load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  console.log(`rate of the bus at full speed, 160×50, ${rounds} rounds of ${SECONDS} s, Node ${process.version}`);
  const modes = ['bare', 'thread', 'inline'];
  const found = Object.fromEntries(modes.map((mode) => [mode, []]));
  for (let round = 0; round < rounds; round++) {
    for (const mode of round % 2 === 0 ? modes : [...modes].reverse()) {
      found[mode].push(await start(SECONDS, 0, mode, [160, 50]).figures);
    }
  }
  // What else the machine does changes from round to round: shares are of the same round.
  const walls = (mode) => found[mode].map(({ records, wallMs }) => records / (wallMs / 1_000));
  const cpus = (mode) => found[mode].map(({ records, threadMs }) => records / (threadMs / 1_000));
  const share = (values) => (mode) => median(values(mode).map((value, round) => value / values('bare')[round]));
  const wall = (mode) => median(walls(mode));
  const cpu = (mode) => median(cpus(mode));
  for (const [mode, name] of [
    ['bare', 'without a dashboard'],
    ['thread', 'on a thread of its own'],
    ['inline', 'in the thread of the bus'],
  ]) {
    const kept = `${percent(share(walls)(mode))} (${percent(share(cpus)(mode))})`;
    const others = percent(median(found[mode].map(({ othersMs, wallMs }) => othersMs / wallMs)));
    console.log(
      `  ${name.padEnd(25)} ${k(wall(mode))} records/s (${k(cpu(mode))} a second of that thread's time)  ${kept}  other threads: ${others} of a processor`,
    );
  }
}

async function latencies() {
  console.log(`from a key to its frame, ${KEYS} keys, at 100,000 records/s with the log on`);
  for (const [size, mode] of SIZES.flatMap((size) => ['thread', 'inline'].map((mode) => [size, mode]))) {
    const { pty, figures } = start(1_000, 100_000, mode, size);
    figures.catch(() => {});
    await see(pty, /following/);
    await pause(2_000);
    const times = [];
    for (let index = 0; index < KEYS; index++) {
      const opens = index % 2 === 0;
      const begin = performance.now();
      const seen = see(pty, opens ? /Keys/ : /Log/);
      pty.write(opens ? '?' : '\u001b');
      await seen;
      times.push(performance.now() - begin);
      await pause(20 + (index % 7) * 13);
    }
    pty.write('q');
    pty.kill('SIGKILL');
    times.sort((a, b) => a - b);
    const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(1);
    console.log(
      `  ${size.join('×').padEnd(7)} ${mode.padEnd(7)} p50 ${at(0.5)} ms   p95 ${at(0.95)} ms   longest ${times.at(-1).toFixed(1)} ms`,
    );
  }
}

/** As many records as in one hour at 1,000 a second, only faster: what is kept depends on how many came, not on when. */
async function hour() {
  console.log('memory of the whole process at 20,000 records/s');
  for (const seconds of [20, 60, 180]) {
    const { records, rssMb } = await start(seconds, 20_000, 'thread', [160, 50]).figures;
    console.log(`  after ${(records / 1e6).toFixed(1)} million records  ${rssMb.toFixed(0)} MB`);
  }
}

function see(pty, pattern) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`no ${pattern} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    const listener = pty.onData((data) => {
      text = (text + data).slice(-100_000);
      if (!pattern.test(text)) return;
      listener.dispose();
      clearTimeout(timer);
      resolve();
    });
  });
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function k(value) {
  return `${(value / 1_000).toFixed(0)}k`.padStart(5);
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}
