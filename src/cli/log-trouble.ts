/** What is said on stderr when the log of a command cannot be written, and when it can be again. */
import { safe } from '../kernel/index.js';
import type { LogOptions } from '../record/index.js';
import type { Output } from './output.js';

/** Options for the log of a run that has no dashboard to show it in. */
export function troubleNotices(notices: Output): Pick<LogOptions, 'onTrouble' | 'onRecovered'> {
  const tell = (style: 'red' | 'yellow', text: string) => notices.line(notices.paint(style, `cf-bus: ${text}`));
  return {
    onTrouble: ({ message, hint }) => {
      tell('red', safe(message));
      if (hint !== undefined) notices.line(`  ${safe(hint)}`);
    },
    onRecovered: (lost) =>
      tell('yellow', `the log can be written again; ${lost} ${lost === 1 ? 'record is' : 'records are'} lost`),
  };
}
