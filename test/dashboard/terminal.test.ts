/** The dashboard on a real terminal: keys, sizes, and every way out. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { buildDriver } from './support/build.js';
import { Pty, type PtyOptions } from './support/pty.js';

const THREADS = [
  ['in the same thread', []],
  ['on a thread of its own', ['--thread']],
] as const;

let driver: Awaited<ReturnType<typeof buildDriver>>;
let open: Pty[] = [];

beforeAll(async () => {
  driver = await buildDriver();
}, 60_000);
afterAll(() => driver.remove());
afterEach(() => {
  for (const pty of open) pty.dispose();
  open = [];
});

function start(args: readonly string[] = [], options: PtyOptions = {}): Pty {
  const pty = new Pty(process.execPath, [driver.file, ...args], options);
  open.push(pty);
  return pty;
}

/** In a shell, as people start it; the shell tells what became of the terminal. */
function startInShell(args: readonly string[] = []): Pty {
  const pty = new Pty('/bin/bash', ['--norc', '--noprofile', '-i'], { env: { PS1: 'shell$ ', HISTFILE: '' } });
  open.push(pty);
  pty.type(`echo before the run; ${process.execPath} ${driver.file} ${args.join(' ')}\r`);
  return pty;
}

async function restored(pty: Pty): Promise<void> {
  await pty.until(() => !pty.alternate);
  expect(pty.wraps).toBe(true);
  expect(pty.cursorShown).toBe(true);
}

