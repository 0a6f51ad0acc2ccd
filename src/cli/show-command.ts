import { Command, Option } from 'commander';
import { views } from '../operations/views/registry.ts';
import type { View } from '../operations/views/view.ts';
import { ask, socketOption } from './ask.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { printJson, printLines } from './output.ts';

/** `samog show …`: one command for each view, its words as nested commands. */
export function showCommand(): Command {
  const show = new Command('show').description('show what the gateway does');
  for (const view of views) attach(show, view);
  return show;
}

function attach(show: Command, view: View): void {
  let command = show;
  view.words.forEach((word, index) => {
    const known = command.commands.find((candidate) => candidate.name() === word);
    const further = view.words.slice(index + 1).join(' ');
    command = known ?? command.command(word).description(`${further}: ${view.summary}`);
  });
  command.description(view.summary);
  const names = view.options.map(({ name, value }) => (value === undefined ? name : `${name} ${value}`));
  const described = names.length === 0 ? 'none' : `options without dashes: ${names.join(', ')}`;
  command.argument('[words...]', described);
  for (const { name, value, description } of view.options) {
    command.addOption(new Option(value === undefined ? `--${name}` : `--${name} <${value}>`, description));
  }
  command.option('--json', 'print one JSON document').option(...socketOption);
  command.action(async (words: readonly string[], options: Readonly<Record<string, string | boolean>>) => {
    const args = argumentsOf(view, words, options);
    const socket = options['socket'];
    const data = await ask(typeof socket === 'string' ? { socket } : {}, (client) =>
      client.show(view.words.join('/'), args),
    );
    if (options['json'] === true) printJson(data);
    else printLines(view.render(data));
  });
}

/** Options given in StarOS's way (`full mac ADDRESS`) or with dashes, as the API takes them. */
export function argumentsOf(
  view: Pick<View, 'words' | 'options'>,
  words: readonly string[],
  options: Readonly<Record<string, string | boolean>>,
): Record<string, string> {
  const args: Record<string, string> = {};
  const add = (name: string, value: string): void => {
    if (Object.hasOwn(args, name)) throw new CommandError(exitCode.usage, `${name} is given twice`, 'give it once');
    args[name] = value;
  };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    const option = view.options.find(({ name }) => name === word);
    if (option === undefined) throw unknownWord(view, word);
    if (option.value === undefined) {
      add(word, '');
      continue;
    }
    index += 1;
    const value = words[index];
    if (value === undefined) {
      throw new CommandError(exitCode.usage, `${word} has no value`, `write ${word} ${option.value}`);
    }
    add(word, value);
  }
  for (const { name } of view.options) {
    const value = options[name];
    if (value !== undefined && value !== false) add(name, value === true ? '' : String(value));
  }
  return args;
}

function unknownWord(view: Pick<View, 'words' | 'options'>, word: string): CommandError {
  const command = `show ${view.words.join(' ')}`;
  const further = views
    .filter(({ words }) => words.length > view.words.length && view.words.every((own, index) => words[index] === own))
    .map(({ words }) => words[view.words.length]!);
  const known = [...further, ...view.options.map(({ name }) => name)];
  const hint = known.length === 0 ? 'nothing follows it' : `what may follow: ${known.join(', ')}`;
  return new CommandError(exitCode.usage, `"${word}" does not follow ${command}`, hint);
}
