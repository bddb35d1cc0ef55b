/** How help looks: the same for every command, with examples at the end. */
import { type Command, Option } from 'commander';
import { VERSION } from '../kernel/index.js';
import { type Paint, painter } from './paint.js';

const HELP_OPTION = new Option('-h, --help', 'show this help').helpGroup('Everywhere:');

export type Example = readonly [command: string, what: string];

/** Adds a command that shows examples at the end of its help. */
export function addCommand(program: Command, usage: string, summary: string, examples: readonly Example[]): Command {
  const command = program.command(usage).summary(summary).description(asSentence(summary));
  return command.addHelpText('after', () => formatExamples(examples, painter(helpHasColor(command))));
}

/** Adds the options that every command has. They are listed last, so this comes after a command's own. */
export function addCommonOptions(command: Command): void {
  command
    .optionsGroup('Everywhere:')
    .addOption(new Option('--color <when>', 'colour the output').choices(['auto', 'always', 'never']))
    .option('--ascii', 'draw with ASCII characters only')
    .version(VERSION, '-V, --version', 'print the version')
    .addHelpOption(HELP_OPTION);
}

/** Titles in bold; the program's own help lists its commands by name, and leaves the common options to one line. */
export function configureHelp(program: Command): void {
  program.configureHelp({
    styleTitle: (title) => painter(helpHasColor(program))('bold', title),
    subcommandTerm: (command) => command.name(),
    visibleOptions: (command) =>
      command === program ? [] : [...command.options.filter(({ hidden }) => !hidden), HELP_OPTION],
  });
}

/** The common options in one line, for the program's own help. */
export function commonOptionsLine(paint: Paint): string {
  return `\n${paint('bold', 'Everywhere:')}\n  --help  --version  --color auto|always|never  --ascii\n`;
}

export function formatExamples(examples: readonly Example[], paint: Paint): string {
  const lines = examples.map(([command, what]) => `  ${command}\n      ${paint('dim', what)}`);
  return `\n${paint('bold', 'Examples:')}\n${lines.join('\n')}\n`;
}

function helpHasColor(command: Command): boolean {
  return command.configureOutput().getOutHasColors?.() ?? false;
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
