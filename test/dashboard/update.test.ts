import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { announce } from '../../src/dashboard/announce.js';
import { layoutOf } from '../../src/dashboard/layout.js';
import type { Effect, Message, Model } from '../../src/dashboard/model.js';
import { logRows } from '../../src/dashboard/select/log.js';
import { keysOf } from '../../src/dashboard/select/rows.js';
import { percentiles, subscriberRows } from '../../src/dashboard/select/subscribers.js';
import { traceRows } from '../../src/dashboard/select/traces.js';
import { troubles } from '../../src/dashboard/select/trouble.js';
import { waterfall } from '../../src/dashboard/select/waterfall.js';
import { selectedRecord } from '../../src/dashboard/selection.js';
import { spoken } from '../../src/dashboard/speak.js';
import { update } from '../../src/dashboard/update.js';
import { Pen, SESSION } from './support/records.js';
import { bytesOf, emptyModel, feed, frameOf, lived, press, send, tick } from './support/screen.js';
import { World } from './support/world.js';

function effects(model: Model, ...messages: readonly Message[]): readonly Effect[] {
  const last = messages.at(-1);
  return last === undefined ? [] : update(send(model, ...messages.slice(0, -1)), last).effects;
}

const openedTrace = (id: string): Model['overlay'] => ({
  kind: 'trace',
  key: id,
  cursor: { key: undefined, at: 0 },
  folded: new Set(),
});
/** Without what moves the cursor and colours. */
const plain = (bytes: string) => stripVTControlCharacters(bytes);
const key = (name: string): Message => ({ kind: 'key', key: name });
const text = (typed: string): Message => ({ kind: 'text', text: typed });

describe('nothing changed means the same object', () => {
  const model = lived(2_000);
  test.each<Message>([
    { kind: 'records', batch: [], dropped: 0 },
    { kind: 'resize', columns: 80, rows: 24 },
    { kind: 'tick', now: model.now, finished: model.finished, expectations: model.expectations },
    key('f9'),
  ])('$kind', (message) => {
    expect(update(model, message).model).toBe(model);
  });
});

describe('cursors', () => {
  test('the log follows the newest record until it is scrolled, and again after G', () => {
    const world = new World().run(3_000);
    const model = feed(emptyModel(), world.pen.records);
    const up = press(model, 'k', 'k');
    const before = selectedRecord(up)?.n;
    const count = world.pen.records.length;
    const later = feed(up, world.run(4_000).pen.records.slice(count));
    expect(selectedRecord(later)?.n).toBe(before);
    expect(selectedRecord(press(later, 'G'))?.n).toBe(world.pen.records.length);
  });

  test('a chosen record can be read to its end, where its error stands', () => {
    const model = press(lived(20_000, { columns: 160, rows: 50, trouble: 8 }), 'E');
    const record = selectedRecord(model)?.record;
    expect(record?.level).toBe('error');
    const frame = plain(bytesOf(model)).replaceAll(/[│\s]/g, '');
    expect(frame).toContain(JSON.stringify(record).replaceAll(/\s/g, '').slice(-40));
  });

  test('a chosen row stays chosen when the order changes', () => {
    const model = press(lived(5_000, { trouble: 6 }), '2', 'j', 'j');
    const chosen = model.cursors.subscribers.key;
    for (const sorted of [press(model, 's'), press(model, 's', 's'), press(model, 's', 's', 's')]) {
      expect(sorted.cursors.subscribers.key).toBe(chosen);
      expect(keysOf(sorted, 'subscribers')).toContain(chosen);
    }
  });

  test('the help can be scrolled to its end and back, and no sentence of it is cut off', async () => {
    const read = async (...keys: readonly string[]) =>
      (await frameOf(press(emptyModel({ columns: 80, rows: 24 }), '?', ...keys))).join('\n');
    const pages = [await read(), await read('pgdn'), await read('pgdn', 'pgdn'), await read('G')];
    expect(pages.join()).not.toContain('…');
    expect(pages.at(-1)).toContain('they pass ten times as fast');
    expect(await read('G', 'k', 'g')).toBe(pages[0]);
  });

  test('closed, the help gives back the trace that it was opened on', () => {
    const model = press(lived(9_000, { trouble: 5 }), '3', 'enter', 'j');
    expect(model.overlay.kind).toBe('trace');
    for (const close of ['esc', '?', 'enter']) expect(press(model, '?', 'j', close).overlay).toBe(model.overlay);
  });

  test('no key leaves a list, also an empty one', () => {
    for (const model of [emptyModel(), lived(1_000)]) {
      for (const pane of ['1', '2', '3', '4', '5']) {
        for (const move of ['j', 'k', 'G', 'g', 'pgdn', 'pgup', 'enter', 's', 'y', 'e', 'E', 'o', 'O']) {
          expect(() => press(model, pane, move, move, 'esc')).not.toThrow();
        }
      }
    }
  });

  test('e goes to errors alone, o stays in the trace', () => {
    const model = press(lived(8_000, { trouble: 8 }), 'E');
    expect(selectedRecord(model)?.record.level).toBe('error');
    const same = press(model, 'O');
    expect(selectedRecord(same)?.record.trace_id).toBe(selectedRecord(model)?.record.trace_id);
    expect(selectedRecord(same)?.n).toBeLessThan(selectedRecord(model)?.n ?? 0);
  });

  test('Tab goes round, past a pane that has nothing to show', () => {
    const seen = [];
    let model = lived(1_000);
    for (let turn = 0; turn < 5; turn++) {
      seen.push(model.focus);
      model = press(model, 'tab');
    }
    expect(seen).toEqual(['log', 'types', 'subscribers', 'traces', 'log']);
  });
});

