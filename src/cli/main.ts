/** The command line's first lines. `--version` is answered here, before anything else is loaded. */
import { VERSION } from '../kernel/index.js';
import { openStdio } from './stdio.js';

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  const stdout = openStdio(1, (error: NodeJS.ErrnoException) => {
    process.exitCode = error.code === 'EPIPE' ? 0 : 3;
  });
  stdout.write(`${VERSION}\n`);
} else {
  void import('./program.js').then(({ runCommandLine }) => runCommandLine(args));
}
