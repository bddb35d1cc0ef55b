/** The line being typed, and the line above it that helps. */

import { FILTER_FIELDS } from '../../record/index.js';
import type { Editor } from '../editor.js';
import type { Model } from '../model.js';
import { completions, splitPublish } from '../publish-line.js';
import { logRows } from '../select/log.js';
import { clip, gap, type Line, lineWidth, span, spread } from '../text/line.js';
import type { Theme } from '../text/theme.js';
import { graphemes, truncateStart, widthOf } from '../text/width.js';

export function promptLines(model: Model, { glyphs }: Theme): readonly Line[] {
  const { prompt, columns } = model;
  switch (prompt.kind) {
    case 'none':
      return [];
    case 'filter': {
      const { rows, of } = logRows(model);
      const help = `${FILTER_FIELDS.map((name) => `${name}:`).join(' ')} -not "two words"`;
      return [
        spread(
          [span(` ${help}`, 'dim')],
          [span(`${rows.length} of ${of} records `, rows.length === 0 ? 'warn' : 'ok')],
          columns,
        ),
        editorLine('/', prompt.editor, columns),
      ];
    }
    case 'publish': {
      const status = prompt.sending ? [span(' sending', 'accent')] : undefined;
      const problem = prompt.problem === undefined ? undefined : [span(` ${glyphs.bad} ${prompt.problem}`, 'bad')];
      return [
        clip(status ?? problem ?? publishHelp(model, prompt.choice), columns),
        editorLine('publish', prompt.editor, columns),
      ];
    }
    case 'delay': {
      const problem = prompt.problem === undefined ? [] : [span(` ${glyphs.bad} ${prompt.problem}`, 'bad')];
      const help =
        problem.length > 0
          ? problem
          : [span(' how much slower each attempt gets: 200ms, 1.5s   Enter switches it on', 'dim')];
      return [help, editorLine(`delay ${prompt.target} by`, prompt.editor, columns)];
    }
  }
}

function publishHelp(model: Model, choice: number): Line {
  if (model.prompt.kind !== 'publish') return [];
  const { type, typing } = splitPublish(model.prompt.editor.text);
  if (!typing) return [span(' Enter sends it   Esc cancels', 'dim')];
  const found = completions(model, type);
  if (found.length === 0)
    return [
      span(
        type === '' ? ' an event type, then its payload as JSON' : ' a new type; Enter sends it with no payload',
        'dim',
      ),
    ];
  const first = Math.max(0, choice - 3);
  const offers = found
    .slice(first)
    .flatMap((one, index): Line => [span(` ${one} `, index + first === choice ? 'cursor' : 'plain')]);
  return [span(' Tab ', 'key'), ...offers];
}

/** The text around the cursor, where it does not fit as a whole. */
function editorLine(label: string, { text, cursor }: Editor, columns: number): Line {
  const start: Line = [span(` ${label} `, 'key')];
  const room = Math.max(4, columns - lineWidth(start) - 1);
  const before = span(text.slice(0, cursor)).text;
  const [under = ' ', ...after] = graphemes(text.slice(cursor, cursor + room * 4));
  const left = widthOf(before) < room - 1 ? before : truncateStart(before, room - 1);
  const rest = span(after.join('')).text;
  return clip([...start, span(left), span(under === '' ? ' ' : under, 'cursor'), span(rest), gap], columns);
}
