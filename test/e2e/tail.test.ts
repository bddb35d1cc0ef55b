import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cfBus, startCfBus, tempDir } from '../support/cli.js';

let seq = 0;

/** One record of an event, as a line of a log. */
function published(trace: string, type = 'index.started', level = 'info'): string {
  seq++;
  const common = { level, timestamp: '2026-01-01T10:00:00.000Z', event: 'event_published', seq, session: 's1' };
  const event = { event_type: type, event_id: `evt-${seq}`, source: 'api', trace_id: trace };
  return `${JSON.stringify({ ...common, ...event, subscriber_count: 1, payload_keys: [] })}\n`;
}

function folderWithLog(text: string) {
  const cwd = tempDir();
  mkdirSync(join(cwd, 'logs'));
  const log = join(cwd, 'logs/cf-bus.log');
  writeFileSync(log, text);
  return { cwd, log };
}

describe('tail of a log', () => {
  it('begins with the last records, and ends there with --no-follow', async () => {
    const { cwd } = folderWithLog(['a', 'b', 'c'].map((trace) => published(trace)).join(''));
    const { stdout, code } = await cfBus(['tail', '-n', '2', '--no-follow'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^10:00:00\.000 .* b .*\n10:00:00\.000 .* c .*\n$/);
  });

  it('shows what is appended, also a line that comes in two parts', async () => {
    const { cwd, log } = folderWithLog(published('first'));
    const tail = startCfBus(['tail'], { cwd });
    await tail.waitFor(/Following logs\/cf-bus\.log/, 'stderr');
    const line = published('second');
    appendFileSync(log, line.slice(0, 40));
    appendFileSync(log, `${line.slice(40)}${published('third')}`);
    await tail.waitFor(/first.*\n.*second.*\n.*third/);
    tail.kill('SIGINT');
    expect((await tail.result).code).toBe(130);
  });

  it('reads a pipe to its end', async () => {
    const cwd = tempDir();
    const path = join(cwd, 'pipe');
    execFileSync('mkfifo', [path]);
    const writer = spawn('sh', ['-c', 'cat > "$0"', path], { stdio: ['pipe', 'ignore', 'ignore'] });
    writer.stdin.end(['a', 'b'].map((trace) => published(trace)).join(''));
    const { stdout, code } = await cfBus(['tail', '--json', 'pipe'], { cwd });
    expect(code).toBe(0);
    expect(stdout.match(/"trace_id":"[^"]+"/g)).toEqual(['"trace_id":"a"', '"trace_id":"b"']);
  });

  it.each(['/dev/zero', '.'])('refuses %s', async (path) => {
    const { stderr, code } = await cfBus(['tail', path]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^cf-bus: cannot read .*: it is (?:neither a file nor a pipe|a directory)\n$/);
  });

  it('goes on in the new file after a rotation, having shown the last lines of the old one', async () => {
    const { cwd, log } = folderWithLog(published('first'));
    const tail = startCfBus(['tail', '--json'], { cwd });
    await tail.waitFor(/first/);
    appendFileSync(log, published('last-of-old'));
    renameSync(log, `${log}.1`);
    writeFileSync(log, published('first-of-new'));
    await tail.waitFor(/first-of-new/);
    expect(tail.stdout.match(/"trace_id":"[^"]+"/g)).toEqual([
      '"trace_id":"first"',
      '"trace_id":"last-of-old"',
      '"trace_id":"first-of-new"',
    ]);
    tail.kill('SIGTERM');
    expect((await tail.result).code).toBe(143);
  });

  it('begins anew after a truncation', async () => {
    const { cwd, log } = folderWithLog(published('first') + published('second'));
    const tail = startCfBus(['tail', '--json'], { cwd });
    await tail.waitFor(/second/);
    writeFileSync(log, published('fresh'));
    await tail.waitFor(/fresh/);
    tail.kill('SIGINT');
    await tail.result;
  });

  it('filters by type, level, source and trace', async () => {
    const text =
      published('a', 'index.started') +
      published('b', 'query.failed', 'error') +
      published('c', 'index.failed', 'error');
    const { cwd } = folderWithLog(text);
    const traces = async (...args: string[]) => {
      const { stdout } = await cfBus(['tail', '--no-follow', '--json', ...args], { cwd });
      return stdout
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).trace_id);
    };
    expect(await traces('--type', 'index.*')).toEqual(['a', 'c']);
    expect(await traces('--level', 'error')).toEqual(['b', 'c']);
    expect(await traces('--trace', 'b')).toEqual(['b']);
    expect(await traces('--source', 'nobody')).toEqual([]);
    expect(await traces('--filter', 'level:error -type:query')).toEqual(['c']);
    expect(await traces('--filter', 'trace:b', '--level', 'error')).toEqual(['b']);
  });

  it('reads standard input for -', async () => {
    const { stdout } = await cfBus(['tail', '-', '--json'], { stdin: published('piped') });
    expect(JSON.parse(stdout).trace_id).toBe('piped');
  });
});

describe('tail of a session', () => {
  it('shows every record from now on, the last one included, and ends with the session', async () => {
    const cwd = tempDir();
    const scenario = 'version: 1\nservices:\n  a:\n    handlers:\n      hear: { subscribe: a.said }\n';
    writeFileSync(join(cwd, 's.yaml'), scenario);
    const session = startCfBus(['run', 's.yaml', '--no-ui', '--stay'], { cwd });
    await session.waitFor(/stays up/, 'stderr');
    const tail = startCfBus(['tail', '--json'], { cwd });
    await tail.waitFor(/Following session s;/, 'stderr');
    await cfBus(['publish', 'a.said', '--trace-id', 'req-1'], { cwd });
    await cfBus(['stop'], { cwd });
    const { stdout, stderr, code } = await tail.result;
    expect(code).toBe(0);
    expect(stderr).toMatch(/The session has ended/);
    const parse = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    const logged = parse(readFileSync(join(cwd, 'logs/cf-bus.log'), 'utf8'));
    // All but the two records that were there before.
    expect(parse(stdout)).toEqual(logged.slice(2));
    expect(logged.at(-1).event).toBe('session_stopped');
  });
});

it('says what to do where there is neither a session nor a log', async () => {
  const { code, stderr } = await cfBus(['tail']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/no session was started in this directory, and there is no log logs\/cf-bus\.log\n/);
});
