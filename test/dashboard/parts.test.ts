import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { type EditKey, edit, editorOf, insert } from '../../src/dashboard/editor.js';
import { Feed } from '../../src/dashboard/feed.js';
import { actionOf, BINDINGS, keyTableMarkdown, type Place } from '../../src/dashboard/keys.js';
import { Painter } from '../../src/dashboard/painter.js';
import { expectationText } from '../../src/dashboard/select/expectation.js';
import { clip, field, lineWidth, paint, plainText, span, spread } from '../../src/dashboard/text/line.js';
import { compact, shortDuration, sparkline } from '../../src/dashboard/text/sparkline.js';
import { placeColumns } from '../../src/dashboard/text/table.js';
import { makeTheme } from '../../src/dashboard/text/theme.js';
import { widthOf, wrap } from '../../src/dashboard/text/width.js';
import { safe, VirtualClock } from '../../src/kernel/index.js';
import { type LogRecord, parseFilter, recordTest, traceFilter } from '../../src/record/index.js';
import { Pen } from './support/records.js';

const theme = makeTheme('rich', false);
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are the point
const plain = (text: string) => text.replace(/\u001b\[[\d;]*m/g, '');

describe('filter language', () => {
  const pen = new Pen().started();
  const event = pen.publish('index.started', 'req-12345', { source: 'api_gateway' });
  pen.handle(event, 'index.started', 'req-12345', {
    service: 'vector_index',
    handler: 'index_repository',
    error: 'disk full',
  });
  pen.publish('query.received', 'req-1', { subscribers: 0 });
  const found = (text: string) => pen.records.filter(recordTest(parseFilter(text))).map(({ event: kind }) => kind);

  test('an id matches whole: req-1 is not req-12345', () => {
    expect(found('trace:req-1')).toEqual(['event_published', 'event_no_subscribers']);
    expect(found('trace:req-12345')).toHaveLength(3);
    expect(found('trace:req-*')).toHaveLength(5);
  });

  test('terms are joined by and, - turns one round, words are found in any text', () => {
    expect(found('trace:req-12345 level:error')).toEqual(['event_handler_error']);
    expect(found('trace:req-12345 -level:error')).toEqual(['event_published', 'event_handler_start']);
    expect(found('DISK')).toEqual(['event_handler_error']);
    expect(found('"disk full"')).toEqual(['event_handler_error']);
    expect(found('level:warn')).toEqual(['event_handler_error', 'event_no_subscribers']);
    expect(found('type:index')).toHaveLength(3);
    expect(found('service:vector handler:repos')).toHaveLength(2);
    expect(found('source:gateway')).toHaveLength(3);
    expect(found(`id:${event}`)).toHaveLength(3);
  });

  test('a service is found by what it handled and by what it published', () => {
    expect(found('service:api_gateway trace:req-12345')).toEqual(['event_published']);
    expect(found('trace:req-12345 -service:api_gateway')).toEqual(['event_handler_start', 'event_handler_error']);
    expect(found('service:vector*')).toEqual(['event_handler_start', 'event_handler_error']);
  });

  test('a field that is still to be filled in asks for nothing', () => {
    expect(found('trace:')).toHaveLength(pen.records.length);
    expect(found('')).toHaveLength(pen.records.length);
  });

  test('any text is a filter, quickly, and a trace id is found by its filter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(() => found(text)).not.toThrow();
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 30 }).filter((id) => id.trim() === id && id !== ''),
        (id) => {
          const [, record] = new Pen().started().records.concat(publishedUnder(id));
          expect(record !== undefined && recordTest(parseFilter(traceFilter(id)))(record)).toBe(true);
        },
      ),
    );
  });
});

function publishedUnder(trace: string): readonly LogRecord[] {
  const pen = new Pen();
  pen.publish('a.b', trace);
  return pen.records;
}

