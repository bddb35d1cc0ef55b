/** The command line's first lines. `--version` is answered here, before anything else is loaded. */
import { VERSION } from '../kernel/index.js';

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exitCode = error.code === 'EPIPE' ? 0 : 3;
  });
  process.stdout.write(`${VERSION}\n`);
} else {
  void import('./program.js').then(({ runCommandLine }) => runCommandLine(args));
}
