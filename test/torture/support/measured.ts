/** Runs a program to its end, and tells what it printed and what it used. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** More output than this is a flood: the program is killed. */
const MAX_OUTPUT_BYTES = 64 << 20;

export interface MeasuredOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Written to standard input, which is empty without it. */
  readonly stdin?: Uint8Array | string;
  /** Milliseconds until it is killed. */
  readonly limit: number;
}

export interface Measured {
  readonly stdout: string;
  readonly stderr: string;
  /** `null` after a signal. */
  readonly code: number | null;
  readonly signal: string | null;
  /** What we killed it for. */
  readonly killed: 'it did not end' | 'it printed without end' | undefined;
  readonly wallMs: number;
  /** Processor time and most memory ever resident, as the system counts them; 0 where it was killed. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** @param root The project's folder. @param file The program. */
export function runMeasured(
  root: string,
  file: string,
  args: readonly string[],
  { cwd, env, stdin, limit }: MeasuredOptions,
): Promise<Measured> {
  const started = performance.now();
  const probe = join(root, 'test/torture/support/measure.cjs');
  const child = spawn(process.execPath, ['--require', probe, file, ...args], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  let killed: Measured['killed'];
  const kill = (why: Measured['killed']) => {
    killed ??= why;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => kill('it did not end'), limit);
  let bytes = 0;
  const collect = (stream: (typeof child.stdio)[number]): Buffer[] => {
    const chunks: Buffer[] = [];
    if (stream === null || stream === undefined || !('read' in stream)) return chunks;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT_BYTES) kill('it printed without end');
      else chunks.push(chunk);
    });
    return chunks;
  };
  const [stdout, stderr, usage] = [collect(child.stdout), collect(child.stderr), collect(child.stdio[3])];
  // The program may end before it has read what is sent to it.
  child.stdin?.on('error', () => {});
  child.stdin?.end(stdin);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8');
      const used: unknown = usage.length === 0 ? {} : JSON.parse(text(usage));
      resolve({
        stdout: text(stdout),
        stderr: text(stderr),
        code,
        signal,
        killed,
        wallMs: performance.now() - started,
        cpuMs: figure(used, 'cpuMs'),
        rssBytes: figure(used, 'rssBytes'),
      });
    });
  });
}

function figure(value: unknown, key: string): number {
  const found = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof found === 'number' ? found : 0;
}
