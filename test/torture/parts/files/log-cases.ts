/** Hostile log files: kinds of files, packings, rotated sets, other programs' logs. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bytes, type Content, type FileCase, kinds, sparse } from './case.js';
import { contradictionCases, GOOD, type LogCase, lineCases } from './log-lines.js';

const MIB = 1 << 20;
const packed = gzipSync(GOOD);

const PACKED: readonly LogCase[] = [
  { ...bytes('gzip', 'fine', packed), unchanged: true },
  {
    ...bytes('gzip in two members', 'fine', Buffer.concat([gzipSync(GOOD.slice(0, 999)), gzipSync(GOOD.slice(999))])),
    unchanged: true,
  },
  bytes('gzip, cut short', 'either', packed.subarray(0, packed.length / 2)),
  bytes('gzip, its first ten bytes', 'either', packed.subarray(0, 10)),
  bytes(
    'gzip, damaged',
    'refused',
    Buffer.concat([packed.subarray(0, 200), Buffer.alloc(50, 0x55), packed.subarray(250)]),
  ),
  bytes('gzip with a wrong checksum', 'refused', Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8)])),
  bytes('gzip with rubbish behind it', 'either', Buffer.concat([packed, Buffer.from('rubbish')])),
  bytes('gzip in gzip', 'either', gzipSync(packed)),
  bytes('the first two bytes of gzip', 'either', Buffer.from([0x1f, 0x8b])),
  bytes('64 megabytes of NUL as gzip', 'either', () => gzipSync(Buffer.alloc(64 * MIB))),
  bytes('64 megabytes of one line as gzip', 'either', () => gzipSync(Buffer.alloc(64 * MIB, 0x78))),
  bytes('16 megabytes of blank lines as gzip', 'either', () => gzipSync(Buffer.alloc(16 * MIB, 0x0a))),
  bytes('the beginning of zstd', 'refused', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3])),
  bytes('bzip2', 'either', Buffer.from('BZh91AY&SY')),
  bytes('xz', 'either', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])),
];

/** A log whose rotated parts are made by `parts`. */
function rotated(name: string, expect: FileCase['expect'], parts: (log: string) => void): LogCase {
  return {
    name: `rotated: ${name}`,
    expect,
    make: (folder) => {
      const log = join(folder, 'x.log');
      writeFileSync(log, GOOD);
      parts(log);
      return log;
    },
  };
}

const ROTATED: readonly LogCase[] = [
  rotated('its older part is a folder', 'either', (log) => mkdirSync(`${log}.1`)),
  rotated('its older part is a named pipe', 'either', (log) => void execFileSync('mkfifo', [`${log}.1`])),
  rotated('its older part is a link in a circle', 'either', (log) => symlinkSync('x.log.1', `${log}.1`)),
  rotated('its older part is /dev/zero', 'either', (log) => symlinkSync('/dev/zero', `${log}.1`)),
  rotated('its older part is damaged gzip', 'either', (log) => writeFileSync(`${log}.2.gz`, Buffer.alloc(99, 0x1f))),
  {
    ...rotated('its older part is the log itself', 'fine', (log) => symlinkSync('x.log', `${log}.1`)),
    unchanged: true,
  },
  { ...rotated('its older part is empty', 'fine', (log) => writeFileSync(`${log}.1`, '')), unchanged: true },
  {
    ...rotated('it has three hundred older parts', 'fine', (log) => {
      for (let n = 1; n <= 300; n++) writeFileSync(`${log}.${n}`, '\n');
    }),
    unchanged: true,
  },
  {
    ...rotated('it has strange neighbours', 'fine', (log) => {
      for (const end of ['.', '.0x1', '.1e3', '.-1', '.99999999999999999999', '.gz', '.1.gz.tmp', '~'])
        writeFileSync(log + end, GOOD);
    }),
    unchanged: true,
  },
];

const line = (value: object) => `${JSON.stringify(value)}\n`;

