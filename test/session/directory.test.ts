import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSessionDirectory, sessionDirectories } from '../../src/session/directory.js';
import { connect, listSessions } from '../../src/session/index.js';
import { makePlace, start } from './support/place.js';

const mode = (file: string) => (fs.lstatSync(file).mode & 0o777).toString(8);
const SOCKET = 'abcdefghi.sock';

describe('where sockets live', () => {
  it('is $XDG_RUNTIME_DIR/cf-bus, closed to others, with a socket and a description that are closed, too', async () => {
    const place = makePlace();
    const { session } = await start(place, { exact: 'demo' });
    expect(path.dirname(session.description.socket)).toBe(place.directory);
    expect(mode(place.directory)).toBe('700');
    expect(mode(session.description.socket)).toBe('600');
    expect(mode(path.join(place.directory, 'demo.json'))).toBe('600');
    const written = JSON.parse(fs.readFileSync(path.join(place.directory, 'demo.json'), 'utf8'));
    expect(written).toMatchObject({
      name: 'demo',
      pid: process.pid,
      cwd: path.join(place.root, 'work'),
      log: null,
      version: '0.1.0',
    });
  });

  it('stays closed whatever the umask is', () => {
    const place = makePlace();
    const before = process.umask(0);
    try {
      expect(mode(openSessionDirectory(place.environment, SOCKET))).toBe('700');
    } finally {
      process.umask(before);
    }
  });

  it('is ~/.cf-bus/run without $XDG_RUNTIME_DIR, and cf-bus-<uid> in the temporary folder without a home', () => {
    const place = makePlace({ env: {} });
    const home = path.join(place.root, 'home', '.cf-bus', 'run');
    expect(openSessionDirectory(place.environment, SOCKET)).toBe(home);
    expect(mode(home)).toBe('700');
    const homeless = { ...place.environment, home: undefined };
    expect(openSessionDirectory(homeless, SOCKET)).toBe(path.join(place.root, 'tmp', `cf-bus-${homeless.uid}`));
    expect(sessionDirectories(place.environment)).toHaveLength(2);
  });

  it.each([
    ['is missing', 'nowhere'],
    ['is not absolute', '../run'],
  ])('skips an $XDG_RUNTIME_DIR that %s', (_, folder) => {
    const place = makePlace();
    const runtime = folder.startsWith('.') ? folder : path.join(place.root, folder);
    const environment = { ...place.environment, env: { XDG_RUNTIME_DIR: runtime } };
    expect(openSessionDirectory(environment, SOCKET)).toBe(path.join(place.root, 'home', '.cf-bus', 'run'));
  });

  it('is never made in the folders of another user, such as those sudo leaves in the environment', () => {
    const place = makePlace();
    const other = { ...place.environment, uid: place.environment.uid + 1 };
    expect(() => openSessionDirectory(other, SOCKET)).toThrow(/belongs to another user/);
    expect(fs.readdirSync(path.join(place.root, 'run'))).toEqual([]);
    expect(fs.readdirSync(path.join(place.root, 'home'))).toEqual([]);
  });

  it('is refused when it is open to others, with the command that closes it, for servers and for clients', async () => {
    const place = makePlace();
    fs.mkdirSync(place.directory);
    fs.chmodSync(place.directory, 0o755);
    const refusal = { code: 'SESSION_DIRECTORY', exitCode: 2, hint: `close it: chmod 700 ${place.directory}` };
    await expect(start(place)).rejects.toMatchObject(refusal);
    await expect(listSessions(place)).rejects.toMatchObject(refusal);
    fs.chmodSync(place.directory, 0o700);
    await start(place);
  });

  it('is refused when it is a symbolic link or a file', () => {
    const place = makePlace();
    fs.symlinkSync(path.join(place.root, 'tmp'), place.directory);
    expect(() => openSessionDirectory(place.environment, SOCKET)).toThrow(/is not a directory/);
    expect(sessionDirectories(place.environment)).toEqual([]);
  });

  it('is not believed when it belongs to another user: nothing in it is listed', () => {
    const place = makePlace({ env: {}, home: undefined });
    const other = place.environment.uid + 1;
    fs.mkdirSync(path.join(place.root, 'tmp', `cf-bus-${other}`), { mode: 0o700 });
    const environment = { ...place.environment, uid: other };
    expect(sessionDirectories(environment)).toEqual([]);
    expect(() => openSessionDirectory(environment, SOCKET)).toThrow(/belongs to another user/);
  });

  it('is the next one where a path would have more than 103 bytes, and says so where all would', () => {
    const place = makePlace();
    const long = path.join(place.root, 'run', 'ü'.repeat(50));
    fs.mkdirSync(long);
    const environment = { ...place.environment, env: { XDG_RUNTIME_DIR: long } };
    expect(openSessionDirectory(environment, SOCKET)).toBe(path.join(place.root, 'home', '.cf-bus', 'run'));
    const longest = 'x'.repeat(103 - Buffer.byteLength(`${place.root}/run/cf-bus/`));
    expect(openSessionDirectory(place.environment, longest)).toBe(place.directory);
    expect(() => openSessionDirectory(place.environment, `${longest}x`)).toThrow(/has 104 bytes, of at most 103/);
  });
});

describe('a socket', () => {
  it('gets another path where its own is in use', async () => {
    const place = makePlace();
    const first = await start(place, { exact: 'one' }, { session: 'sameid' });
    const second = await start(place, { exact: 'two' }, { session: 'sameid' });
    expect(second.session.description.socket).not.toBe(first.session.description.socket);
    for (const { session } of [first, second]) (await connect(session.description)).close();
  });

  it('and its description are gone after close, and after removeFiles', async () => {
    const place = makePlace();
    const first = await start(place, { exact: 'one' });
    const second = await start(place, { exact: 'two' });
    await first.session.close();
    second.session.removeFiles();
    expect(fs.readdirSync(place.directory)).toEqual([]);
  });
});
