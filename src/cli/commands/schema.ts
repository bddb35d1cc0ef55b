/** `cf-bus schema`. */
import { scenarioJsonSchema } from '../../scenario/index.js';
import type { Context, ExitCode } from '../context.js';

export async function schema({ out }: Context): Promise<ExitCode> {
  // Indented everywhere: people keep it as a file.
  out.line(JSON.stringify(scenarioJsonSchema(), null, 2));
  return 0;
}
