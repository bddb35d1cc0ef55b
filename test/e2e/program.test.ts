import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/kernel/index.js';
import { BIN, cfBus, cleanEnv, ROOT, startCfBus, tempDir } from '../support/cli.js';

const COMMANDS = [
  'run',
  'publish',
  'trace',
  'stats',
  'check',
  'capture',
  'stop',
  'sessions',
  'init',
  'schema',
  'completion',
  'types',
];

describe('help and version', () => {
  it('prints the version, alone and after a command', async () => {
    for (const args of [['--version'], ['-V'], ['types', '--version']]) {
      expect(await cfBus(args)).toMatchObject({ stdout: `${VERSION}\n`, stderr: '', code: 0 });
    }
  });

  it('lists every command when called without one', async () => {
    const { stdout, code } = await cfBus([]);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  });

  it.each(COMMANDS)('shows examples in the help of %s, on standard output', async (command) => {
    const { stdout, stderr, code } = await cfBus([command, '--help']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toMatch(new RegExp(`Examples:\n  .*cf-bus ${command}`));
  });
});

describe('wrong usage', () => {
  it.each([
    [['tpyes'], "cf-bus: unknown command 'tpyes' (did you mean types?)\n"],
    [['zzz'], "cf-bus: unknown command 'zzz'\n  cf-bus --help lists the commands\n"],
    [['help', 'tpyes'], "cf-bus: unknown command 'tpyes' (did you mean types?)\n"],
    [['check'], "cf-bus: missing required argument 'scenario'\n  cf-bus check --help shows how, with examples\n"],
    [['stop', '--zzz'], "cf-bus: unknown option '--zzz'\n  cf-bus stop --help shows how, with examples\n"],
    [['run', 'helo'], 'cf-bus: there is no file helo, and no shipped scenario of that name\n  did you mean hello?\n'],
    [
      ['run', 'zzz'],
      'cf-bus: there is no file zzz, and no shipped scenario of that name\n  cf-bus run lists the shipped ones\n',
    ],
    [
      ['trace', 'req-1'],
      'cf-bus: no session was started in this directory, and there is no log logs/cf-bus.log\n  start one: cf-bus run SCENARIO, or name a log: --log FILE\n',
    ],
    [['types', '--jsn'], "cf-bus: unknown option '--jsn' (did you mean --json?)\n"],
    [
      ['types', '--color', 'blue'],
      "cf-bus: option '--color <when>' argument 'blue' is invalid. Allowed choices are auto, always, never.\n",
    ],
  ])('answers %j with what is wrong, perhaps what to do, and exit code 2', async (args, message) => {
    expect(await cfBus(args, { cwd: tempDir() })).toMatchObject({ stdout: '', stderr: message, code: 2 });
  });

  it('shows control characters of an argument instead of sending them to the terminal', async () => {
    const { stderr } = await cfBus(['\u001b[31mred']);
    expect(stderr).toContain('^[[31mred');
    expect(stderr).not.toContain('\u001b');
  });
});

describe('colour', () => {
  const isColored = async (args: readonly string[], env: Record<string, string> = {}) =>
    (await cfBus(['types', ...args], { env })).stdout.includes('\u001b[');

  it('is off in a pipe, and on where it is asked for', async () => {
    expect(await isColored([])).toBe(false);
    expect(await isColored(['--color', 'always'])).toBe(true);
    expect(await isColored(['--color=always'])).toBe(true);
    expect(await isColored([], { FORCE_COLOR: '1' })).toBe(true);
  });

  it('is decided by --color before FORCE_COLOR and NO_COLOR', async () => {
    expect(await isColored(['--color', 'never'], { FORCE_COLOR: '1' })).toBe(false);
    expect(await isColored(['--color', 'always'], { NO_COLOR: '1' })).toBe(true);
    expect(await isColored([], { FORCE_COLOR: '0' })).toBe(false);
  });
});

describe('output that nobody takes', () => {
  it('ends quietly when the reader goes away', async () => {
    const running = startCfBus(['types']);
    running.closeOutput();
    expect(await running.result).toMatchObject({ stderr: '', code: 0 });
  });

  it.each([
    ['trace', ['trace', 'a', '-o', '/dev/full'], '/dev/full: no space left on the device'],
    ['check', ['check', 'hello', '--duration', '1s', '--junit', '/dev/full'], 'report /dev/full cannot be written'],
  ])('names the file that %s cannot write', async (_command, args, said) => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'a.log'), '{"time":"2026-11-23T10:00:00Z","trace_id":"a","msg":"hello"}\n');
    const { stderr, code } = await cfBus(args, { cwd, env: { CF_BUS_LOG: 'a.log' } });
    expect(stderr).toContain(said);
    expect(code).toBe(2);
  });

  it('says so when the disk behind standard output is full', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [BIN, 'types'], {
      stdio: ['ignore', full, 'pipe'],
      env: cleanEnv(tempDir()),
    });
    let stderr = '';
    child.stderr?.on('data', (data) => {
      stderr += data;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, stderr }).toEqual({ code: 3, stderr: 'cf-bus: standard output: no space left on the device\n' });
  });
});

describe('the launcher', () => {
  const run = promisify(execFile);

  it('refuses an old Node.js in one line', async () => {
    const script = `Object.defineProperty(process, 'versions', { value: { node: '18.20.0' } }); require(${JSON.stringify(BIN)})`;
    await expect(run(process.execPath, ['-e', script])).rejects.toMatchObject({
      code: 2,
      stderr: 'cf-bus: needs Node.js 20.19 or newer, and this is 18.20.0\n',
    });
  });

  it('says how to build when there is no dist', async () => {
    const folder = tempDir();
    cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
    await expect(run(process.execPath, [join(folder, 'bin/cf-bus.js')])).rejects.toMatchObject({
      code: 2,
      stderr: 'cf-bus: is not built yet\n  run: npm run build\n',
    });
  });

  it('works through a symbolic link, as npm installs it', async () => {
    const folder = tempDir();
    mkdirSync(join(folder, 'bin'));
    symlinkSync(BIN, join(folder, 'bin/cf-bus'));
    const { stdout } = await run(join(folder, 'bin/cf-bus'), ['--version']);
    expect(stdout).toBe(`${VERSION}\n`);
  });
});
