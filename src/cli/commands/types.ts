/** `cf-bus types`. */
import { safeJson } from '../../kernel/index.js';
import type { Context, ExitCode } from '../context.js';
import type { TypesOptions } from '../definitions/helping.js';
import { knownTypes } from '../event-examples.js';

export async function types({ out, notices }: Context, options: TypesOptions): Promise<ExitCode> {
  const known = knownTypes();
  if (options.json) {
    out.json(known.map(({ type, name, payload }) => ({ type, name, payload })));
    return 0;
  }
  const typeWidth = Math.max(...known.map(({ type }) => type.length));
  const nameWidth = Math.max(...known.map(({ name }) => name.length));
  for (const { type, name, payload } of known) {
    const example = out.paint('dim', safeJson(payload));
    out.line(`${out.paint('cyan', type.padEnd(typeWidth))}  ${name.padEnd(nameWidth)}  ${example}`);
  }
  if (out.isTerminal) notices.line('\nAny other dotted name is a type too, such as cache.cleared.');
  return 0;
}
