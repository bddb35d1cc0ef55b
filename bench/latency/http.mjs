/** A call to a server in a process of its own, which tells when its handler started. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';

/** Milliseconds of the monotonic clock that all processes of the machine share. */
const now = () => Number(process.hrtime.bigint()) / 1e6;

export async function prepareHttp(onStart) {
  const server = fork(fileURLToPath(new URL('http-server.mjs', import.meta.url)), { execArgv: [] });
  const [{ port }] = await once(server, 'message');
  const agent = new Agent({ keepAlive: true });
  const pending = new Set();

  function call(due) {
    const wait = performance.now() - due;
    const sent = now();
    const body = JSON.stringify({ repo_path: '/srv/web', files_indexed: 150, chunks_created: 1200 });
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const answered = new Promise((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port, agent, method: 'POST', path: '/index', headers },
        async (response) => {
          let text = '';
          for await (const chunk of response) text += chunk;
          const { handled } = JSON.parse(text);
          onStart(sent, sent - wait, handled);
          resolve();
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    pending.add(answered);
    answered.finally(() => pending.delete(answered));
    return answered;
  }
  return { call, settle: () => Promise.all(pending) };
}
