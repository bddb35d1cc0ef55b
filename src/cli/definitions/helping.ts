/** Commands about cf-bus itself: what they take. Their work is loaded when they are called. */
import type { Command } from 'commander';
import type { Act } from '../context.js';
import { addCommand } from '../help.js';

export interface TypesOptions {
  readonly json?: true;
}

export function defineHelping(program: Command, act: Act): void {
  addCommand(program, 'types', 'list the well-known event types, each with an example payload', [
    ['cf-bus types', 'all of them'],
    [`cf-bus types --json | jq -r '.[].type'`, 'for a script'],
  ])
    .option('--json', 'print JSON')
    .action(
      act(async (context, options: TypesOptions) => {
        const { types } = await import('../commands/types.js');
        return types(context, options);
      }),
    );
}
