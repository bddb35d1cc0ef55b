/** The disk is full, or the file has reached its limit: told, counted, in whole lines, and well again with space. */
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flaws, LogAudit } from '../../support/log-audit.js';
import { between } from '../../support/looks.js';
import { Program, pause, until } from '../../support/programs.js';
import { cfBus, endWriter, environment, type Ground, type Outcome, READY_MS, runScenario, TOLD_MS } from './ground.js';
import type { SmallDisk } from './small-disk.js';
import { TroubledRun } from './troubled-run.js';

const FULL = 'the disk is full (ENOSPC)';
const LIMIT = 'the file has reached the size limit (ulimit -f)';
/** More than the eight megabytes that are kept: a truncated file must take them all. So much of it is an old log. */
const LIMIT_BYTES = 12_000_000;
const OLD_BYTES = 11_500_000;
/** Of payload a second: the eight megabytes that are kept are full soon. */
const FLOOD = { perSecond: 4_000, bytes: 2_000 };

/**
 * Several times in one run; it keeps its records until there is space. Every other time the log is renamed meanwhile: what
 * was left of a line in there is whole in the new one.
 */
export async function fullAgainAndAgain(ground: Ground, disk: SmallDisk, times: number): Promise<Outcome> {
  const log = join(disk.folder, 'a.log');
  const run = new TroubledRun(ground, 'full', log);
  const old: string[] = [];
  try {
    for (let time = 1; time <= times && (time > 1 || (await run.up())); time++) {
      await pause(between(ground.random, 0, 200));
      disk.fill();
      await run.troubled(FULL, time);
      if (time % 2 === 0) {
        old.push(`${log}.${time}`);
        renameSync(log, `${log}.${time}`);
        // It is begun, and takes nothing yet.
        await until(() => (existsSync(log) ? true : undefined), TOLD_MS);
      }
      disk.free();
      await run.recovered(time);
    }
    const audit = new LogAudit(...old);
    audit.torn.length = 0;
    const { problems, lost } = await run.end(() => {
      audit.read(log);
      return audit;
    });
    return { what: 'a full disk, again and again', tried: times, problems: [...problems, ...flaws(audit)], lost };
  } finally {
    run.dispose();
    disk.free();
  }
}

/** Full before the run begins. */
export async function fullFromTheStart(ground: Ground, disk: SmallDisk): Promise<Outcome> {
  disk.fill();
  const run = new TroubledRun(ground, 'start', join(disk.folder, 'start.log'));
  try {
    if (await run.up(false)) {
      await run.troubled(FULL, 1);
      disk.free();
      await run.recovered(1);
    }
    const audit = () => new LogAudit(run.log);
    const { problems, lost } = await run.end(audit);
    problems.push(...(await endsWhileFull(ground, disk)));
    return { what: 'a disk that is full from the start', tried: 1, problems: [...problems, ...flaws(audit())], lost };
  } finally {
    run.dispose();
    disk.free();
  }
}

/** A run that ends by itself on a full disk: how many records are lost, and an exit code that a script sees. */
async function endsWhileFull(ground: Ground, disk: SmallDisk): Promise<string[]> {
  writeFileSync(join(disk.folder, 'short.yaml'), runScenario(100));
  disk.fill();
  const args = ['run', 'short.yaml', '--no-ui', '--log', 'short.log', '--duration', '500ms'];
  const run = cfBus(ground, ground.scratch, args, { cwd: disk.folder });
  // Its socket's description would be on the full disk, too.
  const described = cfBus(ground, disk.folder, args);
  const [ended, refused] = await Promise.all([run.within(READY_MS), described.within(READY_MS)]);
  const told = ended?.code === 2 && run.stderr.includes(FULL) && /\d+ records are lost/.test(run.stderr);
  const named = refused?.code === 2 && /cannot describe the session in .*no space/.test(described.stderr);
  return [
    ...(told ? [] : [`a run on a full disk ended with ${ended?.code}: ${run.stderr}`]),
    ...(named ? [] : [`a run whose sockets are on a full disk ended with ${refused?.code}: ${described.stderr}`]),
  ];
}

