/** The command line's first lines. `--version` is answered here, before anything else is loaded. */
import { VERSION } from '../kernel/index.js';
import { BundleLoader } from './bundle-cache.js';
import { openStdio } from './stdio.js';

/** Built, the `import()` below is a call of this one (see build.mjs), and all bundles are loaded by its loader. */
export function requireBundle(file: string): object {
  const importModule = (url: string) => import(url);
  const loader = new BundleLoader({ env: process.env, uid: process.getuid?.(), importModule });
  // A run that failed has not called what the next one will need.
  process.once('exit', (code) => code === 0 && loader.save());
  return loader.require(file);
}

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  const stdout = openStdio(1, (error: NodeJS.ErrnoException) => {
    process.exitCode = error.code === 'EPIPE' ? 0 : 3;
  });
  stdout.write(`${VERSION}\n`);
} else {
  void import('./program.js').then(({ runCommandLine }) => runCommandLine(args));
}
