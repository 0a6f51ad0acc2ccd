import { Command } from 'commander';
import { addGatewayOptions, type GatewayOptions, gatewayOptionsOf } from './ask.ts';
import { addOptions, argumentsOf } from './command-arguments.ts';
import { printJson, printLines } from './output.ts';
import { type LocalCommand, standalone } from './shell/local-commands.ts';

interface CliOptions extends GatewayOptions {
  readonly command?: readonly string[];
  readonly yes?: boolean;
}

/** `samog cli`, `doctor` and `tech-support`. */
export function shellCommands(setExitCode: (code: number) => void): Command[] {
  const cli = new Command('cli')
    .description('the interactive shell; with -c, or where nobody types, the same commands with filters, for scripts')
    .option('-c, --command <line...>', 'carry out these lines instead, each an argument of its own')
    .option('--yes', 'do not ask before what cannot be taken back; needed in scripts')
    .action(async ({ command, yes = false, ...options }: CliOptions) => {
      if (command === undefined && process.stdin.isTTY && process.stdout.isTTY) {
        const { runShell } = await import('./shell/shell.ts');
        return setExitCode(await runShell(options));
      }
      const { inputLines, runBatch } = await import('./shell/batch.ts');
      setExitCode(await runBatch(command ?? inputLines(), { ...options, yes }));
    });
  addGatewayOptions(cli);
  return [cli, ...standalone.map((local) => standaloneCommand(local, setExitCode))];
}

function standaloneCommand(local: LocalCommand, setExitCode: (code: number) => void): Command {
  const command = new Command(local.words.join(' ')).description(local.summary);
  addOptions(command, local);
  return addGatewayOptions(command.option('--json', 'print one JSON document')).action(
    async (words: readonly string[], options: Readonly<Record<string, string | boolean>>) => {
      const carried = await local.run(argumentsOf(standalone, local, words, options), {
        ...gatewayOptionsOf(options),
        history: [],
        commands: [],
      });
      if (carried === 'leave') return;
      if (options['json'] === true) printJson(carried.data);
      else printLines(carried.lines());
      setExitCode(carried.exitCode);
    },
  );
}