test('keys go from pane to pane, open a trace and come back', async () => {
  const pty = start(['--hold', '--trouble', '3']);
  await pty.sees('following');
  pty.type('3');
  await pty.sees(/\[3 Traces/);
  pty.type('\r');
  await pty.sees(/\[Trace req-\d+/);
  pty.type('\u001b');
  await pty.sees(/\[3 Traces/);
  pty.type('\t');
  await pty.sees(/\[4 Expectations/);
  pty.type('\u001b[Z\u001b[Z');
  await pty.sees(/\[2 Subscribers/);
  pty.type('?');
  await pty.sees(/\[Keys/);
});

test('keys pressed faster than they are read all count', async () => {
  const pty = start(['--hold']);
  await pty.sees('following');
  pty.type('1jjj/level:error\r');
  await pty.sees('level:error');
  await pty.sees(/\[5 Log/);
});

test('a filter is seen as it is typed, counts what it finds, and Esc takes it away', async () => {
  const pty = start(['--hold', '--trouble', '3']);
  await pty.sees('following');
  pty.type('/level:error');
  await pty.sees(/\d+ of \d+ records/);
  await pty.sees('/ level:error');
  pty.type('\u001b');
  await pty.until(() => !pty.screen().includes('level:error'));
});

test.each(THREADS)(
  'an event is completed, gets the payload of the last one, is sent, and seen in the log, %s',
  async (_thread, flags) => {
    const pty = start(['--rate', '1', ...flags]);
    await pty.sees('following');
    pty.type('pindex.st\t');
    await pty.sees('publish index.started');
    pty.type('\t');
    await pty.sees('"repo_path":"/srv/repos/web"');
    pty.type('\r');
    await pty.sees(/published evt-\S+ - trace req-by-hand/);
    pty.type('/trace:req-by-hand\r');
    await pty.sees(/index\.started +req-by-hand/);
  },
);

test('a pasted line break does not send', async () => {
  const pty = start(['--hold']);
  await pty.sees('following');
  pty.type('p\u001b[200~index.started {"repo_path":\r"/srv"}\r\u001b[201~');
  await pty.sees('publish index.started {"repo_path": "/srv"}');
  await pty.sees('Enter sends it');
});

test('a refused event says why and can be corrected', async () => {
  const pty = start(['--hold']);
  await pty.sees('following');
  pty.type('pbad..type {}\r');
  await pty.sees('bad..type is no event type');
  await pty.sees('publish bad..type {}');
});

test.each(THREADS)('what is switched by hand is in the log and on the subscriber, %s', async (_thread, flags) => {
  const pty = start(['--rate', '1', ...flags]);
  await pty.sees('Subscribers 8');
  // The control's own records alone: on a busy machine the others push it out before it is drawn.
  pty.type('/event:control\r2sf');
  await pty.sees(/error on api_gateway\.answer_query/);
  await pty.sees(/! error +api_gateway/);
  pty.type('P');
  await pty.sees('BUS PAUSED');
  pty.type('P');
  await pty.until(() => !pty.screen().includes('BUS PAUSED'));
});

test('Space holds the view still and counts what it holds back', async () => {
  const pty = start();
  await pty.sees('following');
  pty.type(' ');
  await pty.sees(/VIEW PAUSED, [1-9]\d* held back/);
  pty.type(' ');
  await pty.until(() => !pty.screen().includes('VIEW PAUSED'));
});

test('a log file is scrubbed: back to an error, a record on, and to the end', async () => {
  const pty = start(['--log', '--trouble', '3']);
  await pty.sees(/LOG (\d+)\/\1 /);
  pty.type('{');
  await pty.until(() => !/LOG (\d+)\/\1 /.test(pty.screen()));
  await pty.sees(/ERR llm|ERR vector_index/);
  const before = Number(/LOG (\d+)/.exec(pty.screen())?.[1]);
  pty.type(']');
  await pty.sees(`LOG ${before + 1}/`);
});

test('a session that ends says so, and the view stays', async () => {
  const pty = start(['--session']);
  await pty.sees('following');
  pty.signal('SIGUSR2');
  await pty.sees('the session is gone: it was stopped');
  await pty.sees('2 Subscribers 8');
});

test('a storm of resizes ends in a whole picture', async () => {
  const pty = start(['--trouble', '4'], { columns: 120, rows: 40 });
  await pty.sees('following');
  for (const [columns, rows] of [
    [40, 10],
    [200, 60],
    [20, 5],
    [81, 25],
    [240, 70],
    [1, 1],
    [79, 23],
    [160, 50],
  ] as const) {
    for (let step = 0; step < 4; step++) pty.resize(Math.max(1, columns - step), rows);
  }
  pty.resize(100, 30);
  await pty.sees(/^ cf-bus Index a repository/);
  await pty.until(() => {
    const rows = pty.screen().split('\n');
    return (
      rows.length === 30 &&
      /q quit/.test(rows[29] ?? '') &&
      rows.filter((row) => row.includes('Subscribers')).length === 1
    );
  });
});

test('the scrollback is never cleared and the whole screen never scrolled', async () => {
  const pty = start(['--trouble', '4']);
  await pty.sees('following');
  pty.resize(60, 12);
  pty.resize(120, 40);
  pty.type('?\u001bz2z3');
  await pty.sees(/\[3 Traces/);
  expect(pty.raw).not.toContain('\u001b[3J');
});

const WAYS_OUT: readonly (readonly [
  name: string,
  args: readonly string[],
  leave: (pty: Pty) => void,
  closed: string,
])[] = [
  ['q', [], (pty) => pty.type('q'), 'closed: quit'],
  ['Ctrl-C', [], (pty) => pty.type('\u0003'), 'closed: interrupt'],
  ['Ctrl-C while a line is typed', [], (pty) => pty.type('pindex\u0003'), 'closed: interrupt'],
  ['SIGTERM', [], (pty) => pty.signal('SIGTERM'), 'closed: aborted'],
  ['SIGHUP', [], (pty) => pty.signal('SIGHUP'), 'closed: aborted'],
  ['a crash in a view', ['--crash'], () => {}, 'closed: crashed'],
];

for (const [name, args, leave, closed, thread, flags] of WAYS_OUT.flatMap((way) =>
  THREADS.map(([thread, flags]) => [...way, thread, flags] as const),
)) {
  test(`${name} restores the terminal, ${thread}`, async () => {
    const pty = start([...args, ...flags]);
    await pty.sees('following');
    leave(pty);
    await pty.until(() => pty.exit);
    await restored(pty);
    await pty.sees(closed);
  });
}

test('a dashboard that closes as it is stopped does not take the terminal again', async () => {
  const pty = start(['--late']);
  await pty.until(() => pty.exit);
  await restored(pty);
  await pty.sees('closed: late');
});

test('in a shell: what was on the screen is back, and lines are edited as before', async () => {
  const pty = startInShell();
  await pty.sees('following');
  expect(pty.alternate).toBe(true);
  pty.type('q');
  await pty.sees('closed: quit');
  await restored(pty);
  expect(pty.everything()).toContain('before the run');
  pty.type('stty -a\r');
  await pty.sees(/ icanon/);
  await pty.sees(/ echo /);
});

test.each(THREADS)('Ctrl-Z gives the shell its terminal, fg brings the picture back, %s', async (_thread, flags) => {
  const pty = startInShell([...flags]);
  await pty.sees('following');
  pty.type('\u001a');
  await pty.sees('Stopped');
  await restored(pty);
  pty.type('stty -a\r');
  await pty.sees(/ icanon/);
  pty.type('fg\r');
  await pty.until(() => pty.alternate);
  await pty.sees(/^ cf-bus Index a repository/);
  pty.type('2');
  await pty.sees(/\[2 Subscribers/);
  pty.type('q');
  await pty.sees('closed: quit');
  await restored(pty);
});

test('stopped and continued from outside, the whole picture is drawn again', async () => {
  const pty = start(['--hold']);
  await pty.sees('following');
  pty.signal('SIGSTOP');
  const before = pty.raw.length;
  pty.signal('SIGCONT');
  await pty.until(() => pty.raw.slice(before).includes('\u001b[2J'));
  await pty.until(() => pty.raw.slice(before).includes('Index a repository'));
  pty.type('2');
  await pty.sees(/\[2 Subscribers/);
});

test('a screen reader gets lines: no box, no cursor movement, changes as they happen', async () => {
  const pty = start(['--reader', '--trouble', '4']);
  await pty.until(() => pty.everything().includes('Question mark lists the keys'));
  await pty.until(() => /Trouble: \S+ is (?:failing|losing)/.test(pty.everything()));
  pty.type('2');
  await pty.until(() => /Subscribers\. 1 of 8:/.test(pty.everything().replaceAll('\n', '')));
  pty.type('q');
  await pty.until(() => pty.exit);
  expect(pty.raw).not.toMatch(/[╭╮╰╯│─█]/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are the point
  expect(pty.raw.replace(/\u001b\[\?25[hl]/g, '')).not.toContain('\u001b');
});

test('--ascii and no colour hold on a real terminal', async () => {
  const pty = start(['--ascii', '--plain', '--trouble', '4'], { columns: 120, rows: 40 });
  await pty.sees(/is (?:failing|losing)/);
  expect(pty.screen()).toMatch(/^[ -~\n]*$/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are the point
  const styles = new Set([...pty.raw.matchAll(/\u001b\[([\d;]*)m/g)].map(([, codes]) => codes));
  expect([...styles].sort()).toEqual(['0', '1', '1;7', '22', '22;27']);
});
