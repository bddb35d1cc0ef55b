/** A process that serves a session until it is killed, or says why it could not. */
import { realpathSync } from 'node:fs';
import { isCfBusError, newSessionId } from '../../../src/kernel/index.js';
import { serveSession } from '../../../src/session/index.js';
import { MemoryHost } from './memory-host.js';

const [root = '', name = 'child'] = process.argv.slice(2);
const environment = {
  env: { XDG_RUNTIME_DIR: `${root}/run` },
  home: undefined,
  temporary: `${root}/tmp`,
  cwd: realpathSync(`${root}/work`),
  uid: process.getuid?.() ?? 0,
};
try {
  const { description } = await serveSession(new MemoryHost({ session: newSessionId() }), {
    name: { exact: name },
    environment,
  });
  process.stdout.write(`${JSON.stringify(description)}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ refused: isCfBusError(error) ? error.message : String(error) })}\n`);
}