describe('filter', () => {
  test('it works as it is typed, Enter keeps it, Esc puts the one before back', () => {
    const model = lived(6_000, { trouble: 5 });
    const typed = press(model, '/', 'level:error');
    expect(logRows(typed).rows.every(({ record }) => record.level === 'error')).toBe(true);
    expect(press(typed, 'enter').filterText).toBe('level:error');
    expect(press(typed, 'esc').filterText).toBe('');
    const second = press(typed, 'enter', '/', 'ctrl-u', 'handler:search');
    expect(second.filterText).toBe('handler:search');
    expect(press(second, 'esc').filterText).toBe('level:error');
  });

  test('filters of before come back with the arrow', () => {
    const model = press(lived(1_000), '/', 'a', 'enter', '/', 'ctrl-u', 'b', 'enter', '/', 'ctrl-u', 'up', 'up');
    expect(model.filterText).toBe('a');
    expect(press(model, 'down').filterText).toBe('b');
  });

  test('what it found is marked in each line, whatever field was asked for', () => {
    const model = press(
      lived(4_000, { columns: 120, rows: 40 }),
      '/',
      'service:metrics type:index.* trace:req-10003',
      'enter',
    );
    const marked = bytesOf(model)
      .split('\u001b[7m')
      .slice(1)
      .map((part) => part.split('\u001b[27m')[0]);
    expect(logRows(model).rows.length).toBeGreaterThan(0);
    expect(marked.slice(0, 3)).toEqual(['metrics', 'index.', 'req-10003']);
  });

  test('an id that is too long for its column is marked as far as it is seen', () => {
    const id = 'request-0123456789-0123456789';
    const pen = new Pen().started();
    pen.publish('a.b', id);
    const model = press(feed(emptyModel(), pen.records), '/', `trace:${id}`, 'enter');
    expect(bytesOf(model)).toContain('\u001b[7m…-0123456789\u001b[27m');
  });

  test('a trace shows all its records, those that fell out of the log, too', () => {
    const world = new World({ rate: 30 }).run(60_000);
    const model = feed(emptyModel(), world.pen.records);
    const old = [...model.data.traces.recent.values()].find(({ last }) => last < (model.data.records[0]?.time ?? 0));
    expect(old).toBeDefined();
    expect(logRows(press(model, '/', `trace:${old?.id}`)).rows).toHaveLength(old?.recordCount ?? -1);
  });

  test('t asks for the trace of the chosen row', () => {
    const model = press(lived(3_000), 'k', 'k');
    const trace = selectedRecord(model)?.record.trace_id;
    expect(press(model, 't').filterText).toBe(`trace:${trace}`);
    expect(press(lived(3_000), 't').filterText).toBe('trace:');
  });

  test('Esc backs out one level at a time', () => {
    const model = press(lived(6_000, { trouble: 5 }), '/', 'level:error', 'enter', 'z', 'k', 'enter');
    expect(model.overlay.kind).toBe('trace');
    const first = press(model, 'esc');
    expect([first.overlay.kind, first.zoom, first.filterText]).toEqual(['none', true, 'level:error']);
    const second = press(first, 'esc');
    expect([second.zoom, second.filterText]).toEqual([false, 'level:error']);
    expect(press(second, 'esc').filterText).toBe('');
  });
});

