/** Whole screens, as files: what a person sees is what a reviewer reads. */
import { expect, test } from 'vitest';
import type { ExpectationView } from '../../src/dashboard/door.js';
import type { Model } from '../../src/dashboard/model.js';
import { emptyModel, feed, frameOf, lived, press, send, tick } from './support/screen.js';
import { World } from './support/world.js';

const SIZES = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

const HOLDING: readonly ExpectationView[] = [
  { label: 'index.completed after index.started within 2s', state: 'holds', detail: 'in 86 traces' },
  { label: 'never agent.failed', state: 'holds', detail: '' },
  { label: 'error_rate below 10%', state: 'pending', detail: '' },
];
const FAILED: readonly ExpectationView[] = HOLDING.map((one, index) =>
  index === 2 ? { ...one, state: 'failed', detail: 'is 24%' } : one,
);

const STATES: Readonly<Record<string, (columns: number, rows: number) => Model>> = {
  empty: (columns, rows) => emptyModel({ columns, rows }),
  busy: (columns, rows) => lived(20_500, { columns, rows, trouble: 0.2, expectations: HOLDING }),
  failing: (columns, rows) => lived(20_500, { columns, rows, trouble: 8, expectations: FAILED }),
  paused: (columns, rows) => {
    const world = new World({ trouble: 1 }).run(10_000);
    const before = world.pen.records.length;
    const held = press(tick(feed(emptyModel({ columns, rows }), world.pen.records), 10_000), ' ');
    world.run(14_000);
    return tick(feed(held, world.pen.records.slice(before)), 14_000);
  },
  filtered: (columns, rows) => press(lived(20_500, { columns, rows, trouble: 3 }), '/', 'level:error disk'),
  finished: (columns, rows) => {
    const world = new World().run(8_000);
    world.pen.stopped();
    return tick(feed(emptyModel({ columns, rows }), world.pen.records), 9_000, HOLDING, true);
  },
  trace: (columns, rows) => press(lived(20_500, { columns, rows, trouble: 6 }), '3', 's', 's', 'enter', 'j', 'e'),
  publish: (columns, rows) => press(lived(5_000, { columns, rows }), 'p', 'index.st', 'tab'),
  help: (columns, rows) => press(lived(5_000, { columns, rows }), '?'),
};

for (const [name, make] of Object.entries(STATES)) {
  for (const [columns, rows] of SIZES) {
    test(`${name} at ${columns}×${rows} looks as it is drawn in its file`, async () => {
      const frame = await frameOf(make(columns, rows));
      await expect(`${frame.join('\n')}\n`).toMatchFileSnapshot(`frames/${name}-${columns}x${rows}.txt`);
    });
  }
}

test('with --ascii every character on the screen is ASCII', async () => {
  const model = send(lived(20_500, { columns: 120, rows: 40, trouble: 8, expectations: FAILED }));
  for (const shown of [model, press(model, '?'), press(model, '3', 'enter'), press(model, 'p', 'index')]) {
    expect((await frameOf(shown, { ascii: true })).join('')).toMatch(/^[ -~]*$/);
  }
});

test('without colour the same words and signs are on the screen', async () => {
  const model = lived(20_500, { trouble: 8, expectations: FAILED });
  expect(await frameOf(model, { colors: 'none' })).toEqual(await frameOf(model, { colors: 'rich' }));
});

test('the thing that is wrong is on the third row, whatever the size', async () => {
  for (const [columns, rows] of SIZES) {
    const frame = await frameOf(lived(20_500, { columns, rows, trouble: 8 }));
    expect(frame[2]).toMatch(/^ ✗ llm.complete_prompt is (?:failing|losing deliveries)/);
  }
});

test('no wider screen has fewer columns', async () => {
  for (const columns of [80, 100, 112, 118, 119, 120, 160]) {
    const frame = (await frameOf(lived(20_500, { columns, rows: 40, trouble: 8, expectations: FAILED }))).join('\n');
    expect(frame, `${columns} columns`).toMatch(/state .*service .*handler .*fly queue .*done .*err .*dead .*p95/);
    expect(frame, `${columns} columns`).toMatch(/\d (?:DBG|INF|WRN|ERR) .*req-1\d{4}/);
  }
});

test('at every size from 1×1 to 240×70 each row of the terminal is written once and none is too long', async () => {
  const model = lived(5_000, { trouble: 4, expectations: FAILED });
  for (const columns of [1, 7, 40, 63, 110, 240]) {
    for (const rows of [1, 2, 4, 10, 16, 33, 70]) {
      for (const shown of [model, press(model, '?'), press(model, '3', 'enter'), press(model, 'p', 'x')]) {
        const frame = await frameOf(send(shown, { kind: 'resize', columns, rows }));
        expect(frame).toHaveLength(rows);
      }
    }
  }
});
