/** Sessions in processes of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { atEnd, type Place } from './place.js';

const ENTRY = fileURLToPath(new URL('./child-main.ts', import.meta.url));

/** Bundles the child's program into the place; returns its path. */
export async function buildChild(place: Place): Promise<string> {
  const outfile = path.join(place.root, 'child.mjs');
  await build({ entryPoints: [ENTRY], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  return outfile;
}

export interface Child {
  readonly process: ChildProcess;
  /** The first line it printed: its description, or why it was refused. */
  readonly said: Record<string, unknown>;
  kill(): Promise<void>;
}

export async function startChild(program: string, place: Place, name: string): Promise<Child> {
  const child = spawn(process.execPath, [program, place.root, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  atEnd(kill);
  for await (const line of createInterface({ input: child.stdout }))
    return { process: child, said: JSON.parse(line), kill };
  throw new Error('the child said nothing');
}
