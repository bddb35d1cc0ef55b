/** Whatever is in a log, a scenario or a payload, none of it reaches the terminal as more than text. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { announce } from '../../src/dashboard/announce.js';
import { spoken } from '../../src/dashboard/speak.js';
import { update } from '../../src/dashboard/update.js';
import type { LogRecord } from '../../src/record/index.js';
import { Pen } from './support/records.js';
import { bytesOf, emptyModel, feed, press, send, tick } from './support/screen.js';

/** What the painter itself writes: places, colours, the brackets of a frame, clearing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are the point
const OURS = /\u001b\[(?:\d+;\d+H|[\d;]*m|\?2026[hl]|[02]?J)/g;
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the point
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const ATTACKS = [
  '\u001b[2J\u001b[H',
  '\u001b]0;title\u0007',
  '\u001b]52;c;cm0gLXJm\u0007',
  '\u009b31m',
  '\u0090q\u009c',
  '\r\noverwritten',
  '\b\b\b',
  'user\u202egnp.exe',
  'a\u200bb\u2066c',
  '\ud800',
  'e\u0301'.repeat(200),
  '👩‍👩‍👧‍👦👍🏽',
  '文件索引完成',
  '\u001b',
  '\ue000\ue123\uf8ff',
  '\u001b[?1049l\u001b[?25h',
  `trace:${'\u0007'} level:error`,
];

const hostile = fc.oneof(
  fc.constantFrom(...ATTACKS),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.tuple(fc.constantFrom(...ATTACKS), fc.string({ maxLength: 20 })).map(([attack, text]) => text + attack + text),
);

const KEYS: readonly (readonly string[])[] = [
  [],
  ['3', 'enter'],
  ['1'],
  ['2', 'd'],
  ['up', 'up'],
  ['r'],
  ['p', 'tab'],
  ['/', 'a'],
  ['t'],
  ['z'],
  ['4'],
];

/** Records with `texts` in every column that a log can fill. */
function records(texts: readonly string[]): readonly LogRecord[] {
  const text = (index: number) => texts[index % texts.length] ?? '';
  const pen = new Pen(text(7));
  pen.started(text(0));
  pen.subscribe(text(1), text(2), text(3));
  const trace = text(4);
  const event = pen.publish(text(3), trace, { source: text(5), payload: { [text(6)]: text(7) } });
  const by = { service: text(1), handler: text(2), error: text(8), duration: 5 };
  const delivery = pen.start(event, text(3), trace, by);
  pen.time += 5;
  pen.end(delivery, event, text(3), trace, { ...by, willRetry: true });
  pen.end(pen.start(event, text(3), trace, { ...by, attempt: 2 }, delivery), event, text(3), trace, {
    ...by,
    attempt: 2,
  });
  pen.dead(delivery, event, text(3), trace, { ...by, attempt: 2 });
  pen.publish(text(9), trace, { cause: event, by: delivery, subscribers: 0, source: text(5) });
  pen.control(text(10), text(11));
  pen.control('slow on', text(2));
  pen.gap(3);
  return pen.records;
}

test('no byte of hostile text gets to the terminal, in any column of any pane', () => {
  fc.assert(
    fc.property(
      fc.array(hostile, { minLength: 12, maxLength: 12 }),
      fc.constantFrom([80, 24], [120, 40], [41, 12]),
      fc.constantFrom(...KEYS),
      fc.boolean(),
      (texts, [columns = 80, rows = 24], keys, ascii) => {
        const title = texts[0] ?? '';
        const empty = emptyModel({
          columns,
          rows,
          known: { types: () => [title] },
        });
        const expectations = [{ label: title, state: 'failed', detail: texts[1] ?? '' }] as const;
        const fed = tick(
          feed({ ...empty, header: { ...empty.header, title, session: title } }, records(texts)),
          1_000,
          expectations,
        );
        const model = send(press(fed, ...keys), { kind: 'refused', reason: title });
        for (const shown of [
          model,
          send(fed, { kind: 'gone', reason: title }),
          send(fed, {
            kind: 'fetched',
            purpose: { kind: 'replay', event: { id: title, type: title } },
            payload: ascii ? { [title]: title } : undefined,
          }),
          send(fed, { kind: 'published', eventId: title, traceId: title }),
        ]) {
          const rest = bytesOf(shown, { colors: 'rich', ascii }).replace(OURS, '');
          expect(FORBIDDEN.exec(rest)).toBeNull();
          if (ascii) expect(rest).toMatch(/^[ -~]*$/);
        }
        for (const line of [
          ...announce(empty, model),
          ...announce(empty, fed),
          spoken(fed.prompt, model.prompt, []).replaceAll('\n', ''),
        ]) {
          expect(FORBIDDEN.exec(line)).toBeNull();
        }
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

test('an escape sequence in an error message is shown, not obeyed', () => {
  const pen = new Pen();
  pen.started().subscribe('vector_index', 'index_repository', 'index.started');
  const event = pen.publish('index.started', 'req-1');
  pen.handle(event, 'index.started', 'req-1', { handler: 'index_repository', error: '\u001b[31mred\u001b[0m' });
  const bytes = bytesOf(feed(emptyModel(), pen.records));
  expect(bytes).toContain('^[[31mred^[[0m');
});

test('an id that is copied holds nothing that a shell would take for the end of a command', () => {
  const pen = new Pen();
  pen.started().publish('index.started', 'x\ntouch pwned\n\u001b[2J');
  const model = press(feed(emptyModel(), pen.records), '5', 'G');
  const { effects } = update(model, { kind: 'text', text: 'y' });
  expect(effects).toEqual([{ kind: 'copy', text: 'x^Jtouch pwned^J^[[2J' }]);
});