describe('text by cells', () => {
  const anything = fc.string({ unit: 'grapheme', maxLength: 40 });

  test('a painted row has exactly its width, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 6 }),
        fc.integer({ min: 0, max: 60 }),
        fc.boolean(),
        (texts, width, selected) => {
          const painted = plain(
            paint(
              texts.map((text) => span(text, 'bad')),
              width,
              theme,
              selected,
            ),
          );
          expect(stringWidth(painted)).toBe(width);
        },
      ),
    );
  });

  test('a field has exactly its width, left or right', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 40 }), fc.constantFrom('left', 'right'), (text, width, align) => {
        expect(stringWidth(field(text, width, 'plain', align).text)).toBe(width);
      }),
    );
  });

  test('of an id that is too long the end is kept: that tells it from its like', () => {
    expect(field('trace-k3q9x2m1a-245', 12, 'plain', 'id').text).toBe('…q9x2m1a-245');
    expect(field('req-1', 12, 'plain', 'id').text).toBe('req-1       ');
    expect(field('größe-日本-7', 8, 'plain', 'id').text).toBe('…-日本-7');
  });

  test('both ends of a row stay, the left one gives way', () => {
    const line = spread([span('left '.repeat(20))], [span('right')], 30);
    expect(lineWidth(line)).toBe(30);
    expect(plainText(line)).toMatch(/^left .*…right$/);
    expect(plainText(clip([span('abcdef')], 4))).toBe('abc…');
  });

  test('what a filter found is marked without changing the text', () => {
    const painted = paint([span('Disk full disk', 'bad', ['disk'])], 20, theme);
    expect(plain(painted).trim()).toBe('Disk full disk');
    expect(painted.split('\u001b[7m')).toHaveLength(3);
  });

  test('what several terms found is marked where they overlap, too', () => {
    const painted = paint([span('index.started', 'plain', ['index.st', 'started', 'none'])], 20, theme);
    expect(plain(painted).trim()).toBe('index.started');
    const marked = painted.split('\u001b[7m').slice(1);
    expect(marked.map((part) => part.split('\u001b[27m')[0]).join('')).toBe('index.started');
  });

  test('text is cut into rows that fit, whatever is in it, and what is missing is seen', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 2, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (text, width, height) => {
          const clean = safe(text);
          const rows = wrap(clean, width, height);
          expect(rows.length).toBeLessThanOrEqual(height);
          for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(width);
          expect(rows.join('') === clean || /… *$/.test(rows.at(-1) ?? '')).toBe(true);
        },
      ),
    );
    expect(wrap('abcdefgh', 3, 2)).toEqual(['abc', 'de…']);
  });

  test('columns that matter least go first, those of rank 0 stay', () => {
    const column = (title: string, width: number, rank: number) => ({
      title,
      width,
      rank,
      cell: () => ({ text: title }),
    });
    const columns = [column('a', 5, 0), column('b', 5, 2), column('c', 5, 1)];
    const titles = (width: number) => placeColumns(columns, width).map((placed) => placed.column.title);
    expect(titles(17)).toEqual(['a', 'b', 'c']);
    expect(titles(16)).toEqual(['a', 'c']);
    expect(titles(3)).toEqual(['a']);
  });

  test('a number is as short as its column, and not more than it is', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2_000_000_000 }), fc.integer({ min: 3, max: 6 }), (value, cells) => {
        const text = compact(value, cells);
        expect(text.length).toBeLessThanOrEqual(cells);
        const [, less, digits, unit] = /^(<?)([\d.]+)([kMG]?)$/.exec(text) ?? [];
        const shown = Number(digits) * { '': 1, k: 1e3, M: 1e6, G: 1e9 }[unit as ''];
        if (less === '<') expect(value).toBeLessThan(shown);
        else expect(Math.abs(shown - value)).toBeLessThanOrEqual(Math.max(0.5, value / 2));
      }),
    );
    expect([4_000, 12_345, 150_000].map((value) => compact(value, 3))).toEqual(['4k', '12k', '<1M']);
  });

  test('bars show every count above zero; numbers take six cells at most', () => {
    expect(sparkline([0, 1, 1_000], theme.glyphs)).toBe(' ▁█');
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e11, noNaN: true }), (value) => {
        expect(compact(value).length).toBeLessThanOrEqual(6);
      }),
    );
  });
});

