/**
 * What the dashboard costs, on a bus that writes its whole log, in a pseudo-terminal:
 *   the rate of the bus at full speed, with the dashboard open and without, side by side;
 *   the time from a key to the frame that answers it, at 100,000 records a second.
 * Usage: node bench/dashboard/run.mjs [rounds] [--hour]   (--hour: memory over one hour at 1,000 records a second)
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SECONDS = 5;
const KEYS = 100;
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

async function bundle() {
  const place = mkdtempSync(join(root, 'node_modules', '.cf-bus-bench-'));
  const outfile = join(place, 'load.mjs');
  const banner =
    "process.env.NODE_ENV='production';import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";
  await build({
    absWorkingDir: root,
    entryPoints: ['bench/dashboard/load.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: banner },
    external: ['pino'],
    logLevel: 'error',
    plugins: [
      {
        name: 'no-devtools',
        setup(setup) {
          setup.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'stub' }));
          setup.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'export default {};' }));
        },
      },
    ],
  });
  return { folder: place, file: outfile };
}

/** Runs the load in a terminal; `onData` sees what it writes. */
function start(seconds, rate, mode, [columns, rows]) {
  const out = join(folder, `${mode}-${Math.random()}.json`);
  const { CI, NODE_EXTRA_CA_CERTS, ...env } = process.env;
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
  console.log(`rate of the bus at full speed, 160×50, ${rounds} rounds of ${SECONDS} s, Node ${process.version}`);
  const found = { bare: [], dash: [] };
  for (let round = 0; round < rounds; round++) {
    for (const mode of round % 2 === 0 ? ['bare', 'dash'] : ['dash', 'bare']) {
      found[mode].push(await start(SECONDS, 0, mode, [160, 50]).figures);
    }
  }
  const wall = (mode) => median(found[mode].map(({ records, wallMs }) => records / (wallMs / 1_000)));
  const cpu = (mode) => median(found[mode].map(({ records, cpuMs }) => records / (cpuMs / 1_000)));
  for (const [mode, name] of [
    ['bare', 'without a dashboard'],
    ['dash', 'with the dashboard '],
  ]) {
    console.log(`  ${name}  ${k(wall(mode))} records/s   ${k(cpu(mode))} a second of processor time`);
  }
  console.log(
    `  the bus keeps ${percent(wall('dash') / wall('bare'))} of its rate, ${percent(cpu('dash') / cpu('bare'))} of its rate by processor time`,
  );
}

async function latencies() {
  console.log(`from a key to its frame, ${KEYS} keys, at 100,000 records/s with the log on`);
  for (const size of SIZES) {
    const { pty, figures } = start(1_000, 100_000, 'dash', size);
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
      `  ${size.join('×').padEnd(7)}  p50 ${at(0.5)} ms   p95 ${at(0.95)} ms   longest ${times.at(-1).toFixed(1)} ms`,
    );
  }
}

async function hour() {
  const { figures } = start(3_600, 1_000, 'dash', [160, 50]);
  const { records, rssMb } = await figures;
  console.log(`one hour at 1,000 records/s: ${records} records, ${rssMb.toFixed(0)} MB at its end`);
}

function see(pty, pattern) {
  return new Promise((resolve) => {
    let text = '';
    const listener = pty.onData((data) => {
      text = (text + data).slice(-100_000);
      if (!pattern.test(text)) return;
      listener.dispose();
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
