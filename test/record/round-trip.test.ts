import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LogRecord, openLog, parseLine } from '../../src/record/index.js';
import { step } from './steps.js';
import { linesOf, ManualClock, makeDelivery, makeEvent, temporaryFolder } from './support.js';

test('decode(encode(record)) gives the record back, through pino and a file, whatever is in it', () => {
  const folder = temporaryFolder();
  let runs = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.boolean(), (steps, payloads) => {
      const file = join(folder, `${runs++}.log`);
      const log = openLog({ file, level: 'debug', payloads, clock: new ManualClock(), session: 's1' });
      const seen: LogRecord[] = [];
      log.observer.watch((record) => seen.push(record));
      for (const happen of steps) happen(log.observer);
      log.close();
      const lines = linesOf(file);
      expect(lines.map(parseLine)).toEqual(seen.map((record) => ({ kind: 'record', record })));
      // The very bytes: what `--json` prints and what the file holds are one format.
      expect(seen.map((record) => JSON.stringify(record))).toEqual(lines);
    }),
    { numRuns: 150 },
  );
});

describe('tools that people have', () => {
  function writeSample(): string {
    const file = join(temporaryFolder(), 'cf-bus.log');
    const log = openLog({ file, level: 'debug', payloads: true, clock: new ManualClock(), session: 's1' });
    const { observer } = log;
    observer.sessionStarted({ clock: 'real', version: '0.1.0' });
    observer.published(makeEvent({ payload: { note: 'a "quoted"\nline \u001b[31m' } }), 1);
    observer.published(makeEvent({ traceId: 'req-99' }), 1);
    observer.started(makeDelivery());
    observer.failed(makeDelivery(), { error: new Error('disk full'), willRetry: false });
    log.close();
    return file;
  }

  test('grep finds the whole trace, one JSON object a line', () => {
    const found = execFileSync('grep', ['req-12345', writeSample()], { encoding: 'utf8' });
    const records = found
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map((record) => record.event)).toEqual([
      'event_published',
      'event_handler_start',
      'event_handler_error',
    ]);
  });

  test('pino-pretty reads it, with level, time and kind', () => {
    const require = createRequire(import.meta.url);
    const binary = join(dirname(require.resolve('pino-pretty/package.json')), 'bin.js');
    const pretty = execFileSync(process.execPath, [binary, '--messageKey', 'event', '--colorize=false'], {
      input: readFileSync(writeSample()),
      encoding: 'utf8',
    });
    expect(pretty).toMatch(/^\[10:30:00\.000\] INFO: session_started$/m);
    expect(pretty).toMatch(/^\[10:30:00\.000\] ERROR: event_handler_error$/m);
    expect(pretty).toContain('trace_id: "req-12345"');
  });
});
