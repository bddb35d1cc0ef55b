/** Makes a program of one of the TypeScript files here. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// A part that calls this has been bundled itself, and lies in the project's node_modules.
const [root = ''] = fileURLToPath(import.meta.url).split(/[\\/](?:node_modules|test)[\\/](?:\.cache|torture)[\\/]/);
const here = join(root, 'test/torture/');
// In the project, so that its packages are found.
const out = join(root, 'node_modules/.cache/cf-bus-torture/');

/**
 * Bundles a file of this folder with what it imports from the project; packages stay outside.
 * @param {string} file Path below this folder: `main.ts`.
 * @returns {Promise<string>} The path of the program.
 */
export async function bundle(file) {
  const outfile = `${out}${file.replace(/\.ts$/, '.mjs')}`;
  await build({
    entryPoints: [here + file],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
    // Sources say where they lie; the bundle lies elsewhere.
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outfile;
}
