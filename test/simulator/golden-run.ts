/** Runs a scenario in virtual time with its whole log, and gives the log. Also a program: `golden-run <scenario> <log>`. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openLog } from '../../src/record/index.js';
import { loadScenarioFile, type Scenario } from '../../src/scenario/index.js';
import { runVirtual } from '../../src/simulator/index.js';

export async function logOf(scenario: Scenario, seed: number, file: string): Promise<string> {
  let close = () => {};
  await runVirtual({
    scenario,
    seed,
    openLog: ({ clock, ids }) => {
      const log = openLog({ file, level: 'debug', payloads: true, clock, session: ids.session, fresh: true });
      close = () => log.close();
      return log;
    },
  });
  close();
  return readFileSync(file, 'utf8');
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const [, program = '', scenario, log] = process.argv;
if (program.includes('golden-run') && scenario !== undefined && log !== undefined) {
  // Work in between, as on a busy machine: it must not show.
  const busy = setInterval(() => hashOf('x'.repeat(1e6)), 1);
  process.stdout.write(hashOf(await logOf(loadScenarioFile(scenario), 7, log)));
  clearInterval(busy);
}
