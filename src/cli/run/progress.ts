/** Progress of a run in virtual time: on a terminal, from the third second on, on one line that goes away. */
import { type Clock, formatDuration, realClock } from '../../kernel/index.js';
import type { Progress } from '../../simulator/index.js';
import type { Output } from '../output.js';

const FROM_MS = 2_000;
const CLEAR_LINE = '\r\u001b[K';

export interface ProgressLine {
  update(progress: Progress & { readonly events: number }): void;
  end(): void;
}

export function showProgress(out: Output, clock: Clock = realClock): ProgressLine {
  const start = clock.now();
  let shown = false;
  return {
    update({ elapsed, planned, events, started }) {
      const real = clock.now() - start;
      if (!out.isTerminal || real < FROM_MS) return;
      shown = true;
      const parts = [
        `${formatDuration(elapsed)}${planned === undefined ? '' : ` of ${formatDuration(planned)}`} of virtual time`,
        `${started} requests`,
        `${Math.round(events / (real / 1_000)).toLocaleString('en-US')} events/s`,
      ];
      if (planned !== undefined && elapsed > 0 && elapsed < planned) {
        parts.push(`${formatDuration((real * (planned - elapsed)) / elapsed)} left`);
      }
      out.write(`${CLEAR_LINE}${parts.join(', ')}`);
    },
    end() {
      if (shown) out.write(CLEAR_LINE);
    },
  };
}
