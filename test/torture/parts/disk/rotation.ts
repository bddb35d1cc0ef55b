/**
 * Rotation under load. What can be promised: after a rename (with SIGHUP, or alone) nothing is lost and nothing is there
 * twice, in whole lines. After copy-and-truncate the same, but for what is written between the copier's last read and its
 * truncation: that is the copier's to lose, at most one stretch of records for each rotation, and the copy may end inside
 * a line. Where the program is stopped meanwhile, that stretch is empty.
 */
import { copyFileSync, existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flaws, LogAudit, unfinished } from '../../support/log-audit.js';
import { between, isRaw } from '../../support/looks.js';
import { Program, pause, until } from '../../support/programs.js';
import { sessionOf } from '../../support/publishers.js';
import { cfBus, endWriter, environment, type Ground, type Outcome, READY_MS, runScenario, TOLD_MS } from './ground.js';
import { RotatedSet } from './rotated-set.js';

const EVENTS_PER_SECOND = 5_000;
/** Every so many rotations one old part is packed. */
const PACKED_EVERY = 5;

/** `cf-bus run`: rename, then SIGHUP. Its rotated set, packed parts and all, is one log for `stats` and `trace`. */
export async function renameAndHup(ground: Ground, rotations: number): Promise<Outcome> {
  const folder = join(ground.scratch, 'hup');
  mkdirSync(folder);
  writeFileSync(join(folder, 'disk.yaml'), runScenario(EVENTS_PER_SECOND / 2));
  const set = new RotatedSet(join(folder, 'a.log'));
  const args = ['run', 'disk.yaml', '--no-ui', '--stay', '--log', set.file];
  const run = cfBus(ground, folder, args, { detached: true, onOutput: () => {} });
  const problems: string[] = [];
  if ((await until(() => sessionOf(folder, run.pid), READY_MS)) === undefined) problems.push('the run did not come up');
  const begun = performance.now();
  for (let rotation = 1; rotation <= rotations && !run.isOver; rotation++) {
    await pause(between(ground.random, 20, 120));
    set.rename();
    run.kill('SIGHUP');
    const anew = await until(() => (existsSync(set.file) ? true : undefined), TOLD_MS);
    if (anew === undefined) problems.push(`no new log after rotation ${rotation}`);
    if (rotation % PACKED_EVERY === 0) set.pack();
  }
  const seconds = (performance.now() - begun) / 1_000;
  run.kill('SIGTERM');
  const ended = await run.within(READY_MS);
  if (ended?.code !== 143) problems.push(`it ended with ${ended?.code ?? ended?.signal}: ${run.stderr}`);
  if (isRaw(run.stderr)) problems.push(run.stderr);
  const audit = new LogAudit(...set.files());
  problems.push(...flaws(audit));
  const [session] = audit.sessions.values();
  if (session === undefined) return { what: 'rename and SIGHUP', tried: rotations, problems: [...problems, 'no log'] };
  problems.push(...unfinished(session), ...(await readSet(ground, folder, set.file, session.events)));
  const lost = (session.stopped?.events ?? 0) - session.events;
  const rate = Math.round(session.events / seconds);
  return { what: 'rename and SIGHUP', tried: rotations, problems, lost, figures: [['run', `${rate} events/s`]] };
}

/** The whole set as one log. */
async function readSet(ground: Ground, folder: string, log: string, events: number): Promise<string[]> {
  const stats = cfBus(ground, folder, ['stats', '--json', '--log', log]);
  const trace = cfBus(ground, folder, ['trace', 'tick-1', '--log', log]);
  await Promise.all([stats.within(READY_MS), trace.within(READY_MS)]);
  if (!stats.stdout.startsWith('{')) return [`stats of the set failed: ${stats.stderr}`];
  const counts: Readonly<Record<string, number>> = JSON.parse(stats.stdout).event_counts;
  const counted = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const problems = counted === events ? [] : [`stats counts ${counted} events in the set, of ${events}`];
  if (!trace.stdout.includes('disk.tock')) problems.push(`trace does not find the first request: ${trace.stderr}`);
  return problems;
}

