import { Command, CommanderError } from 'commander';
import { CommandError, exitCode } from './exit-code.ts';
import { gatewayCommands } from './gateway-commands.ts';
import { monitorCommand } from './monitor/monitor-command.ts';
import { gatewayOperatorCommands } from './operator-commands.ts';
import { complain, endQuietlyWithReader } from './output.ts';
import { shellCommands } from './shell-commands.ts';
import { toolCommands } from './tool-commands.ts';
import { userCommand } from './user-command.ts';

const exitCodes = `
Exit codes:
  0  done                    3  no gateway answers
  1  refused                 4  not found
  2  wrong usage             5  no answer in time
`;

function setExitCode(code: number): void {
  process.exitCode = code;
}

function program(): Command {
  const samog = new Command('samog')
    .description('A SaMOG gateway: trusted WLAN access by PMIPv6 and EoGRE, with seamless handover between them')
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
  throwInsteadOfExit(samog);
  return samog;
}

/** Commander would exit by itself, with 1 for wrong usage too. */
function throwInsteadOfExit(command: Command): void {
  command.enablePositionalOptions().exitOverride().showHelpAfterError('(--help tells more)');
  for (const inner of command.commands) throwInsteadOfExit(inner);
}

async function main(): Promise<void> {
  endQuietlyWithReader();
  try {
    await program().parseAsync();
  } catch (error) {
    if (error instanceof CommandError) {
      complain(`samog: ${error.message}`);
      setExitCode(error.exitCode);
    } else if (error instanceof CommanderError) {
      // Commander has said what is wrong, or printed the help that was asked for.
      setExitCode(error.exitCode === 0 ? exitCode.done : exitCode.usage);
    } else {
      throw error;
    }
  }
}

await main();