describe('pause', () => {
  test('the view stands still, the data goes on, and what is held back is counted', () => {
    const world = new World().run(3_000);
    const count = world.pen.records.length;
    const paused = press(feed(emptyModel(), world.pen.records), ' ');
    const later = feed(paused, world.run(6_000).pen.records.slice(count));
    expect(logRows(later).rows.at(-1)?.n).toBe(count);
    expect(later.data.total).toBe(world.pen.records.length);
    expect(logRows(press(later, ' ')).rows.at(-1)?.n).toBe(world.pen.records.length);
  });
});

describe('trace in place', () => {
  test('Enter on a record opens its trace at that very delivery', () => {
    const pen = new Pen().started();
    const event = pen.publish('index.started', 'req-1');
    pen.handle(event, 'index.started', 'req-1', { handler: 'first' });
    pen.handle(event, 'index.started', 'req-1', { handler: 'second' });
    const model = press(feed(emptyModel(), pen.records), 'k', 'k', 'enter');
    const shown = waterfall(model);
    const at = model.overlay.kind === 'trace' ? model.overlay.cursor.key : undefined;
    const node = shown?.rows.find(({ key: one }) => one === at)?.node;
    expect(node?.kind === 'delivery' && node.delivery.handler).toBe('first');
  });

  test('folding hides what a row led to, and nothing else', () => {
    const model = press(lived(9_000), '3', 'j', 'j', 'j', 'j', 'enter');
    const all = waterfall(model)?.rows.length ?? 0;
    const folded = waterfall(press(model, 'g', 'h'));
    expect(all).toBeGreaterThan(3);
    expect(folded?.rows).toHaveLength(1);
    expect(waterfall(press(model, 'g', 'h', 'l'))?.rows).toHaveLength(all);
  });

  test('an open trace grows while it runs', () => {
    const pen = new Pen().started();
    const event = pen.publish('index.started', 'req-1');
    const model = press(feed(emptyModel(), pen.records), '3', 'enter');
    expect(waterfall(model)?.rows).toHaveLength(1);
    const count = pen.records.length;
    pen.handle(event, 'index.started', 'req-1', { handler: 'index_repository' });
    expect(waterfall(feed(model, pen.records.slice(count)))?.rows).toHaveLength(2);
  });
});

