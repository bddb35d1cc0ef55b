/** The command line's first lines. `--version` is answered here, before anything else is loaded. */
import { describeError, safe, VERSION } from '../kernel/index.js';
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
  import('./program.js').then(({ runCommandLine }) => runCommandLine(args)).catch(cannotRun);
}

/** Where the program itself could not be read, nobody else is there to say so. */
function cannotRun(error: unknown): void {
  if (process.env.CF_BUS_DEBUG === '1') throw error;
  const { message } = describeError(error);
  openStdio(2, () => {}).write(`cf-bus: cannot run: ${safe(message.split('\n', 1)[0] ?? '')}\n`);
  process.exitCode = 3;
}