const OTHERS: readonly LogCase[] = Object.entries<Content>({
  pino: line({ level: 30, time: 1_700_000_000_000, pid: 1, hostname: 'h', reqId: 'req-2', msg: 'hello' }),
  'pino with a time of 1e300': line({ level: 30, time: 1e300, reqId: 'req-2', msg: 'hello' }),
  'pino with levels that are not there':
    line({ level: -1, time: 5, reqId: 'req-2', msg: '' }) + line({ level: {}, time: [], reqId: 'req-2' }),
  zap: line({ L: 'INFO', T: '2026-11-23T10:00:00.000Z', M: 'x', trace_id: 'req-2' }),
  'an id that is a number': line({ request_id: 2, msg: 'x' }).replace('2', '2e0'),
  'an id that is a list': line({ trace_id: ['req-2'], msg: 'x' }),
  'an id deep inside': line({ a: { b: { c: { trace_id: 'req-2' } } }, req: { id: 'req-2' } }),
  'an id under every usual name': line({
    trace_id: 'req-2',
    traceId: 'req-2',
    request_id: 'req-3',
    correlation_id: 'req-2',
    'x-request-id': 'req-2',
  }),
  'an error with a stack': line({
    level: 50,
    time: 1,
    trace_id: 'req-2',
    err: { type: 'Error', message: 'm', stack: 'Error: m\nin some place' },
  }),
  'fields with control characters': line({
    level: 30,
    time: 1,
    trace_id: 'req-2',
    '\u001b[2J': '\u009b31m',
    msg: '\u202e\u200b\r\n\u0000',
  }),
  'no time at all': line({ trace_id: 'req-2', msg: 'a' }).repeat(3_000),
  'times of every kind': [1, '1', '2026', 'Mon', '2026-11-23 10:00:00,123', -1, 1e18, null, {}, [], true]
    .map((time) => line({ time, trace_id: 'req-2' }))
    .join(''),
  'a hundred thousand lines of one request': () =>
    line({
      level: 30,
      time: 1_700_000_000_000,
      trace_id: 'req-2',
      msg: 'hello',
    }).repeat(100_000),
  'the guide’s own log': line({
    timestamp: '2025-01-23T10:30:00Z',
    level: 'info',
    event: 'event_published',
    event_type: 'index.updated',
    trace_id: 'req-2',
    source: 's',
  }),
  'UTF-16': Buffer.from(`\ufeff${GOOD}`, 'utf16le'),
  'Windows line ends': GOOD.replaceAll('\n', '\r\n'),
  'old Mac line ends': GOOD.replaceAll('\n', '\r'),
  CSV: `time,trace_id,msg\n1,req-2,hello\n${'2,req-2,"a,b"\n'.repeat(500)}`,
  'a picture': Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    Buffer.from(Array.from({ length: 20_000 }, (_, n) => (n * 7_919) & 255)),
  ]),
  'one line of JSON with all records': `[${GOOD.trimEnd().split('\n').join(',')}]`,
  'only a comma': ',',
  'the log ten times over': GOOD.repeat(10),
}).map(([name, content]) => bytes(name, 'either', content));

const SIZES: readonly LogCase[] = [
  {
    name: '256 megabytes of NUL behind the log',
    expect: 'either',
    make: (folder) => sparse(join(folder, 'x'), GOOD, 256 * MIB),
  },
  bytes('half a million short lines', 'either', () => '{}\n'.repeat(500_000)),
  bytes('32 megabytes without a line break', 'either', () => Buffer.alloc(32 * MIB, 0x7b)),
  bytes('the log without its last line break', 'fine', GOOD.trimEnd()),
  bytes('the log cut in its last record', 'fine', GOOD.slice(0, -20)),
];

export const logCases: readonly LogCase[] = [
  ...kinds({ good: GOOD, empty: 'either' }),
  ...PACKED,
  ...ROTATED,
  ...OTHERS,
  ...SIZES,
  ...lineCases,
  ...contradictionCases,
];
