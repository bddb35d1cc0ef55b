/** Commands about cf-bus itself: what they take. Their work is loaded when they are called. */
import { Argument, type Command } from 'commander';
import type { Act } from '../context.js';
import { addCommand } from '../help.js';
import { describeProgram } from '../program-shape.js';

export type Shell = 'bash' | 'zsh' | 'fish';

export interface TypesOptions {
  readonly json?: true;
}

export interface SessionsOptions {
  readonly json?: true;
}

export interface InitOptions {
  readonly force?: true;
}

export function defineSessions(program: Command, act: Act): void {
  addCommand(program, 'sessions', 'list the sessions that are running', [
    ['cf-bus sessions', 'with their directories'],
    [`cf-bus sessions --json | jq -r '.[].name'`, 'for a script'],
  ])
    .option('--json', 'print JSON: [{name, pid, cwd, socket, started, log}]')
    .action(
      act(async (context, options: SessionsOptions) => {
        const { sessions } = await import('../commands/sessions.js');
        return sessions(context, options);
      }),
    );
}

export function defineInit(program: Command, act: Act): void {
  addCommand(program, 'init', 'write a commented starter scenario', [
    ['cf-bus init', 'writes scenario.yaml'],
    ['cf-bus init shop.yaml && cf-bus run shop.yaml', 'and runs it'],
  ])
    .argument('[file]', 'the file to write', 'scenario.yaml')
    .option('--force', 'replace the file if it is there')
    .action(
      act(async (context, file: string, options: InitOptions) => {
        const { init } = await import('../commands/init.js');
        return init(context, file, options);
      }),
    );
}

export function defineSchema(program: Command, act: Act): void {
  addCommand(program, 'schema', 'print the JSON Schema of scenario files, for editors', [
    ['cf-bus schema > scenario.schema.json', 'then: # yaml-language-server: $schema=scenario.schema.json'],
  ]).action(
    act(async (context) => {
      const { schema } = await import('../commands/schema.js');
      return schema(context);
    }),
  );
}

export function defineCompletion(program: Command, act: Act, all: () => Command): void {
  addCommand(program, 'completion', 'print a completion script for your shell', [
    ['eval "$(cf-bus completion bash)"', 'bash: put it into ~/.bashrc'],
    ['cf-bus completion zsh > ~/.zfunc/_cf-bus', 'zsh: a folder of your fpath'],
    ['cf-bus completion fish > ~/.config/fish/completions/cf-bus.fish', 'fish'],
  ])
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action(
      act(async (context, shell: Shell) => {
        const { completion } = await import('../commands/completion.js');
        return completion(context, shell, describeProgram(all()));
      }),
    );
}

export function defineTypes(program: Command, act: Act): void {
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
