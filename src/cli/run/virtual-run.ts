/** `run --virtual`: the same bus and the same handlers on a clock that jumps. */
import type { BusObserver } from '../../bus/index.js';
import { formatDuration, safe, VERSION } from '../../kernel/index.js';
import { type Log, openLog } from '../../record/index.js';
import { type RunResult, runVirtual } from '../../simulator/index.js';
import type { Context, ExitCode } from '../context.js';
import { troubleNotices } from '../log-trouble.js';
import { showProgress } from './progress.js';
import type { RunSettings } from './settings.js';
import { showRecords } from './show-records.js';
import { printSummary } from './summary.js';
import { sessionTotals } from './totals.js';
import { TraceBook } from './trace-book.js';

export async function runInVirtualTime(context: Context, settings: RunSettings): Promise<ExitCode> {
  const { lifecycle, notices } = context;
  const { scenario, seed, options, logFile } = settings;
  lifecycle.takeSignals(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP']);
  let log: Log | undefined;
  let book: TraceBook | undefined;
  const progress = showProgress(notices);
  notices.line(`${notices.paint('bold', safe(scenario.name))}  ${notices.paint('dim', `virtual time, seed ${seed}`)}`);
  const result: RunResult = await runVirtual({
    scenario,
    seed,
    openLog: ({ clock, ids }) => {
      const opened = openLog({
        file: logFile,
        level: 'debug',
        payloads: options.logPayloads,
        redact: options.redact,
        clock,
        session: ids.session,
        fresh: true,
        ...troubleNotices(notices),
      });
      lifecycle.onClose(() => opened.close());
      // Lines of a virtual run would pass faster than anybody reads; as JSON they have readers.
      if (options.json === true) lifecycle.onClose(showRecords(context, settings, opened));
      opened.observer.sessionStarted({ scenario: scenario.name, seed, clock: 'virtual', version: VERSION });
      log = opened;
      book = new TraceBook(clock);
      return opened;
    },
    observers: [delegate(() => book)],
    onProgress: progress.update,
    duration: options.duration,
    drain: options.drain,
    allowModules: options.allowModules,
    signal: lifecycle.signal,
  });
  progress.end();
  log?.observer.sessionStopped(sessionTotals(lifecycle.signal.aborted ? 'signal' : 'finished', result.left.stats));
  if (options.json !== true && book !== undefined) {
    printSummary(
      {
        scenario: scenario.name,
        seed,
        session: result.session,
        elapsed: result.duration,
        traffic: result.traffic,
        left: result.left,
        book,
        expectations: result.expectations,
        problems: result.problems,
        logFile,
      },
      context.out,
      context.ascii,
    );
  } else if (options.json === true)
    notices.line(notices.paint('dim', `ended after ${formatDuration(result.duration)}`));
  return result.passed ? 0 : 1;
}

/** The book needs the run's clock, which is made with the run. */
function delegate(book: () => TraceBook | undefined): BusObserver {
  return {
    published: (event, count) => book()?.published(event, count),
    completed: (delivery) => book()?.completed(delivery),
    failed: (delivery, failure) => book()?.failed(delivery, failure),
    abandoned: (delivery) => book()?.abandoned(delivery),
  };
}
