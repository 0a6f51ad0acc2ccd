import { Command } from 'commander';
import { groupSummaries } from '../operations/commands/table.ts';
import { complete } from '../operations/shell/complete.ts';
import type { Candidate } from '../operations/shell/grammar.ts';
import type { GatewayOptions } from './ask.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { printLines } from './output.ts';

/**
 * What a shell runs when Tab is pressed: `samog complete -- WORDS`, the word that is being typed last. Words are passed on as they are,
 * never evaluated: half a line may have anything in it. Where there is nothing to offer the shell offers files.
 */
export const completionScripts: Readonly<Record<string, string>> = {
  bash: `# samog completion bash: put this in /etc/bash_completion.d/samog, or: source <(samog completion bash)
_samog() {
  # Colons part words for bash, and MAC addresses have them: the words are put together again, and what is there already is not offered.
  local -a words=() ; local word= line="\${COMP_LINE:0:COMP_POINT}" i
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if ((i > 1)) && [[ "$word" == [:=]* || "\${COMP_WORDS[i-1]}" == *[:=] ]] && [[ "$line" == *"\${COMP_WORDS[i-1]}$word"* ]]; then
      words[-1]+="$word"
    else
      words+=("$word")
    fi
  done
  local typed="\${words[-1]}" texts
  texts=$(samog complete -- "\${words[@]}" 2>/dev/null | cut -f 1)
  COMPREPLY=()
  while IFS= read -r word; do
    [[ -n "$word" ]] && COMPREPLY+=("\${word#"\${typed%"\${typed##*[:=]}"}"}")
  done <<< "$texts"
}
complete -o default -F _samog samog`,
  zsh: `#compdef samog
# samog completion zsh: put this in a folder of $fpath as _samog, or: source <(samog completion zsh)
_samog() {
  local -a offered=() shown=() ; local text help
  while IFS=$'\\t' read -r text help; do
    offered+=("$text") ; shown+=("$text  $help")
  done < <(samog complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#offered} )); then compadd -l -d shown -a offered; else _files; fi
}
compdef _samog samog`,
  fish: `# samog completion fish: put this in ~/.config/fish/completions/samog.fish, or: samog completion fish | source
function __samog_complete
  set -l words (commandline -opc) (commandline -ct)
  samog complete -- $words[2..-1] 2>/dev/null
end
complete -c samog -f -a '(__samog_complete)'`,
};

/** `samog completion SHELL`, and `samog complete`, which its script runs. */
export function completionCommands(root: () => Command): { readonly shown: Command; readonly hidden: Command } {
  const shown = new Command('completion')
    .description('print what makes a shell complete the words of samog when Tab is pressed')
    .argument('<shell>', Object.keys(completionScripts).join(', '))
    .action((shell: string) => {
      const script = Object.hasOwn(completionScripts, shell) ? completionScripts[shell] : undefined;
      if (script === undefined) {
        throw new CommandError(
          exitCode.usage,
          'there is no such shell here',
          `use ${Object.keys(completionScripts).join(', ')}`,
        );
      }
      printLines([script]);
    });
  const hidden = new Command('complete').argument('[words...]').action(async (words: readonly string[]) => {
    const found = await candidatesFor(root(), words, {});
    // A placeholder such as <ADDRESS> is for reading, not for typing.
    const lines = found.filter(({ text }) => !text.startsWith('<')).map(({ text, help }) => `${text}\t${help}`);
    if (lines.length > 0) printLines(lines);
  });
  return { shown, hidden };
}

/**
 * What may take the place of the last word: commands, options, and for commands of the gateway what the shell offers, with the values
 * that the gateway has.
 */
export async function candidatesFor(
  root: Command,
  words: readonly string[],
  options: GatewayOptions,
): Promise<readonly Candidate[]> {
  const partial = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  let command = root;
  let deep = 0;
  for (const word of before) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
    deep += 1;
  }
  const beginning = (found: readonly Candidate[]) => found.filter(({ text }) => text.startsWith(partial));
  if (partial.startsWith('-')) return beginning(optionsOf(command));
  const { shellCommandsFor } = await import('./shell/line-runner.ts');
  const spoken = shellCommandsFor(['view', 'operate', 'configure']);
  const isSpoken = before.length > 0 && spoken.some(({ words: [first] }) => first === before[0]);
  if (!isSpoken) return deep === before.length ? beginning(commandsOf(command)) : [];
  const { liveValuesOf } = await import('./shell/live-values.ts');
  const line = [...before.filter((word) => !word.startsWith('-')).map(quoted), partial].join(' ');
  return (await complete(spoken, groupSummaries, line, liveValuesOf(options))).candidates;
}

function commandsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((one) => ({ text: one.name(), help: one.description() }));
}

function optionsOf(command: Command): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long == null ? [] : [{ text: long, help: description }]));
}

/** As the shell of samog reads it. */
function quoted(word: string): string {
  return /^[^\s|'"]+$/.test(word) ? word : `'${word.replaceAll("'", '')}'`;
}
