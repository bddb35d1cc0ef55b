/** Requests that are larger than memory: cut where a part of them is of use, refused where it would be wrong. */
import { expect, test } from 'vitest';
import { findTrace, MAX_TIMELINE_ENTRIES, type Timeline } from '../../src/trace/index.js';
import { Search } from '../../src/trace/search.js';
import { published } from '../support/records.js';

async function timelineOf(lines: number, message: string): Promise<Timeline | undefined> {
  const line = `${JSON.stringify({ level: 30, time: 1_700_000_000_000, trace_id: 'req-1', msg: message })}\n`;
  const stream = (async function* () {
    for (let n = 0; n < lines; n++) yield line;
  })();
  const result = await findTrace([{ name: 'stdin', stream }], 'req-1');
  return result.found && result.kind === 'timeline' ? result.timeline : undefined;
}

test('of a request with very many lines the first are shown, and the others counted', async () => {
  const timeline = await timelineOf(MAX_TIMELINE_ENTRIES + 7, 'x');
  expect(timeline?.entries).toHaveLength(MAX_TIMELINE_ENTRIES);
  expect(timeline?.leftOut).toBe(7);
});

test('of a request with very long lines no more are kept than fit', async () => {
  const timeline = await timelineOf(50, 'x'.repeat(1 << 20));
  expect(timeline?.entries).toHaveLength(31);
  expect(timeline?.leftOut).toBe(19);
});

const PLACE = { file: 'x.log', offset: 0, line: 1 };
const LINE = Buffer.from(JSON.stringify(published('evt-1')));

test.each([
  ['records', { records: 3, bytes: 1e6 }],
  ['bytes of them', { records: 1e6, bytes: 3 * LINE.length }],
])('a trace of more %s than fit into memory is refused, with what to do', (_what, limits) => {
  const search = new Search('req-1', {}, limits);
  for (let n = 0; n < 3; n++) search.takeLine(LINE, PLACE);
  expect(() => search.checkSize()).not.toThrow();
  search.takeLine(LINE, PLACE);
  expect(() => search.checkSize()).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      message: 'req-1 has 4 records (0 MB): too many to put together',
      hint: 'take less of the log: --since, --until',
    }),
  );
});
