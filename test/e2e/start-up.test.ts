import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { BIN, cleanEnv, startCfBus, tempDir } from '../support/cli.js';

const run = promisify(execFile);

const SCENARIO = `version: 1
name: start
services: { metrics: { handlers: { track: { subscribe: index.completed } } } }
requests: [{ name: one, trace_id: req-12345, flow: [{ publish: { type: index.completed } }] }]
expect: [{ event: index.completed, count: 1 }]
`;

const NEVER = ['child_process', 'crypto', 'fs/promises', 'http', 'perf_hooks', 'tty', 'worker_threads', 'zlib'];

/** Node's own modules that \`cf-bus\` with these arguments loads and an empty program does not. */
async function modulesOf(cwd: string, args: readonly string[]): Promise<readonly string[]> {
  const seen = join(cwd, 'modules.json');
  const probe = join(cwd, 'probe.cjs');
  const empty = join(cwd, 'empty.cjs');
  const list = 'JSON.stringify(process.moduleLoadList)';
  writeFileSync(probe, `process.on("exit", () => require("fs").writeFileSync(${JSON.stringify(seen)}, ${list}));`);
  writeFileSync(empty, '');
  const loadedBy = async (program: string, given: readonly string[]): Promise<readonly string[]> => {
    await run(process.execPath, ['--require', probe, program, ...given], { cwd, env: cleanEnv(cwd) });
    return JSON.parse(readFileSync(seen, 'utf8'));
  };
  const always = new Set(await loadedBy(empty, []));
  return (await loadedBy(BIN, args))
    .filter((name) => !always.has(name))
    .map((name) => name.replace('NativeModule ', ''));
}

function world(): string {
  const cwd = tempDir();
  writeFileSync(join(cwd, 'start.yaml'), SCENARIO);
  return cwd;
}

describe('to start faster, no module is loaded that is not needed', () => {
  it.each([
    ['the version', ['--version']],
    ['the help', ['--help']],
    ['a list of event types', ['types']],
  ])('for %s', async (_what, args) => {
    const modules = await modulesOf(tempDir(), args);
    for (const name of [...NEVER, 'net', 'stream']) expect(modules).not.toContain(name);
  });

  it('for a trace', async () => {
    const cwd = world();
    await run(process.execPath, [BIN, 'run', 'start.yaml', '--virtual', '--log', 'x.log'], { cwd, env: cleanEnv(cwd) });
    const modules = await modulesOf(cwd, ['trace', 'req-12345', 'x.log']);
    for (const name of [...NEVER, 'net', 'stream']) expect(modules).not.toContain(name);
  });

  it('for a check', async () => {
    const modules = await modulesOf(world(), ['check', 'start.yaml']);
    for (const name of [...NEVER, 'net', 'stream']) expect(modules).not.toContain(name);
  });

  it('for a publish to a session, but what a socket needs', async () => {
    const cwd = world();
    const session = startCfBus(['run', 'start.yaml', '--no-ui', '--stay'], { cwd });
    await session.waitFor(/req-12345/);
    const modules = await modulesOf(cwd, ['publish', 'index.completed']);
    expect(modules).toContain('net');
    for (const name of NEVER) expect(modules).not.toContain(name);
    session.kill('SIGTERM');
    await session.result;
  });
});