/** Two embedding programs on one log, and nobody tells them. */
export async function renameAlone(ground: Ground, rotations: number): Promise<Outcome> {
  const set = new RotatedSet(join(ground.scratch, 'rename', 'a.log'));
  const writers = ['a', 'b'].map((prefix) => startWriter(ground, set.file, EVENTS_PER_SECOND / 2, prefix));
  const problems = (await isThere(set.file)) ? [] : ['there is no log'];
  for (let rotation = 1; rotation <= rotations; rotation++) {
    await pause(between(ground.random, 20, 300));
    set.rename();
    if (!(await isThere(set.file))) problems.push(`no new log after rotation ${rotation}`);
  }
  const ends = await Promise.all(writers.map(endWriter));
  const audit = new LogAudit(...set.files());
  problems.push(...flaws(audit), ...saidBy(writers));
  const made = ends.reduce((sum, end) => sum + (end?.records ?? Number.NaN), 0);
  if (made !== audit.records) problems.push(`${made} records were made, ${audit.records} are there`);
  const rate = Math.round(ends.reduce((sum, end) => sum + (end === undefined ? 0 : end.published / end.seconds), 0));
  const figures = [['two programs', `${rate} events/s`]] as const;
  return { what: 'rename alone', tried: rotations, problems, lost: Math.abs(made - audit.records), figures };
}

/** @param stopped stops the program from the copy to the truncation. */
export async function copyAndTruncate(ground: Ground, rotations: number, stopped: boolean): Promise<Outcome> {
  const what = stopped ? 'copy and truncate, stopped meanwhile' : 'copy and truncate';
  const set = new RotatedSet(join(ground.scratch, stopped ? 'copy-s' : 'copy', 'a.log'));
  const writer = startWriter(ground, set.file, EVENTS_PER_SECOND, 'c');
  const problems = (await isThere(set.file)) ? [] : ['there is no log'];
  for (let rotation = 1; rotation <= rotations; rotation++) {
    await pause(between(ground.random, 20, 150));
    if (stopped) writer.kill('SIGSTOP');
    copyFileSync(set.file, set.shift());
    truncateSync(set.file, 0);
    if (stopped) writer.kill('SIGCONT');
  }
  const end = await endWriter(writer);
  const audit = new LogAudit(...set.files());
  const missing = (end?.records ?? Number.NaN) - audit.records;
  problems.push(...saidBy([writer]), ...(stopped ? flaws(audit) : ownFlaws(set, audit, missing)));
  if (stopped && missing !== 0) problems.push(`${missing} records are missing`);
  const figures = stopped
    ? []
    : [['between a copy and its truncation', `${missing} of ${end?.records} records`] as const];
  return { what, tried: rotations, problems, lost: stopped ? missing : 0, figures };
}

/** What is the writer's own, and not the copier's, where the two race. */
function ownFlaws(set: RotatedSet, audit: LogAudit, missing: number): string[] {
  const files = set.files();
  const problems = files.flatMap((file) => {
    const part = new LogAudit(file);
    const [session] = part.sessions.values();
    const holes = session?.holes.length ?? 0;
    return [
      ...(holes > 0 ? [`${holes} holes inside ${file}`] : []),
      ...(part.broken.length > 0 ? [`${part.broken.length} broken lines in ${file}`] : []),
      ...(part.torn.length > 0 && file === set.file ? ['the log itself ends inside a line'] : []),
    ];
  });
  const [session] = audit.sessions.values();
  if (session === undefined) return [...problems, 'no log'];
  if (session.repeated > 0 || audit.repeatedEvents.length > 0) problems.push('records are there twice');
  const holes = session.holes.reduce((sum, hole) => sum + hole.missing, 0);
  if (holes !== missing) problems.push(`${missing} records are missing, and the holes between the parts are ${holes}`);
  return problems;
}

function startWriter(ground: Ground, file: string, perSecond: number, prefix: string): Program {
  const args = [file, String(perSecond), prefix];
  return new Program(ground.writer, args, { cwd: ground.scratch, env: environment(ground, ground.scratch) });
}

async function isThere(file: string): Promise<boolean> {
  return (await until(() => (existsSync(file) ? true : undefined), TOLD_MS)) === true;
}

function saidBy(writers: readonly Program[]): string[] {
  return writers.filter(({ stderr }) => stderr !== '').map(({ stderr }) => `it said: ${stderr}`);
}