/** For so long that records are lost: `log_gap` tells how many, where they are missing. */
export async function fullForLong(ground: Ground, disk: SmallDisk): Promise<Outcome> {
  const file = join(disk.folder, 'long.log');
  const writer = flood(ground, file);
  await until(() => (sizeOf(file) > 0 ? true : undefined), READY_MS);
  disk.fill();
  await until(() => (writer.stderr.includes('TROUBLE') ? true : undefined), TOLD_MS);
  await pause(2_500);
  disk.free();
  const told = await until(() => /RECOVERED (\d+)/.exec(writer.stderr)?.[1], TOLD_MS);
  const end = await endWriter(writer);
  const audit = new LogAudit(file);
  const problems = flaws(audit);
  const [session] = audit.sessions.values();
  if (told === undefined || Number(told) === 0)
    problems.push(`nothing was lost, so nothing was tried: ${writer.stderr}`);
  if (String(session?.lost) !== told)
    problems.push(`${told} records were said to be lost, log_gap tells ${session?.lost}`);
  if (end?.records !== audit.records + Number(told))
    problems.push(`${end?.records} records made, ${audit.records} there, ${told} lost`);
  return {
    what: 'a disk that is full for long',
    tried: 1,
    problems,
    figures: [['lost and counted', `${told} records`]],
  };
}

/** Full to the end: what is lost is said, and the next program goes on in whole lines. */
export async function fullAtTheEnd(ground: Ground, disk: SmallDisk): Promise<Outcome> {
  const file = join(disk.folder, 'end.log');
  const writer = flood(ground, file);
  await until(() => (sizeOf(file) > 0 ? true : undefined), READY_MS);
  disk.fill();
  await until(() => (writer.stderr.includes('TROUBLE') ? true : undefined), TOLD_MS);
  await pause(between(ground.random, 50, 400));
  const end = await endWriter(writer);
  const before = new LogAudit(file);
  const lost = Number(/; (\d+) records? (?:is|are) lost/.exec(end?.refused ?? '')?.[1]);
  const problems: string[] = [];
  if (end?.records !== before.records + lost)
    problems.push(`${end?.records} records made, ${before.records} there; closing said: ${end?.refused}`);
  disk.free();
  writeFileSync(join(disk.folder, 'next.yaml'), runScenario(10));
  const args = ['publish', 'disk.tick', '--scenario', 'next.yaml', '--log', file, '--no-wait'];
  const next = cfBus(ground, disk.folder, args);
  if ((await next.within(READY_MS))?.code !== 0) problems.push(`the next program failed: ${next.stderr}`);
  const after = new LogAudit(file);
  if (after.torn.length > 0 || after.broken.length > before.torn.length || after.records <= before.records)
    problems.push(
      `${after.torn.length} torn and ${after.broken.length} broken lines, ${after.records} records afterwards`,
    );
  return { what: 'a disk that is full at the end', tried: 1, problems };
}

/** `ulimit -f`: over when the limit is raised, or the log truncated. */
export async function fileLimit(ground: Ground, over: 'raised' | 'truncated'): Promise<Outcome> {
  const what = `a limit of the file's size, ${over}`;
  const log = join(ground.scratch, `limit-${over}.log`);
  writeOldLog(log);
  const run = new TroubledRun(ground, `limit-${over}`, log, ['prlimit', `--fsize=${LIMIT_BYTES}:unlimited`]);
  try {
    const cut: string[] = [];
    // The limit may be reached before anything is acknowledged.
    if (await run.up(false)) {
      await run.troubled(LIMIT, 1);
      cut.push(...(over === 'truncated' ? new LogAudit(log).published.keys() : []));
      if (over === 'truncated') truncateSync(log, 0);
      else spawnSync('prlimit', ['--pid', String(run.pid), '--fsize=unlimited']);
      await run.recovered(1);
      spawnSync('prlimit', ['--pid', String(run.pid), '--fsize=unlimited']);
    }
    const audit = new LogAudit();
    const { problems, lost } = await run.end(() => {
      audit.read(log);
      // What was cut off was there.
      for (const id of cut) if (!audit.published.has(id)) audit.published.set(id, 1);
      return audit;
    });
    // Those of the old text were cut off, and the totals tell of them.
    const own = [...problems, ...flaws(audit)];
    const cutOff = /in the totals|not settled|missing after|begins with seq/;
    if (over === 'truncated') return { what, tried: 1, problems: own.filter((text) => !cutOff.test(text)), lost };
    return { what, tried: 1, problems: own, lost };
  } finally {
    run.dispose();
  }
}

function writeOldLog(file: string): void {
  const record = (seq: number) =>
    `{"level":"error","timestamp":"2026-11-23T10:00:00.000Z","event":"log_gap","seq":${seq},"session":"old","lost":0}\n`;
  const count = Math.floor(OLD_BYTES / record(100_000).length);
  writeFileSync(file, Array.from({ length: count }, (_, index) => record(index + 1)).join(''));
}

function flood(ground: Ground, file: string): Program {
  const args = [file, String(FLOOD.perSecond), 'f', String(FLOOD.bytes)];
  return new Program(ground.writer, args, { cwd: ground.scratch, env: environment(ground, ground.scratch) });
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
