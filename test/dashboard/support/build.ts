/** The driver, built the way the product is: one ES module, React for production, no devtools. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const banner =
  "process.env.NODE_ENV='production';import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

/** Builds `entry` (below test/dashboard or bench/dashboard) and gives the file and a way to remove it. */
export async function buildDriver(
  entry = 'test/dashboard/support/driver.ts',
): Promise<{ readonly file: string; readonly remove: () => void }> {
  // Below the project: what stays outside the bundle must be found from there.
  const folder = mkdtempSync(join(root, 'node_modules', '.cf-bus-dashboard-'));
  const file = join(folder, 'driver.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: banner },
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
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
