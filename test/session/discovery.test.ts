import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  chooseSession,
  connect,
  listSessions,
  type SessionDescription,
  sessionNameFrom,
} from '../../src/session/index.js';
import { buildChild, startChild } from './support/child.js';
import { makePlace, type Place, start } from './support/place.js';

/** A socket file that nobody listens at any more, as a killed process leaves it. */
async function deadSocket(place: Place, name: string): Promise<string> {
  fs.mkdirSync(place.directory, { recursive: true, mode: 0o700 });
  const socket = path.join(place.directory, name);
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(`${socket}.live`, resolve));
  fs.renameSync(`${socket}.live`, socket);
  await new Promise((resolve) => server.close(resolve));
  return socket;
}

async function describeDead(place: Place, change: Partial<SessionDescription>): Promise<void> {
  const description: SessionDescription = {
    name: 'dead',
    session: 'deadid',
    pid: process.pid,
    cwd: place.environment.cwd,
    socket: await deadSocket(place, 'deadid.sock'),
    started: '2026-01-01T00:00:00.000Z',
    log: null,
    version: '0.1.0',
    ...change,
  };
  fs.writeFileSync(path.join(place.directory, 'dead.json'), JSON.stringify(description));
}

describe('the list of sessions', () => {
  it('is empty where nothing ever ran', async () => {
    expect(await listSessions(makePlace())).toEqual([]);
  });

  it('holds every session of this user, with what people ask about it', async () => {
    const place = makePlace();
    await start(place, { exact: 'beta' });
    await start(place, { exact: 'alpha' });
    const listed = await listSessions(place);
    expect(listed.map((session) => session.name)).toEqual(['alpha', 'beta']);
    expect(listed[0]).toMatchObject({
      pid: process.pid,
      cwd: place.environment.cwd,
      log: null,
      started: expect.any(String),
    });
  });

  it('holds sessions in every folder that may have some', async () => {
    const place = makePlace();
    await start({ ...place, environment: { ...place.environment, env: {} } }, { exact: 'at-home' });
    await start(place, { exact: 'at-run' });
    expect(await listSessions(place)).toHaveLength(2);
  });

  it('loses a session whose process was killed, and its files with it', async () => {
    const place = makePlace();
    const child = await startChild(await buildChild(place), place, 'victim');
    expect(await listSessions(place)).toMatchObject([{ name: 'victim', pid: child.process.pid }]);
    await child.kill();
    expect(fs.readdirSync(place.directory)).toHaveLength(2);
    expect(await listSessions(place)).toEqual([]);
    expect(fs.readdirSync(place.directory)).toEqual([]);
  });

  it('loses a session whose pid was given to another process', async () => {
    const place = makePlace();
    await describeDead(place, { pid: process.pid, process_started: 'another time' });
    expect(await listSessions(place)).toEqual([]);
    expect(fs.readdirSync(place.directory)).toEqual([]);
  });

  it('keeps a session that refuses while its process may live; reaching it is exit code 3', async () => {
    const place = makePlace();
    await describeDead(place, {});
    const [silent] = await listSessions(place);
    expect(silent).toMatchObject({ name: 'dead' });
    if (silent === undefined) return;
    await expect(connect(silent)).rejects.toMatchObject({ code: 'SESSION_UNREACHABLE', exitCode: 3 });
  });

  it('sweeps a description without a socket, a socket without a description, and drafts of the dead', async () => {
    const place = makePlace();
    await describeDead(place, { socket: path.join(place.directory, 'gone.sock') });
    await deadSocket(place, 'orphan.sock');
    const dead = await startChild(await buildChild(place), place, 'victim');
    await dead.kill();
    fs.writeFileSync(path.join(place.directory, `.${dead.process.pid}.x.tmp`), '{');
    expect(await listSessions(place)).toEqual([]);
    expect(fs.readdirSync(place.directory)).toEqual([]);
  });

  it('overlooks files that are no descriptions', async () => {
    const place = makePlace();
    await start(place, { exact: 'real' });
    fs.writeFileSync(path.join(place.directory, 'torn.json'), '{"name":"to');
    fs.writeFileSync(path.join(place.directory, 'empty.json'), '');
    fs.mkdirSync(path.join(place.directory, 'folder.json'));
    fs.copyFileSync(path.join(place.directory, 'real.json'), path.join(place.directory, 'copy.json'));
    expect((await listSessions(place)).map((session) => session.name)).toEqual(['real']);
  });
});

