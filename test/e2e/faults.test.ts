import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { BIN, type CliResult, cfBus, cleanEnv, startCfBus, tempDir } from '../support/cli.js';
import { bundle } from '../torture/bundle.mjs';

const run = promisify(execFile);
let injector = '';

beforeAll(async () => {
  injector = pathToFileURL(await bundle('parts/faults/inject.ts')).href;
});

/** Runs `cf-bus` while the system fails the first call that `wish` is about, e.g. `file error readdirSync`. */
function whileFailing(wish: string, args: readonly string[], cwd: string): Promise<CliResult> {
  return cfBus(args, { cwd, env: { CF_BUS_FAULT: wish, NODE_OPTIONS: `--import=${injector}` } });
}

const SCENARIO = `version: 1
name: Small
seed: 1
services: { a: { handlers: { take: { subscribe: job.asked, delay: 1ms } } } }
requests: [{ name: job, trace_id: job-1, flow: [{ publish: { type: job.asked } }, { think: 5ms }, { publish: { type: job.asked } }] }]
expect: [{ event: job.asked, count: 2 }]
`;

/** A folder with a scenario in it. */
function place(scenario = SCENARIO): string {
  const folder = tempDir();
  writeFileSync(join(folder, 'small.yaml'), scenario);
  return folder;
}

describe('a program that cannot be read from the disk', () => {
  it.each(['main.js', 'program.js'])('says so in one line and ends with 3 (%s)', async (file) => {
    const { stderr, code } = await whileFailing(
      `file error readFileSync ${join(BIN, '../../dist/cli', file)}`,
      ['types'],
      place(),
    );
    expect(stderr).toMatch(/^cf-bus: cannot run: EMFILE: too many open files, readFile '.*'\n$/);
    expect(code).toBe(3);
  });

  it('runs where the system does not tell what its cached code would belong to', async () => {
    const { stdout, code } = await whileFailing(
      `file error statSync ${join(BIN, '../../dist/cli/program.js')}`,
      ['types'],
      place(),
    );
    expect(stdout).toContain('index.updated');
    expect(code).toBe(0);
  });
});

describe('sessions that cannot be looked for', () => {
  const session = async () => {
    const folder = place();
    const running = startCfBus(['run', 'small.yaml', '--no-ui', '--stay', '--session', 'here'], { cwd: folder });
    await running.waitFor(/stays up/, 'stderr');
    return folder;
  };

  it.each([
    ['their folder', 'readdirSync', /cannot look for sessions: EMFILE: too many open files/],
    ['a description', 'here.json', /cannot read a session: EIO/],
  ])('are not taken for none, so that publish goes nowhere else (%s)', async (_, what, problem) => {
    const folder = await session();
    const { stderr, stdout, code } = await whileFailing(`file error ${what}`, ['publish', 'job.asked'], folder);
    expect(stderr).toMatch(problem);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(readFileSync(join(folder, 'logs/cf-bus.log'), 'utf8').match(/"event":"session_started"/g)).toHaveLength(1);
  });

  it('stay where they are when the system does not tell whether their socket is there', async () => {
    const folder = await session();
    const failed = await whileFailing('file error .sock', ['sessions'], folder);
    expect(failed.code).toBe(2);
    expect((await cfBus(['sessions'], { cwd: folder })).stdout).toContain('here');
  });
});

describe('what cannot be read', () => {
  it('is not left out of a trace without a word: parts of a rotated log that cannot be listed', async () => {
    const folder = place();
    await cfBus(['run', 'small.yaml', '--virtual', '--log', 'x.log'], { cwd: folder });
    const { stdout, stderr, code } = await whileFailing(
      'file error readdirSync',
      ['trace', 'job-1', '--log', 'x.log'],
      folder,
    );
    expect({ stdout, stderr, code }).toEqual({ stdout: '', stderr: 'cf-bus: cannot read .: EMFILE\n', code: 2 });
  });

  it('is named by tail, whose reads know only a descriptor', async () => {
    const folder = place();
    await cfBus(['run', 'small.yaml', '--virtual', '--log', 'x.log'], { cwd: folder });
    for (const call of ['handle.stat', 'handle.read']) {
      const { stderr, code } = await whileFailing(
        `file error ${call}`,
        ['tail', '--no-follow', '--log', 'x.log'],
        folder,
      );
      expect(stderr).toMatch(/^cf-bus: cannot read .*\/x\.log: EIO: i\/o error, \w+\n$/);
      expect(code).toBe(2);
    }
  });
});

describe('a log that cannot be written for a moment', () => {
  it.each([
    ['run --virtual', ['run', 'small.yaml', '--virtual', '--log', 'x.log'], 0],
    ['publish without a session', ['publish', 'job.asked', '--scenario', 'small.yaml', '--log', 'x.log'], 2],
  ])('is told of in our words: %s', async (_, args, exitCode) => {
    const folder = place();
    const { stderr, code } = await whileFailing(`file error writeSync ${join(folder, 'x.log')}`, args, folder);
    expect(stderr).toMatch(/cf-bus: cannot write the log .*x\.log: the disk is full \(ENOSPC\)\n {2}free some space/);
    expect(stderr).not.toContain('Warning');
    expect(code).toBe(exitCode);
  });
});

describe('a verdict', () => {
  it('is given where the log of the run that failed cannot be kept', async () => {
    const folder = place(SCENARIO.replace('count: 2', 'count: 3'));
    writeFileSync(join(folder, 'logs'), 'a file, not a folder');
    const { stdout, stderr, code } = await cfBus(['check', 'small.yaml'], { cwd: folder });
    expect(stdout).toContain('job.asked was published 2 times, expected 3');
    expect(stderr).toContain('cf-bus: no log of the run that failed: ');
    expect(code).toBe(1);
  });

  it('does not change where notices cannot be written', async () => {
    const folder = place();
    const shell = '"$0" "$1" run small.yaml --virtual --log off 2> /dev/full';
    const { stdout } = await run('sh', ['-c', shell, process.execPath, BIN], { cwd: folder, env: cleanEnv(folder) });
    expect(stdout).toContain('2 events, 2 deliveries, no errors');
    expect(existsSync(join(folder, 'logs'))).toBe(false);
  });
});
