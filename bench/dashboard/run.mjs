/**
 * What the dashboard costs, on a bus that writes its whole log, in a pseudo-terminal:
 *   the rate of the bus at full speed, with the dashboard open and without, side by side;
 *   the time from a key to the frame that answers it, at 100,000 records a second;
 *   memory over as many records as come in an hour at 1,000 a second.
 * Usage: node bench/dashboard/run.mjs [rounds] [--hour]   (--hour: memory alone)
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import { build } from 'esbuild';
import { count, judged, median, percent, percentile } from '../lib/figures.mjs';
import { report } from '../lib/report.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SECONDS = 5;
const KEYS = 100;
const PATIENCE_MS = 30_000;
const NAMES = {
  bare: 'without a dashboard',
  thread: 'on a thread of its own, as cf-bus run has it',
  inline: 'in the thread of the bus, fed objects',
};
const KEPT = 0.9;
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
  if (!args.includes('--hour')) {
    await rates();
    await latencies();
  }
  await hour();
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
  const modes = Object.keys(NAMES);
  const found = Object.fromEntries(modes.map((mode) => [mode, []]));
  for (let round = 0; round < rounds; round++) {
    for (const mode of round % 2 === 0 ? modes : modes.toReversed()) {
      found[mode].push(await start(SECONDS, 0, mode, [160, 50]).figures);
    }
  }
  const walls = (mode) => found[mode].map(({ records, wallMs }) => records / (wallMs / 1_000));
  const cpus = (mode) => found[mode].map(({ records, threadMs }) => records / (threadMs / 1_000));
  // What else the machine does changes from round to round: shares are of the same round.
  const kept = (values, mode) => median(values(mode).map((value, round) => value / values('bare')[round]));
  report({
    title: 'Rate of a bus at full speed with its whole log (debug), the dashboard open at 160×50',
    columns: ['', 'records/s', 'kept', 'target', 'of its thread’s processor time', 'kept', 'other threads'],
    rows: modes.map((mode) => [
      NAMES[mode],
      count(median(walls(mode))),
      percent(kept(walls, mode)),
      mode === 'thread' ? judged(kept(walls, mode), KEPT, percent) : '',
      count(median(cpus(mode))),
      percent(kept(cpus, mode)),
      percent(median(found[mode].map(({ othersMs, wallMs }) => othersMs / wallMs))),
    ]),
    notes: [
      `Medians of ${rounds} rounds of ${SECONDS} s, side by side, each in a process and a pseudo-terminal of its own; “kept” is of the same round. The first figure is on the wall clock: where other programs leave the dashboard's thread no processor of its own, it takes the bus's. The other threads are that of the dashboard, V8's and libuv's, as a share of one processor.`,
    ],
  });
}

async function latencies() {
  const rows = [];
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
    const ms = (share) => `${percentile(times, share).toFixed(1)} ms`;
    const target = mode === 'thread' ? judged(percentile(times, 0.95), 50, (value) => `${value} ms`, false) : '';
    rows.push([`${size.join('×')}, ${NAMES[mode]}`, ms(0.5), ms(0.95), target, ms(1)]);
  }
  report({
    title: 'From a key to the frame that answers it, at 100,000 records/s with the log on',
    columns: ['', 'p50', 'p95', 'target', 'longest'],
    rows,
    notes: [`${KEYS} keys each, on the wall clock.`],
  });
}

/** As many records as in one hour at 1,000 a second, only faster. */
async function hour() {
  const { memory } = await start(180, 20_000, 'thread', [160, 50]).figures;
  report({
    title: 'Memory of the whole process, the dashboard open, at 20,000 records/s',
    columns: ['after', 'resident', 'heap of the bus’s thread'],
    rows: [0.25, 0.5, 0.75, 1].map((share) => {
      const { records, rssMb, heapMb } = memory[Math.ceil(share * memory.length) - 1];
      return [`${(records / 1e6).toFixed(1)} million records`, `${rssMb.toFixed(0)} MB`, `${heapMb.toFixed(0)} MB`];
    }),
    notes: ['3.6 million records are an hour at 1,000 a second; what is kept depends on how many came, not on when.'],
  });
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
