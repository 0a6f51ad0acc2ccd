import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import type { OperatorCommand } from '../operations/commands/command.ts';
import { groupSummaries, openCommands, operatorCommands } from '../operations/commands/table.ts';
import { synonyms } from '../operations/shell/grammar.ts';
import { addGatewayOptions, gatewayOptionsOf } from './ask.ts';
import { carryOut } from './carry-out.ts';
import { addOptions, argumentsOf } from './command-arguments.ts';
import { asRead, complain, printJson, printLines } from './output.ts';

/** `samog show …`, `srp …`, `clear …`, `explain …`: one command for each that the gateway has, its words as nested commands. */
export function gatewayOperatorCommands(setExitCode: (code: number) => void): Command[] {
  const root = new Command('samog');
  for (const command of operatorCommands) {
    attach(root, command, command.words, command.operation.role === 'intercept', setExitCode);
  }
  for (const { command, words } of operatorCommands.flatMap(knownOtherwise)) {
    attach(root, command, words, true, setExitCode);
  }
  for (const group of root.commands) group.description(groupSummaries[group.name()] ?? group.description());
  const configure = root.commands.find((command) => command.name() === 'configure');
  if (configure !== undefined) withShell(configure, setExitCode);
  return [...root.commands];
}

/** Without a command behind it, where somebody types: the shell, in its mode. */
function withShell(configure: Command, setExitCode: (code: number) => void): void {
  addGatewayOptions(configure).allowExcessArguments();
  configure.action(async (options: Readonly<Record<string, string | boolean>>) => {
    if (configure.args.length > 0)
      argumentsOf(openCommands, { words: ['configure'], summary: '', options: [] }, configure.args, {});
    if (!process.stdin.isTTY || !process.stdout.isTTY) configure.help({ error: true });
    const { runShell } = await import('./shell/shell.ts');
    setExitCode(await runShell(gatewayOptionsOf(options), true));
  });
}

/** A command in the words that people may know it by; help texts have it in its own. */
function knownOtherwise(command: OperatorCommand): { command: OperatorCommand; words: readonly string[] }[] {
  return Object.entries(synonyms)
    .filter(([, meant]) => command.words.includes(meant))
    .map(([synonym, meant]) => ({
      command,
      words: command.words.map((word) => (word === meant ? synonym : word)),
    }));
}

function attach(
  root: Command,
  operator: OperatorCommand,
  called: readonly string[],
  hidden: boolean,
  setExitCode: (code: number) => void,
): void {
  let command = root;
  called.forEach((word, index) => {
    const known = command.commands.find((candidate) => candidate.name() === word);
    command = known ?? command.command(word, { hidden }).description(furtherOf(called.slice(0, index + 1), operator));
  });
  command.description(operator.summary);
  addOptions(command, operator);
  if (operator.consent !== undefined) {
    const why = operator.consent.inScripts === 'needed' ? '; needed in scripts' : '';
    command.option('--yes', `do not ask before it is done${why}`);
  }
  addGatewayOptions(command.option('--json', 'print one JSON document'));
  command.action(async (words: readonly string[], options: Readonly<Record<string, string | boolean>>) => {
    const { json, yes } = options;
    const args = argumentsOf(mayFollow(operator), operator, words, options);
    const carried = await carryOut(operator, args, {
      ...gatewayOptionsOf(options),
      yes: yes === true,
      confirm: process.stdin.isTTY && process.stdout.isTTY ? confirmAtTerminal : undefined,
    });
    if (json === true) printJson(carried.data);
    else printLines(asRead(carried.lines(), 'wide' in args));
    setExitCode(carried.exitCode);
  });
}

/** What there is behind the first words of commands, which are no command themselves. */
function furtherOf(first: readonly string[], operator: OperatorCommand): string {
  const further = mayFollow(operator)
    .filter(({ words }) => words.length > first.length && first.every((word, index) => words[index] === word))
    .map(({ words }) => words.slice(first.length).join(' '));
  return further.length === 1 ? `${further[0]}: ${operator.summary}` : further.join(', ');
}

/** What a hint may name: of what needs the role `intercept` only whoever asks for it by name hears. */
function mayFollow(operator: OperatorCommand): readonly OperatorCommand[] {
  return openCommands.includes(operator) ? openCommands : operatorCommands;
}

async function confirmAtTerminal(question: string, told: readonly string[]): Promise<boolean> {
  // What is asked is no part of an answer.
  if (told.length > 0) complain(asRead(told, false).join('\n'));
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } catch (error) {
    // Ctrl-C and Ctrl-D are a no.
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
    process.stdout.write('\n');
    return false;
  } finally {
    terminal.close();
  }
}