test('a duration takes six cells at most', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 99 * 3_600_000, noNaN: true }), (ms) => {
      expect(shortDuration(ms).length).toBeLessThanOrEqual(6);
    }),
  );
  expect([0, 0.04, 0.51, 20].map(shortDuration)).toEqual(['0ms', '<0.1ms', '0.51ms', '20ms']);
});

test('what was seen of an expectation does not say again what its label says', () => {
  const text = (label: string, detail: string) => expectationText({ label, detail, state: 'failed' });
  expect(text('show.p99 below 10ms', 'show.p99 is 20ms, expected below 10ms')).toBe('show.p99 below 10ms - is 20ms');
  expect(text('count of a.b at least 9', 'a.b was published 7 times, expected at least 9')).toBe(
    'count of a.b at least 9 - was published 7 times',
  );
  expect(text('never a.failed', '')).toBe('never a.failed');
  expect(text('b after a within 2s', '3 of 12 traces were late')).toBe(
    'b after a within 2s - 3 of 12 traces were late',
  );
});

describe('line editor', () => {
  test('no key breaks it, and the cursor stays between graphemes', () => {
    const keys: readonly EditKey[] = [
      'left',
      'right',
      'home',
      'end',
      'backspace',
      'delete',
      'kill-before',
      'kill-after',
      'kill-word',
    ];
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(...keys),
            fc.string({ unit: 'grapheme', maxLength: 5 }).map((text) => ({ text })),
          ),
        ),
        (steps) => {
          let editor = editorOf('👍🏽 a');
          for (const step of steps) editor = typeof step === 'string' ? edit(editor, step) : insert(editor, step.text);
          expect(editor.cursor).toBeGreaterThanOrEqual(0);
          expect(editor.cursor).toBeLessThanOrEqual(editor.text.length);
        },
      ),
    );
    expect(edit(editorOf('a👍🏽'), 'backspace').text).toBe('a');
  });

  test('control characters of a paste are left out, its line breaks become spaces', () => {
    expect(insert(editorOf(''), 'a\r\nb\u001b[31mc').text).toBe('a b[31mc');
  });
});

