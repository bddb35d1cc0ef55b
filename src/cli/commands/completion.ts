/** `cf-bus completion`: scripts that know the commands and their options. To add a shell: one entry in `SCRIPTS`. */
import type { Context, ExitCode } from '../context.js';
import type { Shell } from '../definitions/helping.js';
import type { CommandShape } from '../program-shape.js';

export async function completion({ out }: Context, shell: Shell, commands: readonly CommandShape[]): Promise<ExitCode> {
  out.write(SCRIPTS[shell](commands));
  return 0;
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CommandShape[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

function bashScript(commands: readonly CommandShape[]): string {
  const cases = commands.map(({ name, options, words }) => {
    const flags = options.flatMap((option) => option.flags);
    return `    ${name}) words=${quote([...flags, ...words].join(' '))} ;;`;
  });
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map(({ flags, choices }) =>
        flags.map((flag) => `    ${name},${flag}) words=${quote(choices.join(' '))} ;;`).join('\n'),
      ),
  );
  return `# Completion of cf-bus for bash.
_cf_bus() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]-} words=
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W ${quote(commands.map(({ name }) => name).join(' '))} -- "$current"))
    return
  fi
  case "$command,$previous" in
${values.join('\n')}
  esac
  if [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$command" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -o bashdefault -F _cf_bus cf-bus
`;
}

function zshScript(commands: readonly CommandShape[]): string {
  const list = commands.map(({ name, summary }) => `    ${quote(`${name}:${escapeColons(summary)}`)}`);
  const cases = commands.map(({ name, options, words }) => {
    const specs = options.flatMap(({ flags, description, takesValue, choices }) => {
      const value = takesValue ? `:value:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}` : '';
      const what = description.replaceAll('[', '(').replaceAll(']', ')');
      return flags.map((flag) => quote(`${flag}[${escapeColons(what)}]${value}`));
    });
    const rest = quote(words.length > 0 ? `*:word:(${words.join(' ')})` : '*:file:_files');
    return `    ${name}) _arguments ${[...specs, rest].join(' ')} ;;`;
  });
  return `#compdef cf-bus
# Completion of cf-bus for zsh.
_cf_bus() {
  local -a commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [[ $funcstack[1] == _cf-bus ]]; then _cf_bus "$@"; else compdef _cf_bus cf-bus; fi
`;
}

function fishScript(commands: readonly CommandShape[]): string {
  const lines = commands.flatMap(({ name, summary, options, words }) => [
    `complete -c cf-bus -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`,
    ...options.map(({ flags, description, takesValue, choices }) => {
      const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
      const value = takesValue ? (choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : ' -r') : '';
      return `complete -c cf-bus -n '__fish_seen_subcommand_from ${name}' ${names.join(' ')}${value} -d ${quote(description)}`;
    }),
    ...(words.length > 0
      ? [`complete -c cf-bus -n '__fish_seen_subcommand_from ${name}' -f -a ${quote(words.join(' '))}`]
      : []),
  ]);
  return `# Completion of cf-bus for fish.\n${lines.join('\n')}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function escapeColons(text: string): string {
  return text.replaceAll(':', '\\:');
}
