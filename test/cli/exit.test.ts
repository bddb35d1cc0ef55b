import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { describeFailure, reportFailure, usageError } from '../../src/cli/exit.js';
import { Output } from '../../src/cli/output.js';
import { CfBusError } from '../../src/kernel/index.js';

function printed(error: unknown, env: NodeJS.ProcessEnv = {}): { text: string; code: number } {
  let text = '';
  const sink = { write: (part: string) => (text += part) };
  const code = reportFailure(error, new Output(sink, 'never', env), env);
  return { text, code };
}

describe('what a person reads of an error', () => {
  it('is what happened and what to do, with the exit code the error carries', () => {
    const error = new CfBusError('NOT_FOUND', 'no trace req-1', { hint: 'see cf-bus trace --list', exitCode: 1 });
    expect(printed(error)).toEqual({ text: 'cf-bus: no trace req-1\n  see cf-bus trace --list\n', code: 1 });
  });

  it('names the file and the reason of a system error', () => {
    const error = Object.assign(new Error('EACCES: …'), { code: 'EACCES', path: '/srv/log' });
    expect(printed(error)).toEqual({ text: 'cf-bus: /srv/log: permission denied\n', code: 2 });
  });

  it('says in words what the system said, also where we have none of our own', () => {
    const error = Object.assign(new Error("EIO: i/o error, stat '/srv/x'"), {
      code: 'EIO',
      syscall: 'stat',
      path: '/srv/x',
    });
    expect(printed(error)).toEqual({ text: 'cf-bus: /srv/x: i/o error (EIO)\n', code: 2 });
    const nameless = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
    expect(printed(nameless).text).toBe('cf-bus: i/o error (EIO)\n');
    // A code of Node.js's own is no word of the system.
    const ours = Object.assign(new TypeError('bad argument'), { code: 'ERR_INVALID_ARG_TYPE' });
    expect(printed(ours).code).toBe(3);
  });

  it('admits a mistake of ours, in one line and with exit code 3', () => {
    expect(printed(new TypeError('x is not a function\nat …'))).toEqual({
      text: 'cf-bus: this should not have happened: TypeError: x is not a function\n  CF_BUS_DEBUG=1 shows where; please report it\n',
      code: 3,
    });
  });

  it('keeps the stack for CF_BUS_DEBUG=1, causes included', () => {
    const error = new CfBusError('INTERNAL', 'outer', { cause: new Error('inner') });
    expect(printed(error, {}).text).not.toContain('exit.test');
    const { text } = printed(error, { CF_BUS_DEBUG: '1' });
    expect(text).toContain('exit.test');
    expect(text).toContain('caused by Error: inner');
  });

  it('never lets an error steer the terminal', () => {
    expect(printed(new CfBusError('USAGE', 'bad \u001b[2J id', { hint: 'try \u009b1m' })).text).toBe(
      'cf-bus: bad ^[[2J id\n  try \\x9b1m\n',
    );
  });

  it('begins no line but its own, whatever a path or an error is called', () => {
    const error = Object.assign(new Error('no'), { code: 'ENOENT', path: 'x\ncf-bus: all is well' });
    expect(printed(error).text).toBe('cf-bus: x^Jcf-bus: all is well: no such file or directory\n');
    const asked = new CfBusError('SESSION_UNKNOWN', 'no session "x\ncf-bus: y"', { hint: 'there is a\nb' });
    expect(printed(asked).text).toBe('cf-bus: no session "x^Jcf-bus: y"\n  there is a^Jb\n');
    const named = Object.assign(new Error('no'), { name: 'A\ncf-bus' });
    expect(printed(named).text).toMatch(/^cf-bus: this should not have happened: A\^Jcf-bus: no\n {2}CF_BUS_DEBUG/);
  });

  it('has several lines for the problems of a scenario, and for a place in a JSON text', () => {
    expect(printed(new CfBusError('INVALID_SCENARIO', 'a.yaml:1:1: x\n  1 | y')).text).toBe(
      'cf-bus: a.yaml:1:1: x\n  1 | y\n',
    );
    const payload = new CfBusError('INVALID_PAYLOAD', '--payload is not JSON', { hint: '{x\n ^' });
    expect(printed(payload).text).toBe('cf-bus: --payload is not JSON\n  {x\n ^\n');
  });

  it('says wrong usage in our words', () => {
    const error = new CommanderError(
      1,
      'commander.unknownOption',
      "error: unknown option '--x'\n(Did you mean one of --a, --b?)",
    );
    expect(describeFailure(usageError(error, 'run'))).toMatchObject({
      message: "unknown option '--x' (did you mean --a, --b?)",
      exitCode: 2,
    });
  });

  it.each([undefined, null, 'text', 7, Symbol('s')])('survives that %s was thrown', (thrown) => {
    expect(printed(thrown).code).toBe(3);
  });
});