describe('publish', () => {
  const model = lived(3_000);

  test('Tab completes, then takes the payload of the last event, Enter sends it', () => {
    const typed = send(model, text('p'), text('index.st'), key('tab'), key('tab'));
    expect(typed.prompt).toMatchObject({
      editor: { text: expect.stringMatching(/^index\.started \{"repo_path":"\/srv/) },
    });
    expect(effects(typed, key('enter'))).toMatchObject([
      { kind: 'publish', event: { type: 'index.started', payload: { files_indexed: 150 } } },
    ]);
  });

  test('a bare type shows its payload before it is sent', () => {
    const typed = send(model, text('p'), text('index.started'));
    expect(effects(typed, key('enter')).map(({ kind }) => kind)).toEqual(['fetch']);
    expect(effects(send(typed, key('enter')), key('enter')).map(({ kind }) => kind)).toEqual(['publish']);
  });

  test('a bare type that carries nothing is sent at once', () => {
    const typed = send(model, text('p'), text('never.seen'));
    const purpose = { kind: 'complete', type: 'never.seen', send: true } as const;
    expect(effects(typed, key('enter'))).toEqual([{ kind: 'fetch', purpose }]);
    expect(effects(typed, { kind: 'fetched', purpose, payload: undefined })).toMatchObject([
      { kind: 'publish', event: { type: 'never.seen', payload: {} } },
    ]);
    const shown = send(typed, { kind: 'fetched', purpose, payload: { a: 1 } });
    expect(shown.prompt).toMatchObject({ sending: false, editor: { text: 'never.seen {"a":1}' } });
  });

  test('what the session knows of the last event of a type comes before what the log tells', () => {
    const typed = send(model, text('p'), text('index.started'));
    const purpose = { kind: 'complete', type: 'index.started', send: false } as const;
    const completed = send(typed, { kind: 'fetched', purpose, payload: { repo_path: '/mine' } });
    expect(completed.prompt).toMatchObject({ editor: { text: 'index.started {"repo_path":"/mine"}' } });
    // Too late: somebody typed on.
    const further = send(typed, text('.now'));
    expect(send(further, { kind: 'fetched', purpose, payload: { repo_path: '/mine' } })).toEqual(further);
  });

  test('r of an event whose payload is not in the log asks the session for it, and says where nobody knows it', () => {
    const pen = new Pen().started();
    pen.publish('index.started', 'req-1');
    const chosen = feed(emptyModel(), pen.records);
    const purpose = { kind: 'replay', event: { id: `evt-${SESSION}-1`, type: 'index.started' } } as const;
    expect(effects(chosen, text('r'))).toEqual([{ kind: 'fetch', purpose }]);
    expect(send(chosen, { kind: 'fetched', purpose, payload: { repo_path: '/mine' } }).prompt).toMatchObject({
      editor: { text: 'index.started {"repo_path":"/mine"}' },
      problem: undefined,
    });
    expect(send(chosen, { kind: 'fetched', purpose, payload: undefined }).prompt).toMatchObject({
      editor: { text: 'index.started {"repo_path":""}' },
      problem: expect.stringContaining('not known any more'),
    });
    // Another line was opened meanwhile.
    const filtering = send(chosen, text('/'));
    expect(send(filtering, { kind: 'fetched', purpose, payload: {} })).toEqual(filtering);
  });

  test('JSON that is wrong is not sent, and the line says where it is wrong', () => {
    const typed = send(model, text('p'), text('index.started {"a": }'));
    expect(effects(typed, key('enter'))).toEqual([]);
    expect(send(typed, key('enter')).prompt).toMatchObject({ problem: expect.stringContaining('not JSON') });
    expect(send(model, text('p'), text('index.started [1]'), key('enter')).prompt).toMatchObject({
      problem: 'a payload is a JSON object, not an array',
    });
  });

  test('what was sent is in the history, what was refused stays to be mended', () => {
    const sending = send(model, text('p'), text('a.b {}'), key('enter'));
    expect(sending.prompt).toMatchObject({ sending: true });
    const refused = send(sending, { kind: 'refused', reason: 'the log is full' });
    expect(refused.prompt).toMatchObject({ kind: 'publish', sending: false, problem: 'the log is full' });
    const done = send(sending, { kind: 'published', eventId: 'evt-1', traceId: 'req-1' });
    expect(done.prompt.kind).toBe('none');
    expect(send(done, text('p'), key('up')).prompt).toMatchObject({ editor: { text: 'a.b {}' } });
  });

  test('r opens the chosen event with its payload', () => {
    const chosen = press(model, '/', 'event:event_published type:llm.request', 'enter', 'r');
    expect(chosen.prompt).toMatchObject({
      kind: 'publish',
      editor: { text: 'llm.request {"model":"small","total_tokens":812}' },
    });
  });

  test('what cannot be controlled says so, and does nothing', () => {
    const looking = lived(1_000, { abilities: false });
    for (const name of ['p', 'P', '+', 'r']) {
      expect(effects(looking, text(name))).toEqual([]);
      expect(press(looking, name).notice?.tone).toBe('warn');
    }
  });
});

test('what a screen reader is told never stands in the middle of the line being typed', () => {
  const typing = press(emptyModel(), 'p', 'a.b {}');
  const said = (after: Model, ...news: readonly string[]) => spoken(typing.prompt, after.prompt, news);
  expect(said(press(typing, ' '), 'Trouble: x')).toBe('\nTrouble: x\nPublish (event type, then payload): a.b {} ');
  expect(said(press(typing, 'esc'), 'published evt-1')).toBe('\npublished evt-1\n');
  expect(said(press(typing, 'backspace', '!', 'enter'), 'Trouble: x')).toMatch(
    /^\nTrouble: x\nthe payload is not JSON.*\nPublish .*: a\.b \{!$/,
  );
  expect(said(press(typing, ' '))).toBe(' ');
});

test('a screen reader is read words, no signs', () => {
  const pen = new Pen().started();
  const event = pen.publish('index.started', 'req-1');
  const before = feed(emptyModel(), pen.records);
  const id = pen.start(event, 'index.started', 'req-1', { handler: 'index_repository' });
  pen.end(id, event, 'index.started', 'req-1', { handler: 'index_repository', error: 'disk full' });
  const after = feed(before, pen.records.slice(2));
  expect(announce(before, after).join('\n')).toMatch(/error: disk full - index_repository index\.started/);
  const up = press(after, 'k');
  expect(announce(after, up).join('\n')).toMatch(/debug vector_index began: index_repository index\.started/);
  expect(announce(up, press(up, 'k')).join('\n')).toMatch(/info api_gateway published index\.started/);
  expect(announce(after, press(after, '3')).join('\n')).toMatch(/began with index\.started, 1 event, 1 error/);
});

describe('hand controls', () => {
  const model = press(lived(3_000), '2');

  test('f, x and d act on the subscriber in focus, and a second press takes it back', () => {
    const target = keysOf(model, 'subscribers')[0];
    expect(effects(model, text('f'))).toEqual([{ kind: 'fault', change: { target, type: 'error', on: true } }]);
    expect(effects(model, text('x'))).toEqual([{ kind: 'fault', change: { target, type: 'down', on: true } }]);
    expect(effects(model, text('d'), key('enter'))).toEqual([
      { kind: 'fault', change: { target, type: 'slow', on: true, byMs: 200 } },
    ]);
    const faulted = feed(
      model,
      new Pen().control('fault error on', target ?? '').control('fault slow on', target ?? '').records,
    );
    const chosen = { ...faulted, cursors: { ...faulted.cursors, subscribers: { key: target, at: 0 } } };
    expect(effects(chosen, text('f'))).toEqual([{ kind: 'fault', change: { target, type: 'error', on: false } }]);
    expect(effects(chosen, text('d'))).toEqual([{ kind: 'fault', change: { target, type: 'slow', on: false } }]);
  });

  test('a delay that is none is not switched on', () => {
    const asked = send(model, text('d'), key('ctrl-u'), text('soon'), key('enter'));
    expect(asked.prompt).toMatchObject({ kind: 'delay', problem: expect.stringContaining('200ms') });
  });

  test('P pauses the bus and lets it go on, as its records say', () => {
    expect(effects(model, text('P'))).toEqual([{ kind: 'pauseBus' }]);
    expect(effects(feed(model, new Pen().control('pause', 'bus').records), text('P'))).toEqual([{ kind: 'resumeBus' }]);
  });

  test('+ and - pressed faster than their records come all count', () => {
    const speeds = (from: Model, ...keys: readonly string[]) =>
      keys.map((_, index) => effects(press(from, ...keys.slice(0, index)), text(keys[index] ?? '')));
    expect(speeds(model, '+', '+', '-', '+')).toMatchObject([2, 4, 2, 4].map((speed) => [{ kind: 'setSpeed', speed }]));
    const refused = send(press(model, '+', '+'), { kind: 'refused', reason: 'no' });
    expect(effects(refused, text('+'))).toMatchObject([{ speed: 2 }]);
    const told = feed(press(model, '+'), new Pen().control('speed', '2').control('speed', '16').records);
    expect(effects(told, text('+'))).toMatchObject([{ speed: 4 }]);
    const others = feed(
      feed(press(model, '+'), new Pen().control('speed', '2').records),
      new Pen().control('speed', '16').records,
    );
    expect(effects(others, text('+'))).toMatchObject([{ speed: 32 }]);
  });

  test('+ doubles the speed that the records tell', () => {
    expect(effects(feed(model, new Pen().control('speed', '4').records), text('+'))).toEqual([
      { kind: 'setSpeed', speed: 8 },
    ]);
  });
});

describe('what is wrong comes first', () => {
  test('a failing subscriber is the first row and the first trouble', () => {
    const model = lived(10_000, { trouble: 10 });
    expect(subscriberRows(model)[0]).toMatchObject({ key: 'llm.complete_prompt', state: { kind: 'failing' } });
    expect(troubles(model)[0]?.text).toContain('llm.complete_prompt');
  });

  test('one that failed lately comes before one that did not, though all went well in the end', () => {
    const pen = new Pen().started();
    const event = pen.publish('index.started', 'req-1');
    for (const handler of ['a_first', 'b_second', 'c_third']) {
      const by = { service: 'vector_index', handler };
      if (handler === 'b_second') {
        const id = pen.start(event, 'index.started', 'req-1', by);
        pen.end(id, event, 'index.started', 'req-1', { ...by, error: 'disk full', willRetry: true });
        pen.start(event, 'index.started', 'req-1', { ...by, attempt: 2 }, id);
        pen.end(id, event, 'index.started', 'req-1', { ...by, attempt: 2 });
      }
      for (let index = 0; index < 8; index++) pen.handle(event, 'index.started', 'req-1', by);
    }
    const rows = subscriberRows(feed(emptyModel(), pen.records));
    expect(rows.map(({ stats, state }) => `${stats.handler} ${state.kind}`)).toEqual([
      'b_second ok',
      'a_first ok',
      'c_third ok',
    ]);
  });

  test('when it works again it is no trouble any more', () => {
    const pen = new Pen().started();
    for (let index = 0; index < 30; index++) {
      const event = pen.publish('a.b', `req-${index}`);
      pen.handle(event, 'a.b', `req-${index}`, { handler: 'h', ...(index < 5 ? { error: 'down' } : {}) });
    }
    expect(troubles(feed(emptyModel(), pen.records.slice(0, 12)))).toHaveLength(1);
    expect(troubles(feed(emptyModel(), pen.records))).toEqual([]);
  });

  test('a failed expectation, a pause and lost records are troubles', () => {
    const expectation = { label: 'never agent.failed', state: 'failed', detail: 'it was' } as const;
    const model = tick(feed(emptyModel(), new Pen().started().control('pause', 'bus').gap(3).records), 10, [
      expectation,
    ]);
    expect(troubles(model).map(({ level }) => level)).toEqual(['bad', 'warn', 'warn']);
  });
});

test('percentiles are of the attempts seen', () => {
  const pen = new Pen().started();
  for (let index = 1; index <= 100; index++) {
    const event = pen.publish('a.b', 'req-1');
    pen.handle(event, 'a.b', 'req-1', { handler: 'h', duration: index });
  }
  const [row] = subscriberRows(feed(emptyModel(), pen.records));
  expect(row && percentiles(row.stats)).toEqual({ p50: 50, p95: 95, p99: 99 });
});

test('traces are listed newest, slowest, or failed', () => {
  const model = press(lived(9_000, { trouble: 5 }), '3');
  const starts = traceRows(model).map(({ stats }) => stats.start);
  expect(starts).toEqual([...starts].sort((a, b) => b - a));
  const lengths = traceRows(press(model, 's')).map(({ length }) => length);
  expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
  expect(traceRows(press(model, 's', 's')).every(({ stats }) => stats.errors + stats.lost > 0)).toBe(true);
});

test('a trace has failed where `trace` says so; one that lost a delivery is not simply ok', () => {
  const pen = new Pen().started().subscribe('vector_index', 'index_repository', 'a.b');
  const by = { handler: 'index_repository' };
  pen.handle(pen.publish('a.b', 'req-fine'), 'a.b', 'req-fine', by);
  pen.dropped('dlv-x', pen.publish('a.b', 'req-dropped'), 'a.b', 'req-dropped', by);
  pen.publish('a.b', 'req-waits');
  pen.handle(pen.publish('a.b', 'req-failed'), 'a.b', 'req-failed', { ...by, error: 'disk full' });
  const model = press(feed(emptyModel({ columns: 120, rows: 40 }), pen.records), '3');
  const shown = traceRows(model).map(({ stats, state }) => {
    const opened = waterfall({ ...model, overlay: openedTrace(stats.key) });
    return `${stats.id} ${state} ${opened?.outcome}`;
  });
  expect(shown.sort()).toEqual([
    'req-dropped errors ok',
    'req-failed failed failed',
    'req-fine ok ok',
    'req-waits running unfinished',
  ]);
  expect(plain(bytesOf({ ...model, overlay: openedTrace('req-dropped') }))).toContain('1 dropped');
});

describe('a request that hangs', () => {
  const hung = () => {
    const pen = new Pen().started().subscribe('vector_index', 'index_repository', 'index.started');
    const done = pen.publish('index.started', 'req-done');
    pen.handle(done, 'index.started', 'req-done', { handler: 'index_repository', duration: 500 });
    pen.start(pen.publish('index.started', 'req-hung'), 'index.started', 'req-hung', { handler: 'index_repository' });
    return pen.records;
  };

  test('takes longer and longer, and is the slowest', () => {
    const model = press(tick(feed(emptyModel(), hung()), 60_500), '3', 's');
    expect(traceRows(model)[0]).toMatchObject({ stats: { id: 'req-hung' }, state: 'running', length: 60_000 });
    expect(traceRows(tick(model, 61_500))[0]?.length).toBe(61_000);
    const later = new Pen();
    later.time = 60_900;
    expect(traceRows(feed(model, later.control('speed', '1').records))[0]?.length).toBe(60_400);
    expect(traceRows(model).find(({ stats }) => stats.id === 'req-done')?.length).toBe(500);
  });

  test('takes no longer while the view is paused, or once the session is gone', () => {
    const model = tick(feed(emptyModel(), hung()), 60_500);
    const lengthOf = (later: Model) => traceRows(later).find(({ stats }) => stats.id === 'req-hung')?.length;
    expect(lengthOf(tick(press(model, ' '), 99_000))).toBe(60_000);
    expect(lengthOf(tick(send(model, { kind: 'gone', reason: 'the connection was lost' }), 99_000))).toBe(60_000);
  });
});

test('of a log that does not tell how deliveries went, nothing is said to wait, to run or to fail always', () => {
  const pen = new Pen().started().subscribe('vector_index', 'index_repository', 'index.started');
  for (let index = 0; index < 8; index++) {
    const event = pen.publish('index.started', `req-${index}`);
    const by = { handler: 'index_repository', ...(index === 2 ? { error: 'disk full', willRetry: true } : {}) };
    pen.handle(event, 'index.started', `req-${index}`, by);
  }
  const empty = emptyModel({ source: 'log', columns: 200, rows: 60 });
  const untold: Model = { ...empty, header: { ...empty.header, deliveriesLogged: false } };
  const model = feed(
    untold,
    pen.records.filter(({ level }) => level !== 'debug'),
  );
  expect(subscriberRows(model).map(({ state }) => state.kind)).toEqual(['ok']);
  expect(troubles(model)).toEqual([]);
  expect(traceRows(model).map(({ state, length }) => `${state} ${length}`)).toEqual([
    ...Array(5).fill('ok 0'),
    'errors 12',
    'ok 0',
    'ok 0',
  ]);
  expect(announce(model, press(model, '2')).join()).toContain('ok, deliveries not logged, 1 error');
  const frame = plain(bytesOf(model));
  expect(frame).toContain('deliveries not logged');
  expect(frame).toMatch(/index_repository +index\.started +- +- +- +1 +- +0 +- +- +-/);
});

test('the pane in focus is on the screen, whatever its size', () => {
  for (const columns of [30, 64, 80, 120]) {
    for (const rows of [6, 12, 20, 24, 40]) {
      for (const pane of ['1', '2', '3', '4', '5']) {
        const model = press(
          lived(500, { columns, rows, expectations: [{ label: 'a', state: 'holds', detail: '' }] }),
          pane,
        );
        expect(JSON.stringify(layoutOf(model).panes)).toContain(`"${model.focus}"`);
      }
    }
  }
});
