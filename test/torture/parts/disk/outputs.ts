/** `/dev/full` behind what commands print or write: said in a sentence, with an exit code that a script sees. */
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inLanes } from '../../support/lanes.js';
import { isRaw } from '../../support/looks.js';
import { cfBus, type Ground, type Outcome, READY_MS, runScenario } from './ground.js';

const FULL = '/dev/full';
/** Commands at the same time. */
const AT_ONCE = 3;

export async function fullOutputs(ground: Ground): Promise<Outcome> {
  const folder = join(ground.scratch, 'outputs');
  mkdirSync(folder);
  writeFileSync(join(folder, 'disk.yaml'), `${runScenario(10)}expect: [{ never: disk.never }]\n`);
  const problems: string[] = [];
  const first = cfBus(ground, folder, ['run', 'disk.yaml', '--no-ui', '--log', 'a.log', '--duration', '300ms']);
  if ((await first.within(READY_MS))?.code !== 0) problems.push(`no log to begin with: ${first.stderr}`);
  const printed: readonly (readonly string[])[] = [
    ['run', 'disk.yaml', '--no-ui', '--log', 'b.log', '--duration', '300ms'],
    ['run', 'disk.yaml', '--json', '--log', 'c.log', '--duration', '300ms'],
    ['run', 'disk.yaml', '--virtual', '--json', '--log', 'off', '--duration', '1s'],
    ['trace', 'tick-1', '--log', 'a.log'],
    ['trace', '--list', '--log', 'a.log'],
    ['stats', '--log', 'a.log'],
    ['tail', '--no-follow', '--log', 'a.log'],
    ['check', 'disk.yaml', '--duration', '1s'],
    ['capture', 'tick-1', '--log', 'a.log'],
    ['publish', 'disk.tick', '--scenario', 'disk.yaml', '--log', 'd.log'],
    ['types'],
    ['schema'],
    ['--help'],
  ];
  const named: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
    [['run', 'disk.yaml', '--no-ui', '--log', FULL], 2, /\/dev\/full is a device/],
    [['publish', 'disk.tick', '--scenario', 'disk.yaml', '--log', FULL], 2, /\/dev\/full is a device/],
    [['trace', 'tick-1', '--log', 'a.log', '-o', FULL], 2, /\/dev\/full: no space/],
    [['check', 'disk.yaml', '--duration', '1s', '--junit', FULL], 2, /\/dev\/full cannot be written: .*no space/],
    [['capture', 'tick-1', '--log', 'a.log', '-o', FULL, '--force'], 2, /\/dev\/full: .*no space/],
  ];
  const all = [
    ...printed.map((args) => () => refuses(ground, folder, args, 3, /standard output: no space/, FULL)),
    ...named.map(
      ([args, code, said]) =>
        () =>
          refuses(ground, folder, args, code, said),
    ),
  ];
  await inLanes(all, AT_ONCE, ground.signal, async (each) => {
    problems.push(...(await each()));
  });
  return { what: '/dev/full', tried: printed.length + named.length, problems };
}

async function refuses(
  ground: Ground,
  folder: string,
  args: readonly string[],
  code: number,
  said: RegExp,
  output?: string,
): Promise<string[]> {
  const fd = output === undefined ? undefined : openSync(output, 'w');
  const program = cfBus(ground, folder, args, fd === undefined ? {} : { stdout: fd });
  const ended = await program.within(READY_MS);
  if (fd !== undefined) closeSync(fd);
  const right = ended?.code === code && said.test(program.stderr) && !isRaw(program.stderr);
  return right ? [] : [`cf-bus ${args.join(' ')} ended with ${ended?.code}, not ${code}: ${program.stderr}`];
}
