/** Other users, folders that are open to them, and what else may be in the way of a session. */
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { cleanEnv, type Ended, Program, until } from '../../support/programs.js';
import { filesIn, sessionOf } from '../../support/publishers.js';

export interface Ground {
  readonly launcher: string;
  /** An empty folder, which other users may enter. */
  readonly folder: string;
}

export interface Attempt {
  readonly name: string;
  /** It needs another user's identity, which root alone can take. */
  readonly needsRoot: boolean;
  readonly act: (ground: Ground) => Promise<readonly string[]>;
}

/** `nobody`, on most systems; any user that is not us would do. */
const STRANGER = 65_534;
const LIMIT_MS = 20_000;

const IDLE = `version: 1
name: Idle
services: { a: { handlers: { hear: { subscribe: guest.came } } } }
requests: [{ name: none, flow: [{ think: 1ms }] }]
`;

interface Ran {
  readonly ended: Ended | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

async function runTo(
  ground: Ground,
  args: readonly string[],
  env = cleanEnv(ground.folder),
  uid?: number,
): Promise<Ran> {
  const program = new Program(ground.launcher, args, {
    cwd: ground.folder,
    env,
    ...(uid === undefined ? {} : { uid }),
  });
  const ended = await program.within(LIMIT_MS);
  return { ended, stdout: program.stdout, stderr: program.stderr };
}

function start({ launcher, folder }: Ground, more: readonly string[]): Program {
  writeFileSync(join(folder, 'idle.yaml'), IDLE);
  const args = ['run', 'idle.yaml', '--no-ui', '--stay', '--log', 'off', ...more];
  return new Program(launcher, args, { cwd: folder, env: cleanEnv(folder) });
}

async function stop(program: Program): Promise<void> {
  program.kill('SIGTERM');
  await program.within(LIMIT_MS);
}

/** What the stranger gets, with everything it may know. */
const otherUser: Attempt = {
  name: 'another user, who knows the path',
  needsRoot: true,
  async act(ground) {
    const owner = start(ground, ['--session', 'mine']);
    const found = await until(() => sessionOf(ground.folder, owner.pid), LIMIT_MS);
    const problems: string[] = [];
    if (found === undefined) problems.push(`no session: ${owner.stderr}`);
    const peek = `
      const net = require('node:net');
      const socket = net.connect(${JSON.stringify(found?.socket)});
      socket.on('connect', () => { console.log('connected'); socket.write('{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1,"client":"x"}}\\n'); });
      socket.on('data', (data) => { console.log(String(data)); process.exit(); });
      socket.on('error', (error) => console.log(error.code));
      try { console.log(require('node:fs').readdirSync(${JSON.stringify(join(ground.folder, 'cf-bus'))})); } catch (error) { console.log(error.code); }`;
    writeFileSync(join(ground.folder, 'peek.cjs'), peek);
    const peeked = new Program(join(ground.folder, 'peek.cjs'), [], { cwd: ground.folder, env: {}, uid: STRANGER });
    await peeked.within(LIMIT_MS);
    if (peeked.stdout !== 'EACCES\nEACCES\n') problems.push(`it got: ${peeked.stdout}${peeked.stderr}`);
    for (const args of [
      ['sessions'],
      ['publish', 'guest.came', '--session', 'mine'],
      ['stop', 'mine'],
      ['tail', '--session', 'mine'],
    ]) {
      const { ended, stdout } = await runTo(ground, args, cleanEnv(ground.folder), STRANGER);
      // `sessions` has nothing to list, and says so.
      if (stdout.includes('mine') || (args[0] !== 'sessions' && ended?.code !== 2))
        problems.push(`cf-bus ${args.join(' ')}: exit code ${ended?.code}, ${stdout.slice(0, 200)}`);
    }
    if (owner.isOver) problems.push('the session is gone');
    await stop(owner);
    return problems;
  },
};

/** The folder in the shared temporary one, made by somebody else beforehand. */
const squatted: Attempt = {
  name: 'a folder that another user made first',
  needsRoot: true,
  async act(ground) {
    const temporary = join(ground.folder, 't');
    mkdirSync(temporary);
    chmodSync(temporary, 0o1777);
    const squat = join(temporary, `cf-bus-${process.getuid?.()}`);
    mkdirSync(squat, { mode: 0o777 });
    chownSync(squat, STRANGER, STRANGER);
    const env = { PATH: process.env.PATH ?? '', TMPDIR: temporary, HOME: '/nonexistent' };
    writeFileSync(join(ground.folder, 'idle.yaml'), IDLE);
    const { ended, stderr } = await runTo(ground, ['run', 'idle.yaml', '--no-ui', '--log', 'off'], env);
    const problems =
      ended?.code === 2 && stderr.includes('belongs to another user') ? [] : [`exit ${ended?.code}: ${stderr}`];
    if (readdirSync(squat).length > 0) problems.push('something was put there');
    return problems;
  },
};

function refusedFolder(name: string, make: (folder: string) => void, says: RegExp): Attempt {
  return {
    name,
    needsRoot: false,
    async act(ground) {
      make(join(ground.folder, 'cf-bus'));
      writeFileSync(join(ground.folder, 'idle.yaml'), IDLE);
      const { ended, stderr } = await runTo(ground, ['run', 'idle.yaml', '--no-ui', '--log', 'off']);
      return ended?.code === 2 && says.test(stderr) ? [] : [`exit ${ended?.code}: ${stderr}`];
    },
  };
}

const openToOthers = [0o755, 0o770, 0o701, 0o777].map((mode) =>
  refusedFolder(
    `a folder with mode ${mode.toString(8)}`,
    (folder) => {
      mkdirSync(folder);
      chmodSync(folder, mode);
    },
    /is open to other users.*\n.*chmod 700/,
  ),
);

const linked = refusedFolder(
  'a symbolic link in the place of the folder',
  (folder) => symlinkSync('/', folder),
  /is not a directory/,
);

const file = refusedFolder(
  'a file in the place of the folder',
  (folder) => writeFileSync(folder, ''),
  /is not a directory/,
);

/** A description whose pid now is another process's, and a socket that nobody serves. */
const reusedPid: Attempt = {
  name: 'a pid that was given to another process',
  needsRoot: false,
  async act(ground) {
    const first = start(ground, ['--session', 'old']);
    const found = await until(() => sessionOf(ground.folder, first.pid), LIMIT_MS);
    if (found === undefined) return [`no session: ${first.stderr}`];
    const described = join(ground.folder, 'cf-bus/old.json');
    const { default: fs } = await import('node:fs');
    const text = fs.readFileSync(described, 'utf8');
    first.kill('SIGKILL');
    await first.ended;
    writeFileSync(described, text.replace(`"pid":${first.pid}`, `"pid":${process.pid}`));
    const second = start(ground, ['--session', 'old']);
    const again = await until(() => (second.isOver ? null : sessionOf(ground.folder, second.pid)), LIMIT_MS);
    const problems = again === null || again === undefined ? [`the name is in the way: ${second.stderr}`] : [];
    await stop(second);
    const left = filesIn(ground.folder);
    if (left.length > 0) problems.push(`left behind: ${left.join(', ')}`);
    return problems;
  },
};

/** A listener of another program under a name of ours. */
const foreignSocket: Attempt = {
  name: 'a socket that somebody else serves',
  needsRoot: false,
  async act(ground) {
    const folder = join(ground.folder, 'cf-bus');
    mkdirSync(folder, { mode: 0o700 });
    const server = createServer((peer) => peer.on('error', () => {}).end('220 mail ready\r\n'));
    await new Promise<void>((resolve) => server.listen(join(folder, 'mail.sock'), resolve));
    const mine = start(ground, ['--session', 'mine']);
    const found = await until(() => sessionOf(ground.folder, mine.pid), LIMIT_MS);
    const problems = found === undefined ? [`no session: ${mine.stderr}`] : [];
    await stop(mine);
    if (!filesIn(ground.folder).includes('mail.sock')) problems.push('a living socket was swept');
    await new Promise((resolve) => server.close(resolve));
    rmSync(join(folder, 'mail.sock'), { force: true });
    return problems;
  },
};

/** Two that start at once under one name: one gets it, and the other says so. */
const sameName: Attempt = {
  name: 'two starts at once with one name',
  needsRoot: false,
  async act(ground) {
    const both = [start(ground, ['--session', 'twin']), start(ground, ['--session', 'twin'])];
    const loser = await until(() => both.find(({ isOver }) => isOver), LIMIT_MS);
    const winner = both.find((each) => each !== loser);
    if (loser === undefined || winner === undefined) return ['both run'];
    const problems: string[] = [];
    const { code } = await loser.ended;
    if (code !== 2 || !loser.stderr.includes('is running already')) problems.push(`exit ${code}: ${loser.stderr}`);
    if ((await until(() => sessionOf(ground.folder, winner.pid), LIMIT_MS)) === undefined)
      problems.push('neither runs');
    await stop(winner);
    const left = filesIn(ground.folder);
    if (left.length > 0) problems.push(`left behind: ${left.join(', ')}`);
    return problems;
  },
};

/** Two that start at once and do not care what they are called. */
const anyName: Attempt = {
  name: 'two starts at once without a name',
  needsRoot: false,
  async act(ground) {
    const both = [start(ground, []), start(ground, [])];
    const found = await Promise.all(both.map((each) => until(() => sessionOf(ground.folder, each.pid), LIMIT_MS)));
    const names = new Set(found.map((each) => each?.name));
    const problems = names.size === 2 && !names.has(undefined) ? [] : [`names: ${[...names].join(', ')}`];
    await Promise.all(both.map(stop));
    return problems;
  },
};

export const ATTEMPTS: readonly Attempt[] = [
  otherUser,
  squatted,
  ...openToOthers,
  linked,
  file,
  reusedPid,
  foreignSocket,
  sameName,
  anyName,
];
