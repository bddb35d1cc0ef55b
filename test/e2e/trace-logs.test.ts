import { appendFileSync, copyFileSync, existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cfBus, startCfBus, tempDir } from '../support/cli.js';

const line = (second: number, msg: string, id = 'req-1', level = 30) =>
  `${JSON.stringify({ level, time: Date.UTC(2026, 10, 23, 8, 0, second), name: 'api', req: { id }, msg })}\n`;

const record = (seq: number, id = 'req-1') =>
  `${JSON.stringify({
    ...{ level: 'info', timestamp: `2026-11-23T08:00:${String(seq).padStart(2, '0')}.000Z` },
    ...{ event: 'event_published', seq, session: 's1', event_type: 'index.started', event_id: `evt-${seq}` },
    ...{ source: 'api', trace_id: id, subscriber_count: 0, payload_keys: [] },
  })}\n`;

describe('cf-bus trace on logs of other programs', () => {
  test('shows the lines of a request from several files, by time', async () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'a.log'), line(1, 'begun') + line(2, 'another', 'req-2') + line(9, 'lost', 'req-1', 50));
    writeFileSync(join(cwd, 'b.log'), `2026-11-23T08:00:05Z WARN slow {"request_id":"req-1"}\nno JSON\n`);
    const { stdout, stderr, code } = await cfBus(['trace', 'req-1', '*.log'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/begun[\s\S]*slow[\s\S]*lost/);
    expect(stdout).not.toContain('another');
    expect(stderr).toBe('');
    const json = await cfBus(
      ['trace', 'req-1', 'a.log', 'b.log', '--format', 'json', '--since', '2026-11-23T08:00:05'],
      {
        cwd,
      },
    );
    expect(JSON.parse(json.stdout)).toMatchObject({
      kind: 'timeline',
      id_fields: expect.arrayContaining(['req.id', 'request_id']),
      lines: [
        { message: 'slow', level: 'warn', file: 'b.log', line: 1 },
        { message: 'lost', level: 'error', service: 'api', file: 'a.log', line: 3 },
      ],
    });
  });

  test('lists those that tell no time, too, and says which times were asked for where none is left', async () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'a.log'), '{"msg":"begun","reqId":"req-1"}\n');
    expect((await cfBus(['trace', '--list', 'a.log'], { cwd })).stdout).toMatch(/\nnot told +req-1 +begun +- +1 line/);
    const [json] = JSON.parse((await cfBus(['trace', '--list', '--json', 'a.log'], { cwd })).stdout);
    expect(json).toMatchObject({ started: null, duration_ms: null, lines: 1 });
    expect(await cfBus(['trace', '--list', 'a.log', '--since', '-3h'], { cwd })).toMatchObject({
      code: 1,
      stderr: 'cf-bus: no traces that began in the time that --since and --until leave in a.log\n',
    });
  });

  test('says which flags leave nothing out, and which lines an export has no place for', async () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'a.log'), line(1, 'begun'));
    const trace = async (...flags: string[]) => (await cfBus(['trace', 'req-1', 'a.log', ...flags], { cwd })).stderr;
    expect(await trace('--errors')).toBe('');
    expect(await trace('--type', 'a.*', '--depth', '1', '--errors')).toBe(
      'Lines of other programs are no tree: nothing is left out by --type, --depth\n',
    );
    expect(await trace('--json', '--errors')).toBe('JSON holds all lines: nothing is left out by --errors\n');
    appendFileSync(join(cwd, 'a.log'), record(1));
    for (const format of ['json', 'csv']) {
      expect(await trace('--format', format)).toBe(
        'Left out: 1 line of other programs with this id; --format log shows them\n',
      );
    }
  });

  test('lists them, and shows the newest', async () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'a.log'), line(1, 'begun') + line(2, 'another', 'req-2') + line(3, 'done'));
    const list = await cfBus(['trace', '--list', 'a.log'], { cwd });
    expect(list.stdout).toMatch(/req-1 +begun +2s +2 lines/);
    expect((await cfBus(['trace', '--latest', 'a.log'], { cwd })).stdout).toContain('another');
    expect((await cfBus(['trace', '--list', 'a.log', '--until', '2026-11-23T08:00:01'], { cwd })).stdout).not.toContain(
      'req-2',
    );
  });

  test('names the field that holds an id which is in no known one, and reads it when told', async () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'a.log'), '{"level":"info","msg":"sent","job":{"key":"j-77"}}\n');
    const { stderr, code } = await cfBus(['trace', 'j-77', 'a.log'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('a value of job.key (1 line): --field job.key');
    expect((await cfBus(['trace', 'j-77', 'a.log', '--field', 'job.key'], { cwd })).stdout).toContain('sent');
  });

  test('a time that is none is a usage error that says what one looks like', async () => {
    const { stderr, code } = await cfBus(['trace', 'x', '-', '--since', 'yesterday']);
    expect(code).toBe(2);
    expect(stderr).toContain('--since takes a time, not "yesterday"');
    expect(stderr).toContain('-3h');
  });
});

