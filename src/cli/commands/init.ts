/** `cf-bus init`. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CfBusError, safe, systemErrorCode } from '../../kernel/index.js';
import { starterScenario } from '../../scenario/index.js';
import type { Context, ExitCode } from '../context.js';
import type { InitOptions } from '../definitions/helping.js';

export async function init(context: Context, file: string, options: InitOptions): Promise<ExitCode> {
  const { cwd, out, notices } = context;
  const text = starterScenario().replaceAll('FILE', file);
  try {
    writeFileSync(resolve(cwd, file), text, { flag: options.force ? 'w' : 'wx' });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    throw new CfBusError('USAGE', `${file} is there already`, {
      hint: 'choose another name, or --force to replace it',
    });
  }
  const shown = safe(file);
  out.line(shown);
  notices.line(`Run it: cf-bus run ${shown}`);
  return 0;
}
