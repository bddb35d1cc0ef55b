/** The program's commands and options as plain data, for completion scripts. */
import type { Command, Option } from 'commander';

export interface OptionShape {
  /** `--json`, `-h`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** The values it may have; empty where they are not known. */
  readonly choices: readonly string[];
}

export interface CommandShape {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionShape[];
  /** Words its first argument may be; empty where that is a file or free text. */
  readonly words: readonly string[];
}

export function describeProgram(program: Command): readonly CommandShape[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    options: command.createHelp().visibleOptions(command).map(describeOption),
    words: command.registeredArguments[0]?.argChoices ?? [],
  }));
}

function describeOption(option: Option): OptionShape {
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  };
}
