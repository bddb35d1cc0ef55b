/** What a service publishes by itself, again and again. */
import type { Timer } from '../kernel/index.js';
import type { Every, Publication, TemplateScope } from '../scenario/index.js';
import type { Stage } from './stage.js';

/**
 * Publishes after one interval and then after each, every time under a trace of its own; returns what ends it. Ticks that
 * a busy machine missed are left out.
 */
export function startEvery(stage: Stage, service: string, { interval, publish }: Every): () => void {
  const start = stage.clock.now();
  let ticks = 0;
  let sequence = 0;
  let timer: Timer | undefined;
  const tick = () => {
    sequence++;
    const scope: TemplateScope = { variables: stage.variables, sequence };
    const traceId = stage.ids.trace();
    for (const publication of publish) publishOne(stage, { source: service, traceId }, publication, scope);
    schedule();
  };
  const schedule = () => {
    const elapsed = stage.clock.now() - start;
    ticks = Math.max(ticks + 1, Math.floor(elapsed / interval));
    timer = stage.setTimer(start + ticks * interval - stage.clock.now(), tick);
  };
  schedule();
  return () => {
    if (timer !== undefined) stage.cancel(timer);
  };
}

function publishOne(
  stage: Stage,
  origin: { readonly source: string; readonly traceId: string },
  publication: Publication,
  scope: TemplateScope,
): void {
  const { type, after, when } = publication;
  try {
    if (when !== undefined && !when(scope)) return;
    const input = { type, payload: publication.payload(scope), ...origin };
    if (after === undefined) stage.publishRoot(input);
    else stage.setTimer(after, () => stage.publishRoot(input));
  } catch (error) {
    stage.problems.note(error);
  }
}
