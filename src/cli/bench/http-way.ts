/** A request as an HTTP call on loopback, to a service in a process of its own; connections are kept alive. */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { CfBusError, describeError } from '../../kernel/index.js';
import { answer, QUESTION, type Way } from './way.js';

const HOST = '127.0.0.1';
const Listening = z.object({ port: z.number() });
const Asked = z.object({ query: z.string() });

/**
 * Starts the service and gives the way to it. The service ends when its standard input does, so it never outlives this
 * process.
 * @throws CfBusError `BENCH_FAILED`
 */
export async function httpWay(command: readonly string[]): Promise<Way> {
  // Not imported: the build leaves it out of the bundles, because a package asks for it at each start and never uses it.
  const { spawn } = process.getBuiltinModule('node:child_process');
  // A group of its own: Ctrl-C on the terminal is for this process, which ends the service itself.
  const child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    const give = (why: string) => reject(failed(`the HTTP service ${why}`));
    child.on('error', (error) => give(`does not start: ${error.message}`));
    child.on('close', (code) => give(`ended with ${code}`));
    child.stdout.setEncoding('utf8').once('data', (line: string) => resolve(Listening.parse(JSON.parse(line)).port));
  });
  const agent = new Agent({ keepAlive: true });
  return {
    name: 'http',
    title: 'HTTP call on loopback',
    ask: () => call(port, agent),
    tidy: () => {},
    close() {
      agent.destroy();
      child.stdin.end();
      return ended;
    },
  };
}

function call(port: number, agent: Agent): Promise<unknown> {
  const body = JSON.stringify(QUESTION);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(failed(`an HTTP call failed: ${describeError(error).message}`));
    const outgoing = request({ host: HOST, port, agent, method: 'POST', path: '/query', headers }, (response) => {
      readJson(response).then(resolve, fail);
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

/** The service: answers until standard input ends. */
export async function serveHttp(stdin: NodeJS.ReadableStream, tell: (line: string) => void): Promise<void> {
  const server = createServer((incoming, response) => {
    readJson(incoming).then(
      (question) => respond(response, 200, answer(Asked.parse(question))),
      (error) => respond(response, 400, { error: describeError(error).message }),
    );
  });
  // Connections rest while other ways are measured.
  server.keepAliveTimeout = 0;
  const closed = new Promise<void>((resolve, reject) => server.on('close', resolve).on('error', reject));
  server.listen(0, HOST, () => {
    const address = server.address();
    if (typeof address === 'object' && address !== null) tell(JSON.stringify({ port: address.port }));
  });
  stdin.on('end', () => {
    server.close();
    server.closeAllConnections();
  });
  stdin.resume();
  await closed;
}

function respond(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function readJson(message: IncomingMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let text = '';
    message.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    message.on('error', reject);
    message.on('end', () => {
      try {
        resolve(JSON.parse(text));
      } catch (error) {
        reject(error);
      }
    });
  });
}

function failed(message: string): CfBusError {
  return new CfBusError('BENCH_FAILED', message, { exitCode: 3 });
}
