/** Publishes once or many times, waits for what comes of it, and shows that. */
import { realClock, safeJson, sleep } from '../../kernel/index.js';
import type { Context, ExitCode } from '../context.js';
import type { PublishOptions } from '../definitions/running.js';
import { EVENT_EXAMPLES } from '../event-examples.js';
import { withTimeout } from '../wait.js';
import {
  exitCodeOf,
  type Outcome,
  type Published,
  printLine,
  printNotices,
  printTree,
  publishedJson,
} from './outcome.js';
import type { Publication, Taken, Target } from './target.js';

export function publishAndShow(
  context: Context,
  target: Target,
  publication: Publication,
  options: PublishOptions,
): Promise<ExitCode> {
  return options.count === 1
    ? publishOne(context, target, publication, options)
    : publishMany(context, target, publication, options);
}

async function publishOne(
  context: Context,
  target: Target,
  publication: Publication,
  options: PublishOptions,
): Promise<ExitCode> {
  const published = await publishAndWait(context, target, publication, options);
  if (options.json) context.out.json(publishedJson(published));
  else {
    printTree(context, published);
    printNotices(context, published, publication.type, Object.keys(EVENT_EXAMPLES));
  }
  return exitCodeOf(published);
}

/** One after the other; with `--rate`, so many a second, whatever becomes of them. */
async function publishMany(
  context: Context,
  target: Target,
  publication: Publication,
  options: PublishOptions,
): Promise<ExitCode> {
  const { out, notices, lifecycle } = context;
  const codes: ExitCode[] = [];
  const show = (published: Published) => {
    codes.push(exitCodeOf(published));
    if (options.json) out.line(safeJson(publishedJson(published)));
    else printLine(context, published);
  };
  const begun = realClock.now();
  const underway: Promise<void>[] = [];
  for (let index = 0; index < options.count && !lifecycle.signal.aborted; index++) {
    if (options.rate !== undefined) {
      const due = begun + (index * 1_000) / options.rate;
      await sleep(realClock, due - realClock.now());
    }
    const one = publishAndWait(context, target, publication, options).then(show);
    if (options.rate === undefined) await one;
    else underway.push(one);
  }
  await Promise.all(underway);
  const count = (code: ExitCode) => codes.filter((each) => each === code).length;
  const parts = [
    `${codes.length} published`,
    `${count(0)} ok`,
    `${count(1)} failed`,
    `${count(3)} not settled in time`,
  ];
  if (!options.json) notices.line(parts.filter((part, index) => index < 2 || !part.startsWith('0')).join(', '));
  return count(3) > 0 ? 3 : count(1) > 0 ? 1 : 0;
}

async function publishAndWait(
  context: Context,
  target: Target,
  publication: Publication,
  options: PublishOptions,
): Promise<Published> {
  const taken = await target.publish(publication);
  const outcome = options.wait ? await waitFor(context, taken, options.timeout) : ({ kind: 'sent' } as const);
  return { session: target.session, taken, outcome };
}

async function waitFor({ lifecycle }: Context, taken: Taken, timeout: number): Promise<Outcome> {
  const aborted = new Promise<void>((resolve) => {
    lifecycle.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let outcome: Outcome = { kind: 'late' };
  const settled = taken.settled.then((settlement) => {
    outcome = { kind: 'settled', settlement };
  });
  await withTimeout(Promise.race([settled, aborted]), timeout);
  return outcome;
}
