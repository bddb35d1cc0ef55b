import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { descriptorSink } from '../../src/cli/stdio.js';
import { tempDir } from '../support/cli.js';

describe('writing to a descriptor', () => {
  it('waits for a slow reader, also where its end of the pipe does not block', async () => {
    const folder = tempDir();
    const fifo = join(folder, 'pipe');
    const received = join(folder, 'received');
    execFileSync('mkfifo', [fifo]);
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const reader = spawn('sh', ['-c', `head -c 400000 '${fifo}' > '${received}'`]);
    const failures: Error[] = [];
    const sink = descriptorSink(fd, (error) => failures.push(error));
    // Far more than a pipe holds.
    const text = 'äbc\n'.repeat(80_000);
    sink.write(text);
    await new Promise((resolve) => reader.on('close', resolve));
    closeSync(fd);
    expect(failures).toEqual([]);
    expect(readFileSync(received, 'utf8')).toBe(text);
  });

  it('tells of a failure once, and drops what comes later', () => {
    const full = openSync('/dev/full', 'w');
    const failures: Error[] = [];
    const sink = descriptorSink(full, (error) => failures.push(error));
    sink.write('lost');
    sink.write('lost, too');
    closeSync(full);
    expect(failures).toMatchObject([{ code: 'ENOSPC' }]);
  });
});
