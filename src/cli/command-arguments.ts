import { type Command, Option } from 'commander';
import type { CommandShape } from '../operations/commands/command.ts';
import { incomplete, readCommand } from '../operations/shell/grammar.ts';
import { CommandError, exitCode } from './exit-code.ts';

/** Lets a command of the command line take the options of an operator's command, with dashes and without. */
export function addOptions(command: Command, shape: CommandShape): void {
  command.argument('[words...]', wordsOf(shape)).usage(usageOf(shape));
  for (const { name, value, description, implied } of shape.options) {
    const written = value === undefined ? '' : implied === undefined ? ` <${value}>` : ` [${value}]`;
    command.addOption(new Option(`--${name}${written}`, description));
  }
}

/** What follows the words of a command in its usage. */
function usageOf({ options, bare, positional = [] }: CommandShape): string {
  const placed = positional.map((name) => options.find((option) => option.name === name)!.value!);
  const alone = options.find(({ name }) => name === bare)?.value;
  const further = options.length > positional.length ? ['[words...]'] : [];
  return [...placed, ...(alone === undefined ? [] : [`[${alone}]`]), ...further, '[options]'].join(' ');
}

/** What the words after a command may be; nothing if there are none. */
function wordsOf({ options, bare, positional = [] }: CommandShape): string | undefined {
  const places = options.filter(({ name }) => positional.includes(name));
  const named = options.filter(({ name }) => !positional.includes(name));
  const without = named.map(({ name, value }) => {
    const written = value === undefined ? name : `${name} ${value}`;
    return name === bare ? `${written} or just ${value}` : written;
  });
  const told = [
    ...(places.length === 0 ? [] : [`by their places: ${places.map(({ value }) => value).join(', ')}`]),
    ...(without.length === 0 ? [] : [`options without dashes: ${without.join(', ')}`]),
  ];
  return told.length === 0 ? undefined : told.join('; ');
}

/**
 * Options given in StarOS's way (`full mac ADDRESS`) or with dashes, by name.
 *
 * @param commands every command that may begin alike: a hint names what else could follow
 * @throws CommandError for words that make no command
 */
export function argumentsOf(
  commands: readonly CommandShape[],
  shape: CommandShape,
  words: readonly string[],
  options: Readonly<Record<string, string | boolean>>,
): Record<string, string> {
  // In a script: what is unambiguous today may not be tomorrow.
  const reading = readCommand(commands, [...shape.words, ...words], false);
  if (!reading.ok) throw new CommandError(exitCode.usage, reading.what, reading.hint);
  if (reading.command === undefined) {
    const { what, hint } = incomplete(reading);
    throw new CommandError(exitCode.usage, what, hint);
  }
  const args: Record<string, string> = { ...reading.args };
  for (const { name, implied = '' } of shape.options) {
    const value = options[name] ?? options[camelCaseOf(name)];
    if (value === undefined || value === false) continue;
    if (Object.hasOwn(args, name)) throw new CommandError(exitCode.usage, `${name} is given twice`, 'give it once');
    args[name] = value === true ? implied : String(value);
  }
  return args;
}

/** Commander's name for an option `--manual-with-sync`. */
function camelCaseOf(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
