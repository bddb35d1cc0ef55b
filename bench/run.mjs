/**
 * `npm run bench [-- NAME…] [--no-write]`: runs the benchmarks (every folder here with a run.mjs), each in a process of
 * its own, one after the other, and puts what they print into RESULTS.md; what was not run keeps its older results.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, watchNoise } from './lib/machine.mjs';
import { parseTable, report } from './lib/report.mjs';
import { parseResults, section, writeResults } from './lib/results.mjs';

const here = new URL('.', import.meta.url);
const resultsFile = new URL('RESULTS.md', here);
const { positionals, values } = parseArgs({
  allowPositionals: true,
  allowNegative: true,
  options: { write: { type: 'boolean', default: true } },
});
const all = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/run.mjs`, here)))
  .map(({ name }) => name)
  .sort();
const unknown = positionals.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`no benchmark "${unknown}"; there are: ${all.join(', ')}`);
  process.exit(2);
}
if (!existsSync(new URL('../dist/index.js', here))) {
  console.error('dist/ is what is measured, and is not there: npm run build');
  process.exit(2);
}

// Certificates add 40 to 55 ms to each start of Node.js.
const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env;
const env = { ...inherited, CF_BUS_BENCH: 'lines' };

/** Runs one benchmark, shows what it prints, and gives that: tables, and lines of any other text. */
async function run(name) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`${name}/run.mjs`, here))], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const printed = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const table = parseTable(line);
    printed.push(table ?? line);
    if (table === undefined) console.log(line);
    else report(table);
  }
  return { printed, code: await ended };
}

const sections = existsSync(resultsFile) ? parseResults(readFileSync(resultsFile, 'utf8')) : new Map();
for (const name of positionals.length > 0 ? positionals : all) {
  console.log(`\n# ${name}`);
  const noise = watchNoise();
  const { printed, code } = await run(name);
  if (code === 0) {
    const when = new Date().toISOString().slice(0, 10);
    const circumstances = `${when}, Node.js ${process.version}, ${describeMachine()}; ${noise()}.`;
    console.log(`\n${circumstances}`);
    sections.set(name, section(circumstances, printed));
  } else {
    console.error(`${name} ended with ${code}`);
    process.exitCode = 1;
  }
  // After each, so that an interrupted run keeps what it has.
  if (values.write) writeFileSync(resultsFile, writeResults(sections));
}
