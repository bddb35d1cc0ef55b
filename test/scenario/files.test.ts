import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CfBusError } from '../../src/kernel/index.js';
import { loadScenarioFile } from '../../src/scenario/index.js';
import { withRoot } from './helpers.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cf-bus-scenario-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function errorOf(path: string): CfBusError {
  try {
    loadScenarioFile(path);
  } catch (error) {
    if (error instanceof CfBusError) return error;
    throw error;
  }
  throw new Error('the scenario loaded');
}

test('a file is loaded, and its name is in the scenario', () => {
  const path = file('web shop.yaml', withRoot());
  expect(loadScenarioFile(path)).toMatchObject({ file: path, name: 'web shop' });
});

test('a link to a file is followed', () => {
  const path = file('real.yaml', withRoot());
  symlinkSync(path, join(folder, 'link.yaml'));
  expect(loadScenarioFile(join(folder, 'link.yaml')).name).toBe('link');
});

test('a missing file is named, with the nearest one that is there', () => {
  file('index-pipeline.yaml', withRoot());
  const wrong = errorOf(join(folder, 'index-pipline.yaml'));
  expect(wrong.code).toBe('FILE_UNREADABLE');
  expect(wrong.message).toBe(`${join(folder, 'index-pipline.yaml')}: there is no such file`);
  expect(wrong.hint).toBe(`did you mean ${join(folder, 'index-pipeline.yaml')}?`);
  expect(errorOf(join(folder, 'index-pipeline')).hint).toBe(`did you mean ${join(folder, 'index-pipeline.yaml')}?`);
  expect(errorOf(join(folder, 'no', 'such.yaml')).hint).toBeUndefined();
});

test('a folder, a named pipe, a device, a socket and a link in a circle are refused without waiting', async () => {
  mkdirSync(join(folder, 'dir.yaml'));
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
  symlinkSync('circle.yaml', join(folder, 'circle.yaml'));
  const server = createServer().listen(join(folder, 'socket.yaml'));
  await new Promise((resolve) => server.once('listening', resolve));
  const messages = ['dir', 'pipe', 'circle', 'socket'].map((name) => {
    const error = errorOf(join(folder, `${name}.yaml`));
    expect(error.code).toBe('FILE_UNREADABLE');
    return error.message.slice(folder.length + 1);
  });
  server.close();
  expect(messages).toEqual([
    'dir.yaml: a folder, not a scenario file',
    'pipe.yaml: a named pipe, not a scenario file',
    'circle.yaml: the link leads in a circle',
    'socket.yaml: a socket, not a scenario file',
  ]);
  expect(errorOf('/dev/zero').message).toBe('/dev/zero: a device, not a scenario file');
});

test('a path through a file is no such file', () => {
  expect(errorOf(join(file('a.yaml', withRoot()), 'b.yaml')).message).toContain('part of the path is no folder');
});

test('an empty file points to cf-bus init', () => {
  const error = errorOf(file('empty.yaml', ''));
  expect(error.message).toContain('empty.yaml: the file is empty');
  expect(error.hint).toContain('cf-bus init');
});

test('a file over 1 MiB is refused, and one of a gigabyte is not read whole', () => {
  const path = file('big.yaml', `${withRoot()}#`);
  execFileSync('truncate', ['-s', '1G', path]);
  expect(errorOf(path).message).toContain('big.yaml: the file is larger than 1 MiB');
});

test('UTF-16 is refused by name, marked or not', () => {
  const wide = Buffer.from(`\ufeff${withRoot()}`, 'utf16le');
  for (const bytes of [wide, wide.subarray(2), Buffer.from(wide).swap16()]) {
    expect(errorOf(file('wide.yaml', bytes)).message).toContain('the file is UTF-16; save it as UTF-8');
  }
});

test('what is not UTF-8 is refused with its place', () => {
  const path = file('latin.yaml', Buffer.from(`${withRoot()}name: café\n`, 'latin1'));
  expect(errorOf(path).message).toBe(`${path}:3:10: the file is not UTF-8 from here on`);
});

test('a byte order mark of UTF-8 is fine', () => {
  expect(loadScenarioFile(file('mark.yaml', `\ufeff${withRoot()}`)).version).toBe(1);
});

test('control characters in a file name do not reach the terminal', () => {
  expect(errorOf(join(folder, 'x\u001b[31m.yaml')).message).not.toContain('\u001b');
});
