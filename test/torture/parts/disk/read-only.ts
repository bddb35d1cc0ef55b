/** What cannot be written at all: a read-only disk, a folder without the right to it. */
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inLanes } from '../../support/lanes.js';
import { flaws, LogAudit } from '../../support/log-audit.js';
import { isRaw } from '../../support/looks.js';
import { cfBus, environment, type Ground, type Outcome, READY_MS, runScenario } from './ground.js';
import type { SmallDisk } from './small-disk.js';
import { TroubledRun } from './troubled-run.js';

/** Commands at the same time. */
const AT_ONCE = 3;
/** For root, rights are as for anybody else only without this. */
const PLAIN_RIGHTS =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : ([] as const);

/** The right to the log's folder is taken away as the log is rotated, and given back. */
export async function lockedFolder(ground: Ground): Promise<Outcome> {
  const folder = join(ground.scratch, 'locked-logs');
  mkdirSync(folder);
  const log = join(folder, 'a.log');
  const run = new TroubledRun(ground, 'locked', log, PLAIN_RIGHTS);
  try {
    if (await run.up()) {
      run.atOnce(() => {
        renameSync(log, `${log}.1`);
        chmodSync(folder, 0o500);
      });
      await run.troubled('permission denied', 1);
      chmodSync(folder, 0o700);
      await run.recovered(1);
    }
    const audit = () => new LogAudit(`${log}.1`, log);
    const { problems, lost } = await run.end(audit);
    return { what: 'a folder without the right to write', tried: 1, problems: [...problems, ...flaws(audit())], lost };
  } finally {
    run.dispose();
    chmodSync(folder, 0o700);
  }
}

/** A log of old, and everything else, on a disk that is read-only: nothing can be written, all can be read. */
export async function readOnlyDisk(ground: Ground, disk: SmallDisk): Promise<Outcome> {
  const { folder } = disk;
  const log = join(folder, 'old.log');
  writeFileSync(join(folder, 'disk.yaml'), `${runScenario(10)}expect: [{ never: disk.tick }]\n`);
  const problems: string[] = [];
  const before = cfBus(ground, folder, ['run', 'disk.yaml', '--no-ui', '--log', log, '--duration', '200ms']);
  if ((await before.within(READY_MS))?.code !== 1) problems.push(`no log to begin with: ${before.stderr}`);
  if (!disk.readOnly()) return { what: 'a read-only disk', tried: 1, problems: ['it could not be made read-only'] };
  // Home, caches and sockets are on it, too.
  const env = { ...environment(ground, folder), HOME: folder, XDG_CACHE_HOME: folder };
  const fails: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
    [['run', 'disk.yaml', '--no-ui', '--log', log], 2, /cannot open the log .*read-only/],
    [['run', 'disk.yaml', '--no-ui', '--virtual', '--log', log], 2, /cannot open the log .*read-only/],
    [['run', 'disk.yaml', '--no-ui', '--log', 'logs/new.log'], 2, /cannot open the log .*read-only/],
    [['publish', 'disk.tick', '--scenario', 'disk.yaml', '--log', log], 2, /cannot open the log .*read-only/],
    [['check', 'disk.yaml', '--duration', '1s'], 1, /read-only/],
    [
      ['check', 'disk.yaml', '--duration', '1s', '--junit', 'report.xml'],
      2,
      /report\.xml cannot be written: .*read-only/,
    ],
    [['trace', 'tick-1', '--log', log, '-o', 'trace.txt'], 2, /trace\.txt: .*read-only/],
    [['capture', 'tick-1', '--log', log, '-o', 'made.yaml'], 2, /made\.yaml: .*read-only/],
    [['init', 'mine.yaml'], 2, /mine\.yaml: .*read-only/],
    [['trace', 'tick-1', '--log', log], 0, /^$/],
    [['stats', '--log', log], 0, /^/],
    [['tail', '--no-follow', '--log', log], 0, /^$/],
  ];
  await inLanes(fails, AT_ONCE, ground.signal, async ([args, code, said]) => {
    const program = cfBus(ground, folder, args, { env });
    const ended = await program.within(READY_MS);
    const text = `${program.stderr}${program.stdout}`;
    const rightly = ended?.code === code && (said.test(program.stderr) || said.test(text)) && !isRaw(text);
    if (!rightly) problems.push(`cf-bus ${args.join(' ')} ended with ${ended?.code}, not ${code}: ${program.stderr}`);
  });
  if (new LogAudit(log).torn.length > 0 || !existsSync(log)) problems.push('the log of old was changed');
  return { what: 'a read-only disk', tried: fails.length, problems };
}
