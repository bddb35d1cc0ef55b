/** Hostile texts in the dashboard: what it writes to the terminal to show them. A program of its own: it loads React. */
import { announce, greeting } from '../../../../src/dashboard/announce.js';
import type { Model } from '../../../../src/dashboard/model.js';
import { bytesOf, emptyModel, feed, press, send, tick } from '../../../dashboard/support/screen.js';
import { hostileStory } from './story.js';

const KEYS: readonly (readonly string[])[] = [
  [],
  ['1', 'enter'],
  ['2', 'd'],
  ['3', 'enter'],
  ['3', 'enter', 'esc', 'z'],
  ['4', 'z'],
  ['5', 'enter'],
  ['5', 'g', 'r'],
  ['p', 'tab'],
  ['/', 'a', 'enter'],
  ['t', 'x'],
  ['5', 'y'],
  ['?'],
];

/** Which of `KEYS` there are. */
export const VIEWS = KEYS.length;

/** What one view writes, and what a screen reader is told. */
export function viewOf(texts: readonly string[], view: number): { readonly drawn: string; readonly said: string } {
  const [a = '', b = '', c = ''] = texts;
  const size = view % 2 === 0 ? { columns: 80, rows: 24 } : { columns: 140, rows: 50 };
  const empty = emptyModel({ ...size, known: { types: () => [a, b] } });
  const header = { ...empty.header, title: a, session: b, log: c };
  const fed = tick(feed({ ...empty, header }, hostileStory(texts, 's1')), 1_000, [
    { label: b, state: 'failed', detail: c },
  ]);
  const model = press(fed, ...(KEYS[view % KEYS.length] ?? []));
  const shown =
    view % 3 === 0
      ? send(model, { kind: 'refused', reason: c })
      : send(model, { kind: 'published', eventId: a, traceId: b });
  const ascii = view % 2 === 1;
  return { drawn: bytesOf(shown, { colors: view % 4 === 0 ? 'none' : 'rich', ascii }), said: lines(empty, fed, shown) };
}

function lines(...models: readonly Model[]): string {
  return models
    .flatMap((model, index) => [...greeting(model), ...announce(models[Math.max(0, index - 1)] ?? model, model)])
    .join('\n');
}
