/** The log is removed, replaced, or its folder taken away while it is written. */
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { LogAudit } from '../../support/log-audit.js';
import { between } from '../../support/looks.js';
import { Program, pause, until } from '../../support/programs.js';
import { cfBus, endWriter, environment, type Ground, type Outcome, occurrences, READY_MS, TOLD_MS } from './ground.js';
import { TroubledRun } from './troubled-run.js';

const REMOVED = 'was removed; it is begun anew';

/** `times` under 5,000 events a second: told each time, and all that went with the file after its removal is counted. */
export async function removedUnderLoad(ground: Ground, times: number): Promise<Outcome> {
  const folder = join(ground.scratch, 'gone');
  const file = join(folder, 'logs', 'a.log');
  const args = [file, '5000', 'g'];
  const writer = new Program(ground.writer, args, { cwd: ground.scratch, env: environment(ground, folder) });
  const problems: string[] = [];
  await until(() => (existsSync(file) ? true : undefined), READY_MS);
  for (let time = 1; time <= times; time++) {
    await pause(between(ground.random, 0, 1_200));
    problems.push(...(await removeOnce(ground, writer, file, time)));
  }
  const end = await endWriter(writer);
  const audit = new LogAudit(file);
  if (audit.torn.length + audit.broken.length > 0) problems.push('the last file has lines that are not whole');
  if (end === undefined || end.refused !== '') problems.push(`it did not end well: ${end?.refused} ${writer.stderr}`);
  if (lastOf(audit) !== end?.records) problems.push(`the last record is number ${lastOf(audit)} of ${end?.records}`);
  const most = Math.max(...counted(writer));
  const figures = [['most that went with a removed log', `${most} records`]] as const;
  return { what: 'a removed log', tried: times, problems, figures };
}

async function removeOnce(ground: Ground, writer: Program, file: string, time: number): Promise<string[]> {
  // Still open, it can be read after its removal.
  const fd = openSync(file, 'r');
  const copy = join(ground.scratch, `removed-${time}.log`);
  const { size } = fstatSync(fd);
  remove(file, time);
  const told = () => (counted(writer).length >= time ? true : undefined);
  const problems = (await until(told, TOLD_MS)) === undefined ? [`removal ${time} was not told: ${writer.stderr}`] : [];
  if (occurrences(writer.stderr, REMOVED) !== time)
    problems.push(`removal ${time} was told otherwise: ${writer.stderr}`);
  const old = readFileSync(fd);
  closeSync(fd);
  writeFileSync(copy, old);
  const after = old.subarray(size).toString('latin1').split('\n').length - 1;
  const lost = counted(writer)[time - 1] ?? 0;
  if (lost < after) problems.push(`${after} records went with the file, and ${lost} are told`);
  const [before, now] = [new LogAudit(copy), new LogAudit(file)];
  if (now.torn.length + now.broken.length > 0) problems.push('lines of the new log are not whole');
  const [session] = now.sessions.values();
  if (session === undefined || session.holes.length > 0) problems.push('the new log has holes, or nothing at all');
  if (session?.firstSeq !== lastOf(before) + 1)
    problems.push(`the old file ends with record ${lastOf(before)}, the new one begins with ${session?.firstSeq}`);
  if (session?.lost !== lost) problems.push(`log_gap tells ${session?.lost} records, standard error ${lost}`);
  return problems;
}

/** Alone, in one step by another file, or with its folder. */
function remove(file: string, time: number): void {
  if (time % 3 === 1) return rmSync(file);
  if (time % 3 === 0) return rmSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, '');
  renameSync(`${file}.new`, file);
}

/** What was told to be lost, each time. */
function counted(writer: Program): number[] {
  return [...writer.stderr.matchAll(/RECOVERED (\d+)/g)].map(([, lost]) => Number(lost));
}

function lastOf(audit: LogAudit): number {
  const [session] = audit.sessions.values();
  return session?.lastSeq ?? 0;
}

/** Something else stands in its place, and is taken away again: publishes are refused meanwhile, and nothing is lost. */
export async function replaced(ground: Ground, by: 'directory' | 'link'): Promise<Outcome> {
  const what = `a ${by} in the place of the log`;
  const log = join(ground.scratch, `by-${by}`, 'a.log');
  const run = new TroubledRun(ground, `by-${by}`, log);
  const old = `${log}.1`;
  try {
    if (await run.up()) {
      run.atOnce(() => {
        renameSync(log, old);
        if (by === 'directory') mkdirSync(log);
        else symlinkSync(join(ground.scratch, 'elsewhere.log'), log);
      });
      await run.troubled(by === 'directory' ? 'is a directory' : 'is a symbolic link', 1);
      rmSync(log, { recursive: true });
      await run.recovered(1);
    }
    const { problems, lost } = await run.end(() => new LogAudit(old, log));
    if (existsSync(join(ground.scratch, 'elsewhere.log'))) problems.push('it wrote through the link');
    return { what, tried: 1, problems, lost };
  } finally {
    run.dispose();
  }
}

/** A run whose log is removed goes on, and what it acknowledges from then on is in the new file. */
export async function removedFromARun(ground: Ground): Promise<Outcome> {
  const log = join(ground.scratch, 'rm', 'a.log');
  const run = new TroubledRun(ground, 'rm', log);
  try {
    let before = 0;
    if (await run.up()) {
      rmSync(log);
      // Those under way at this moment may be in the old file.
      await run.publishes();
      await pause(50);
      before = run.acknowledged.length;
      await run.recovered(1);
    }
    const stats = cfBus(ground, run.folder, ['stats', '--json']);
    if ((await stats.within(READY_MS))?.code !== 0) run.problems.push(`stats failed: ${stats.stderr}`);
    const { problems } = await run.end(() => {
      const audit = new LogAudit(log);
      for (const { eventId } of run.acknowledged.slice(0, before)) audit.published.set(eventId, 1);
      return audit;
    });
    // The totals tell of events whose records went with the old file.
    const others = problems.filter((text) => !/in the totals|not settled/.test(text));
    return { what: 'a log that is removed from a run', tried: 1, problems: others };
  } finally {
    run.dispose();
  }
}