describe('key table', () => {
  const all: readonly Place[] = [
    'everywhere',
    'list',
    'log',
    'traces',
    'subscribers',
    'sorted',
    'trace',
    'play',
    'log file',
  ];

  test('no key means two things in one place', () => {
    for (const place of all) {
      const keys = BINDINGS.filter((binding) => binding.place === place || binding.place === 'everywhere').flatMap(
        ({ keys: some }) => some,
      );
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test('every binding can be reached by each of its keys', () => {
    for (const { keys, action, place } of BINDINGS) {
      for (const key of keys) expect(actionOf(key, new Set<Place>(['everywhere', 'list', place]))).toBe(action);
    }
  });

  test('the table for the README has a row for each binding', () => {
    expect(keyTableMarkdown().trim().split('\n')).toHaveLength(BINDINGS.length + 2);
  });
});

describe('feed', () => {
  function watch() {
    const clock = new VirtualClock();
    const seen = { frames: [] as number[], folded: 0, dropped: 0, largest: 0, ticks: 0 };
    const feed = new Feed({
      clock,
      fold: (batch, dropped) => {
        seen.folded += batch.length;
        seen.dropped += dropped;
        seen.largest = Math.max(seen.largest, batch.length);
      },
      tick: () => seen.ticks++,
      frame: () => seen.frames.push(clock.now()),
    });
    return { clock, seen, feed };
  }
  const [record] = new Pen().started().records;
  const batch = (size: number): readonly LogRecord[] =>
    Array.from({ length: size }, () => record).filter((one) => one !== undefined);

  test('at 100,000 records a second there are at most 15 frames a second, and none is lost', async () => {
    const { clock, seen, feed } = watch();
    for (let ms = 0; ms < 2_000; ms++) clock.setTimer(ms, () => feed.push(batch(100), ms === 7 ? 3 : 0));
    await clock.drive({ until: () => clock.now() >= 2_200 });
    feed.close();
    expect(seen.folded).toBe(200_000);
    expect(seen.dropped).toBe(3);
    expect(seen.largest).toBeLessThanOrEqual(8_192);
    for (let from = 0; from < 1_000; from += 100) {
      expect(seen.frames.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(16);
    }
  });

  test('a key is drawn at once, with the records that wait', () => {
    const { seen, feed } = watch();
    feed.push(batch(10), 0);
    feed.now();
    feed.close();
    expect([seen.folded, seen.frames.length]).toEqual([10, 1]);
  });

  test('time is seen to pass without records', async () => {
    const { clock, seen, feed } = watch();
    await clock.drive({ until: () => clock.now() >= 5_000 });
    feed.close();
    expect(seen.ticks).toBeGreaterThanOrEqual(4);
  });
});

describe('painter', () => {
  function screen() {
    const writes: string[] = [];
    const painter = new Painter({ write: (text) => writes.push(text) });
    return { painter, writes };
  }

  test('a row that did not change is not written again', () => {
    const { painter, writes } = screen();
    const frame = (second: string) => painter.write(`${painter.block(['first', second], 5)}\n\n`);
    frame('one  ');
    frame('one  ');
    frame('two  ');
    expect(writes).toHaveLength(2);
    expect(writes[1]).not.toContain('first');
    expect(writes[1]).toContain('\u001b[2;1Htwo');
  });

  test('panes side by side each begin at their column, those below one another at their row', () => {
    const { painter, writes } = screen();
    const left = painter.block(['a1   ', 'a2   ', 'a3   '], 5);
    const [upper, lower] = [painter.block(['b1    '], 6), painter.block(['c1    ', 'c2    '], 6)];
    painter.write(
      `${painter.block(['head       '], 11)}\n${left}${upper}\n ${lower}\n\n${painter.block(['foot       '], 11)}`,
    );
    const at = (text: string) => /\[(\d+;\d+)H$/.exec(writes[0]?.split(text)[0] ?? '')?.[1];
    expect(['head', 'a1', 'a3', 'b1', 'c1', 'c2', 'foot'].map(at)).toEqual([
      '1;1',
      '2;1',
      '4;1',
      '2;6',
      '3;6',
      '4;6',
      '5;1',
    ]);
  });

  test('what stands to the right of a change is written again, what stands to its left is not', () => {
    const { painter, writes } = screen();
    const frame = (...texts: readonly string[]) =>
      painter.write(texts.map((text) => painter.block([text], 2)).join(''));
    frame('aa', 'bb', 'cc');
    frame('aa', 'XX', 'cc');
    expect(writes[1]).not.toContain('aa');
    expect(writes[1]).toContain('\u001b[1;3HXX\u001b[1;5Hcc');
  });

  test('a screen of another shape is written where it differs, and what is left over is erased', () => {
    const { painter, writes } = screen();
    painter.write(`${painter.block(['aaaa', 'bbbb', 'cccc'], 4)}\n\n`);
    painter.write(`${painter.block(['aa', 'bb'], 2)}${painter.block(['xx', 'yy'], 2)}\n`);
    expect(writes[1]).toContain('\u001b[1;1Haa\u001b[1;3Hxx\u001b[2;1Hbb\u001b[2;3Hyy\u001b[3;1H\u001b[J');
    painter.write(`${painter.block(['aa', 'bb'], 2)}\n`);
    expect(writes[2]).toContain('\u001b[1;1Haa\u001b[2;1Hbb');
  });

  test('what Ink itself writes never gets through, and closed it writes nothing', () => {
    const { painter, writes } = screen();
    painter.write('\u001b[2J\u001b[3J\u001b[H');
    painter.close();
    painter.write(painter.block(['row'], 3));
    expect(writes).toEqual([]);
    painter.reopen();
    painter.repeat();
    expect(writes.join('')).toContain('row');
  });

  test('after far more panes than any screen has, each is still its own', () => {
    const { painter, writes } = screen();
    for (let index = 0; index < 20_000; index++) painter.block([`old ${index}`], 9);
    painter.write(`${painter.block(['new 1'], 5)}\n${painter.block(['new 2'], 5)}`);
    expect(writes.join('')).toContain('new 1');
    expect(writes.join('')).toContain('new 2');
  });
});