describe('the session that is meant', () => {
  it('is none where none runs in this directory', async () => {
    const place = makePlace();
    await start(place, { like: 'elsewhere' }, { cwd: place.root });
    expect(await chooseSession(place)).toBeUndefined();
  });

  it('is the one started in this directory, also through a symbolic link', async () => {
    const place = makePlace();
    await start(place, { exact: 'elsewhere' }, { cwd: place.root });
    await start(place, { exact: 'here' });
    const link = path.join(place.root, 'link');
    fs.symlinkSync(place.environment.cwd, link);
    expect(await chooseSession({ environment: { ...place.environment, cwd: link } })).toMatchObject({ name: 'here' });
  });

  it('is an error listing them where two were started in this directory', async () => {
    const place = makePlace();
    await start(place, { exact: 'one' });
    await start(place, { exact: 'two' });
    const error = {
      code: 'SESSION_AMBIGUOUS',
      exitCode: 2,
      message: expect.stringMatching(/one .*two /),
      hint: expect.stringContaining('--session'),
    };
    await expect(chooseSession(place)).rejects.toMatchObject(error);
  });

  it('is the named one, by --session before CF_BUS_SESSION, by name or id, wherever it was started', async () => {
    const place = makePlace();
    const one = await start(place, { exact: 'one' }, { cwd: place.root });
    await start(place, { exact: 'two' });
    const environment = { ...place.environment, env: { ...place.environment.env, CF_BUS_SESSION: 'two' } };
    expect(await chooseSession({ environment, session: 'one' })).toMatchObject({ name: 'one' });
    expect(await chooseSession({ environment })).toMatchObject({ name: 'two' });
    expect(await chooseSession({ environment, session: one.host.session })).toMatchObject({ name: 'one' });
  });

  it('is an error with a near name and the list where nobody has that name', async () => {
    const place = makePlace();
    await start(place, { exact: 'pipeline' });
    await expect(chooseSession({ ...place, session: 'pipelin' })).rejects.toMatchObject({
      code: 'SESSION_UNKNOWN',
      exitCode: 2,
      message: 'there is no session "pipelin"; did you mean "pipeline"?',
      hint: expect.stringContaining('pipeline'),
    });
    const nowhere = makePlace();
    await expect(chooseSession({ ...nowhere, session: 'x' })).rejects.toMatchObject({ hint: 'no session is running' });
  });
});

describe('a name', () => {
  it('belongs to one living session: a second start under it is refused, and free again after the first ended', async () => {
    const place = makePlace();
    const first = await start(place, { exact: 'mine' });
    await expect(start(place, { exact: 'mine' })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(`pid ${process.pid}`),
    });
    expect(fs.readdirSync(place.directory)).toHaveLength(2);
    await first.session.close();
    await start(place, { exact: 'mine' });
  });

  it('that was not asked for gets a number where it is taken', async () => {
    const place = makePlace();
    const names = [];
    for (let run = 0; run < 3; run++) names.push((await start(place, { like: 'hello' })).session.description.name);
    expect(names).toEqual(['hello', 'hello-2', 'hello-3']);
  });

  it('that cannot be written down is an error which names the folder, and leaves nothing there', async () => {
    const place = makePlace();
    fs.mkdirSync(place.directory, { mode: 0o700 });
    // The draft leads nowhere.
    fs.symlinkSync(path.join(place.root, 'none', 'draft'), path.join(place.directory, `.${process.pid}.odd.tmp`));
    await expect(start(place, { exact: 'demo' }, { session: 'odd' })).rejects.toMatchObject({
      code: 'SESSION_DIRECTORY',
      message: expect.stringContaining(`cannot describe the session in ${place.directory}: ENOENT`),
    });
    await expect.poll(() => fs.readdirSync(place.directory)).toEqual([]);
  });

  it('goes to exactly one of two that start at once, in one process or in several', async () => {
    const place = makePlace();
    const program = await buildChild(place);
    const children = await Promise.all([1, 2, 3].map(() => startChild(program, place, 'wanted')));
    expect(children.filter((child) => 'refused' in child.said)).toHaveLength(2);
    const together = await Promise.allSettled([1, 2, 3].map(() => start(place, { exact: 'ours' })));
    expect(together.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect((await listSessions(place)).map((session) => session.name).sort()).toEqual(['ours', 'wanted']);
    expect(fs.readdirSync(place.directory)).toHaveLength(4);
  });

  it.each(['', '-x', '.hidden', 'a/b', 'a b', 'x'.repeat(65), 'ü'])('cannot be %j', async (name) => {
    await expect(start(makePlace(), { exact: name })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it.each([
    ['Index a repository', 'index-a-repository'],
    ['  --Größe!  ', 'gr-e'],
    ['日本', 'session'],
  ])('can be made of a scenario called %j', (text, name) => {
    expect(sessionNameFrom(text)).toBe(name);
  });
});

describe('a connection', () => {
  it('to a session that is not there any more says so at once, exit code 3', async () => {
    const place = makePlace();
    const { session } = await start(place);
    await session.close();
    await expect(connect(session.description)).rejects.toMatchObject({ code: 'SESSION_UNREACHABLE', exitCode: 3 });
  });

  it('to something that never answers ends after the timeout, exit code 3', async () => {
    const place = makePlace();
    const socket = path.join(place.root, 'mute.sock');
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    await expect(connect({ name: 'mute', socket }, { timeout: 50 })).rejects.toMatchObject({
      code: 'SESSION_UNREACHABLE',
      exitCode: 3,
    });
    server.close();
  });

  it('to something else that answers is an error, exit code 3', async () => {
    const place = makePlace();
    const socket = path.join(place.root, 'http.sock');
    const server = net.createServer((connection) => connection.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    await expect(connect({ name: 'http', socket })).rejects.toMatchObject({ code: 'PROTOCOL', exitCode: 3 });
    server.close();
  });
});
