import { Command } from 'commander';
import { meantInstead } from '../operations/config/spelling.ts';
import { clip } from '../operations/views/arguments.ts';
import { CommandError, exitCode } from './exit-code.ts';

/** A complaint of commander about a command's words, as all others are written: what is wrong, and what would be right. */
export function complaintOf(command: Command, text: string): string {
  const [, word] = /^error: unknown command '(.*)'/.exec(text) ?? [];
  if (word !== undefined) return `samog: ${noSuchCommand(command, word).message}\n`;
  return text.replace(/^error: /, 'samog: ').replaceAll(/^\((.*)\)$/gm, '  $1');
}

/** That nothing of this name follows a command; names what does, the nearest first. */
function noSuchCommand(above: Command, word: string): CommandError {
  const names = namesBelow(above);
  const path = wordsOf(above).join(' ');
  const nearest = meantInstead(word, names);
  const hint = nearest === undefined ? '' : `did you mean ${path} ${nearest}? `;
  const what = `there is no command "${path} ${clip(word)}"`;
  return new CommandError(exitCode.usage, what, `${hint}what may follow ${path}: ${names.join(', ')}`);
}

function namesBelow(command: Command): string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((one) => one.name())
    .filter((name) => name !== 'help');
}

function wordsOf(command: Command): string[] {
  return [...(command.parent === null ? [] : wordsOf(command.parent)), command.name()];
}

/** `samog help show events`: the help of a command below another one, however deep. */
export function helpCommand(above: Command): Command {
  return new Command('help')
    .description('the help of a command, by its words')
    .argument('[command...]', 'its words')
    .action((words: readonly string[]) => {
      let command = above;
      for (const word of words) {
        const next = command.commands.find((one) => one.name() === word);
        if (next === undefined) throw noSuchCommand(command, word);
        command = next;
      }
      command.help();
    });
}
