import { type Argument, Command, CommanderError } from 'commander';
import { completionCommands } from './completion.ts';
import { addExamples } from './examples.ts';
import { exitCode } from './exit-code.ts';
import { gatewayCommands } from './gateway-commands.ts';
import { monitorCommand } from './monitor/monitor-command.ts';
import { gatewayOperatorCommands } from './operator-commands.ts';
import { printLines } from './output.ts';
import { shellCommands } from './shell-commands.ts';
import { toolCommands } from './tool-commands.ts';
import { complaintOf, helpCommand } from './usage-errors.ts';
import { userCommand } from './user-command.ts';
import { versionText } from './version.ts';

const exitCodes = `
Exit codes:
  0  done                    3  no gateway answers
  1  refused                 4  not found
  2  wrong usage             5  no answer in time
`;

/**
 * The tree of all commands, `samog` at its root.
 *
 * @param setExitCode is told how the command that is carried out has ended
 */
export function program(setExitCode: (code: number) => void): Command {
  const samog = new Command('samog')
    .description('A SaMOG gateway: trusted WLAN access by PMIPv6 and EoGRE, with seamless handover between them')
    .option('-V, --version', 'print which release this is')
    .addHelpText('after', exitCodes);
  const commands = [
    ...gatewayCommands(setExitCode),
    ...gatewayOperatorCommands(setExitCode),
    ...shellCommands(setExitCode),
    monitorCommand(),
    userCommand(setExitCode),
    ...toolCommands(setExitCode),
  ];
  for (const command of commands) samog.addCommand(command);
  const { shown, hidden } = completionCommands(() => samog);
  samog.addCommand(shown).addCommand(hidden, { hidden: true });
  asWanted(samog);
  addExamples(samog);
  samog.on('option:version', () => {
    printLines([versionText()]);
    throw new CommanderError(exitCode.done, 'samog.version', 'the release was printed');
  });
  return samog;
}

/** What holds of every command of the tree. */
function asWanted(command: Command): void {
  command
    .enablePositionalOptions()
    // Commander would exit by itself, with 1 for wrong usage too.
    .exitOverride()
    .helpCommand(false)
    .configureOutput({ outputError: (text, write) => write(complaintOf(command, text)) })
    .showHelpAfterError('  --help tells more')
    .configureHelp({ subcommandTerm });
  // A command of its own that others follow takes words, of which help may be one.
  const isGroup = command.commands.length > 0 && command.registeredArguments.length === 0;
  if (isGroup) command.addCommand(helpCommand(command));
  for (const inner of command.commands) asWanted(inner);
}

/** A command in the help of the one above: its name, and arguments that have a name of their own. */
function subcommandTerm(command: Command): string {
  const named = command.registeredArguments.filter((argument) => argument.name() !== 'words');
  return [command.name(), ...named.map((argument) => humanReadableName(argument))].join(' ');
}

function humanReadableName(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}
