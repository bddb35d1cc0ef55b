/** `run` on the real clock: from the first record to the summary. */
import type { CloseReport } from '../../bus/index.js';
import { safe } from '../../kernel/index.js';
import type { Context, ExitCode } from '../context.js';
import { LineBacklog } from './line-backlog.js';
import { Notices } from './notify.js';
import { announcement, openSession, type Session } from './open-session.js';
import { runDashboard, showsDashboard } from './run-dashboard.js';
import type { RunSettings } from './settings.js';
import { showRecords } from './show-records.js';
import { aborted, limitDuration, type Shown } from './shown.js';
import { printSummary } from './summary.js';
import { sessionTotals } from './totals.js';
import { watchScenario } from './watch.js';

/** Real milliseconds that a signal leaves for what is under way. */
const SIGNAL_DRAIN_MS = 4_000;

export async function runInRealTime(context: Context, settings: RunSettings): Promise<ExitCode> {
  const { lifecycle } = context;
  lifecycle.takeSignals(['SIGINT', 'SIGTERM', 'SIGQUIT']);
  const notices = new Notices(context.notices);
  const backlog = showsDashboard(context, settings.options) ? new LineBacklog() : undefined;
  const session = await openSession(context, settings, notices.notify, backlog?.add);
  const { simulation, log, clock } = session;
  context.notices.line(
    `${context.notices.paint('bold', safe(settings.scenario.name))}  ${context.notices.paint('dim', announcement(settings, session.name))}`,
  );
  const { traffic, hurry, finish } =
    backlog === undefined
      ? await runWithLines(context, settings, session, notices)
      : await runDashboard(context, settings, session, notices, backlog);
  const left = await drain(context, settings, session, hurry);
  const asked = session.stoppedBy() === undefined ? 'finished' : 'stopped';
  const reason = lifecycle.signal.aborted ? 'signal' : asked;
  log.observer.sessionStopped(sessionTotals(reason, left.stats));
  log.flush();
  const judged = simulation.expectations();
  const summary = {
    scenario: settings.scenario.name,
    seed: settings.seed,
    session: log.session,
    elapsed: clock.now() - session.startedAt,
    traffic,
    left,
    book: session.book,
    expectations: judged,
    problems: simulation.problems(),
    logFile: settings.logFile,
  };
  finish();
  if (settings.options.json !== true) printSummary(summary, context.out, context.ascii);
  const failed = traffic.failure !== undefined || judged.some(({ verdict }) => verdict === 'failed');
  // Who leaves by hand knows that something was under way.
  const givenUp = !hurry && (left.abandoned.length > 0 || left.cancelled > 0);
  return failed || givenUp ? 1 : 0;
}

async function runWithLines(
  context: Context,
  settings: RunSettings,
  session: Session,
  notices: Notices,
): Promise<Shown> {
  const { simulation, stopped } = session;
  const { options } = settings;
  const finish = showRecords(context, settings, session.log);
  context.lifecycle.onClose(finish);
  await session.start();
  if (options.watch === true) context.lifecycle.onClose(watchScenario(settings, simulation, notices));
  limitDuration(session, options.duration);
  const ending = Promise.race([aborted(context.lifecycle.signal), stopped]);
  const over = await Promise.race([simulation.finished, ending.then(() => undefined)]);
  if (options.stay === true && over !== undefined && over.failure === undefined) {
    notices.notify('dim', 'The traffic is over; the session stays up for publish until Ctrl-C.');
    await ending;
  }
  simulation.stop();
  return { traffic: await simulation.finished, hurry: false, finish };
}

/** Lets what is under way end: as long as `--drain` says, or 4 s once a signal came or a person left the dashboard. */
async function drain(
  { lifecycle }: Context,
  { options }: RunSettings,
  { clock, simulation, stopTaking }: Session,
  hurry: boolean,
): Promise<CloseReport> {
  stopTaking();
  const { signal } = lifecycle;
  // It took time already to close a dashboard.
  const left = Math.max(0, SIGNAL_DRAIN_MS - lifecycle.sinceEnding);
  const short = Math.min(left * clock.speed, options.drain);
  if (signal.aborted || hurry) return simulation.close({ drain: short });
  // The signal may come while it drains.
  void aborted(signal).then(() => clock.setTimer(short, () => simulation.giveUp(), { background: true }));
  return simulation.close({ drain: options.drain });
}
