import type { ReactElement } from 'react';
import type { Model } from '../model.js';
import { errorsLately, troubles } from '../select/trouble.js';
import { type Line, paint, span, spread } from '../text/line.js';
import { many } from '../text/many.js';
import type { Glyphs } from '../text/theme.js';
import { Rows, type Ui } from './Pane.js';

/** The thing that is wrong, unmissable; calm where nothing is. */
export function TroubleLine({ ui, model }: { readonly ui: Ui; readonly model: Model }): ReactElement {
  return (
    <Rows
      ui={ui}
      width={model.columns}
      painted={[paint(troubleLine(model, ui.theme.glyphs), model.columns, ui.theme)]}
    />
  );
}

function troubleLine(model: Model, glyphs: Glyphs): Line {
  const [worst, ...others] = troubles(model);
  if (worst === undefined) {
    const errors = errorsLately(model);
    const text = errors === 0 ? 'nothing is wrong' : `nothing is failing; ${many(errors, 'error')} in the last minute`;
    return [span(` ${glyphs.ok} ${text}`, 'calm')];
  }
  const tone = worst.level === 'bad' ? 'alarm' : 'warn';
  const sign = worst.level === 'bad' ? `${glyphs.bad} ` : `${glyphs.warn} `;
  const more = others.length === 0 ? '' : ` and ${others.length} more `;
  return spread(
    [span(` ${sign}${worst.text} `, tone)],
    [span(more, tone)],
    model.columns,
    ' ',
    worst.level === 'bad' ? 'alarm' : 'plain',
  );
}