describe('cf-bus trace --since', () => {
  test('that leaves nothing of a request says when it was', async () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'a.log'), line(1, 'begun') + line(9, 'ended'));
    const { stderr, code } = await cfBus(['trace', 'req-1', 'a.log', '--since', '2026-11-24'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('no trace "req-1" in a.log (2 lines)\n');
    expect(stderr).toContain('2 lines from 2026-11-23T08:00:01.000Z to 2026-11-23T08:00:09.000Z');
  });
});

describe('cf-bus trace --follow', () => {
  test('shows what is there, then what comes, through rotation and truncation, each once', async () => {
    const cwd = tempDir();
    const log = join(cwd, 'x.log');
    writeFileSync(log, record(1) + record(2, 'req-2'));
    const running = startCfBus(['trace', 'req-1', 'x.log', '-f'], { cwd });
    await running.waitFor(/Following it/, 'stderr');
    expect(running.stdout).toContain('index.started');
    appendFileSync(log, record(3) + record(4, 'req-2'));
    await running.waitFor(/08:00:03\.000/);
    renameSync(log, `${log}.1`);
    writeFileSync(log, record(5));
    await running.waitFor(/08:00:05\.000/);
    writeFileSync(log, '');
    appendFileSync(log, line(6, 'of another program'));
    await running.waitFor(/of another program/);
    running.kill('SIGINT');
    expect(await running.result).toMatchObject({ code: 130 });
    expect(running.stdout.match(/index\.started/g)).toHaveLength(3);
  });

  test('picks up files that come to match a glob, and no rotated part a second time', async () => {
    const cwd = tempDir();
    const log = join(cwd, 'web.log');
    writeFileSync(log, line(1, 'one'));
    writeFileSync(join(cwd, 'web.log.1'), line(0, 'zero'));
    const running = startCfBus(['trace', 'req-1', '*.log*', '-f'], { cwd });
    await running.waitFor(/Following it/, 'stderr');
    appendFileSync(log, line(2, 'two'));
    await running.waitFor(/two/);
    // Rotated by renaming, and once more by copying: in neither case is what was shown shown again.
    renameSync(join(cwd, 'web.log.1'), join(cwd, 'web.log.2'));
    renameSync(log, join(cwd, 'web.log.1'));
    writeFileSync(log, line(3, 'three'));
    copyFileSync(log, join(cwd, 'web.log.20261123'));
    renameSync(join(cwd, 'web.log.1'), join(cwd, 'web-old.log'));
    writeFileSync(join(cwd, 'new.log'), line(4, 'four') + line(5, 'of another', 'req-2'));
    await running.waitFor(/Following new\.log, too/, 'stderr');
    await running.waitFor(/three/);
    await running.waitFor(/four/);
    appendFileSync(join(cwd, 'new.log'), line(6, 'five'));
    await running.waitFor(/five/);
    appendFileSync(log, line(7, 'six'));
    await running.waitFor(/six/);
    running.kill('SIGINT');
    expect(await running.result).toMatchObject({ code: 130 });
    for (const word of ['zero', 'one', 'two', 'three', 'four', 'five', 'six']) {
      expect(running.stdout.match(new RegExp(`\\b${word}\\b`, 'g')), word).toHaveLength(1);
    }
    expect(running.stdout).not.toContain('of another');
    expect(running.stderr.match(/, too/g)).toHaveLength(1);
  });

  test('shows a line that repeats itself, and one whole that was being written at the start', async () => {
    const cwd = tempDir();
    const log = join(cwd, 'web.log');
    const same = '{"level":"info","message":"again","request_id":"req-1"}\n';
    const half = line(2, 'half');
    writeFileSync(log, same + half.slice(0, 20));
    const running = startCfBus(['trace', 'req-1', 'web.log', '-f'], { cwd });
    await running.waitFor(/Following it/, 'stderr');
    appendFileSync(log, half.slice(20) + same + line(3, 'end'));
    await running.waitFor(/end/);
    running.kill('SIGINT');
    await running.result;
    expect(running.stdout.match(/again/g)).toHaveLength(2);
    expect(running.stdout.match(/half/g)).toHaveLength(1);
  });
});

describe('the index of a large log', () => {
  test('is kept in the cache folder, used, and left alone when told', async () => {
    const cwd = tempDir();
    const texts: string[] = [];
    const one = record(1, 'req-0');
    for (let index = 0; index < 320_000; index++) texts.push(one.replace('req-0', `req-${index}`));
    writeFileSync(join(cwd, 'big.log'), texts.join(''));
    const indexes = () =>
      existsSync(join(cwd, '.cache/cf-bus/index')) ? readdirSync(join(cwd, '.cache/cf-bus/index')) : [];
    const plain = await cfBus(['trace', 'req-777', 'big.log', '--no-index'], { cwd });
    expect(indexes()).toEqual([]);
    const first = await cfBus(['trace', 'req-777', 'big.log'], { cwd });
    expect(indexes()).toHaveLength(1);
    const second = await cfBus(['trace', 'req-777', 'big.log'], { cwd });
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect([first.stdout, second.stdout]).toEqual([plain.stdout, plain.stdout]);
    expect(readdirSync(cwd).sort()).toEqual(['.cache', 'big.log']);
  });
});
