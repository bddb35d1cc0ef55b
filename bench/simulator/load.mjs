/** Bundles the sources as they are, and gives what the benches need of them. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');
/** Beside the sources, so that the bundle finds the project's packages. */
const folder = join(root, 'node_modules', '.cache', 'cf-bus-bench');

export async function load() {
  const bundle = join(folder, 'simulator.mjs');
  mkdirSync(folder, { recursive: true });
  const rooms = ['simulator', 'scenario', 'record'];
  await build({
    stdin: { contents: rooms.map((room) => `export * from './src/${room}/index.ts';`).join('\n'), resolveDir: root },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile: bundle,
    logLevel: 'error',
  });
  return import(pathToFileURL(bundle).href);
}

const ARRIVALS_PER_SECOND = 100;
const QUEUES = 5;

/** The chain, long enough for about so many deliveries. */
export function chain({ parseScenario }, deliveries) {
  const file = join(import.meta.dirname, 'chain.yaml');
  const scenario = parseScenario(readFileSync(file, 'utf8'), file);
  const duration = (deliveries / QUEUES / ARRIVALS_PER_SECOND) * 1000;
  return { ...scenario, phases: scenario.phases.map((phase) => ({ ...phase, duration })) };
}
