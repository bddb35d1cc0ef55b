/**
 * `npm run bench [-- NAME…]`: runs the benchmarks, each in a process of its own, one after the other.
 * Every folder here with a run.mjs is one. NODE_EXTRA_CA_CERTS is taken out: it adds 40 to 55 ms to each start of Node.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = new URL('.', import.meta.url);
const all = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/run.mjs`, here)))
  .map(({ name }) => name)
  .sort();
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !all.includes(name));
if (unknown !== undefined) {
  console.error(`no benchmark "${unknown}"; there are: ${all.join(', ')}`);
  process.exit(2);
}

const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
for (const name of asked.length > 0 ? asked : all) {
  console.log(`\n# ${name}`);
  const script = fileURLToPath(new URL(`${name}/run.mjs`, here));
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit', env });
  if (status !== 0) process.exitCode = 1;
}
