/** The driver, built the way the product is: one ES module, React for production, no devtools. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const banner =
  "process.env.NODE_ENV='production';import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);";

const DOOR = 'src/dashboard/index.ts';

const noDevtools: Plugin = {
  name: 'no-devtools',
  setup(setup) {
    setup.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'stub' }));
    setup.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'export default {};' }));
  },
};

/** The dashboard is a file of its own: its thread loads that file again. */
const besideDashboard: Plugin = {
  name: 'beside-dashboard',
  setup(setup) {
    setup.onResolve({ filter: /dashboard\/index\.js$/ }, () => ({ path: './dashboard.mjs', external: true }));
  },
};

/** Builds the driver and the dashboard beside it, and gives the driver's file and a way to remove both. */
export async function buildDriver(
  entry = 'test/dashboard/support/driver.ts',
): Promise<{ readonly file: string; readonly remove: () => void }> {
  // Below the project: what stays outside the bundle must be found from there.
  const folder = mkdtempSync(join(root, 'node_modules', '.cf-bus-dashboard-'));
  const file = join(folder, 'driver.mjs');
  const common = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: banner },
    logLevel: 'error',
  } as const;
  await Promise.all([
    build({ ...common, entryPoints: [DOOR], outfile: join(folder, 'dashboard.mjs'), plugins: [noDevtools] }),
    build({ ...common, entryPoints: [entry], outfile: file, plugins: [besideDashboard] }),
  ]);
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
