import { readFileSync } from 'node:fs';
import { Command } from 'commander';

/**
 * `samog run`, `check` and `config`. What they need is loaded only when they are used: `show` must not wait for the
 * configuration's parsers and the gateway.
 */
export function gatewayCommands(setExitCode: (code: number) => void): Command[] {
  const run = new Command('run')
    .description('run a gateway in the foreground, until SIGTERM or SIGINT')
    .requiredOption('--config <file>', 'the configuration file')
    .option(
      '--installed <file>',
      'a configuration that an administrator installs: it becomes the configuration file whenever it has been changed',
    )
    .action(async ({ config, installed }: { readonly config: string; readonly installed?: string }) => {
      const { runGateway } = await import('./run.ts');
      setExitCode(await runGateway(config, installed));
    });
  const check = new Command('check')
    .description('check a configuration file without starting anything; all problems at once')
    .requiredOption('--config <file>', 'the configuration file')
    .option('--json', 'print one JSON document: {ok, file, problems}', false)
    .action(async ({ config, json }: { readonly config: string; readonly json: boolean }) => {
      const { checkConfiguration } = await import('./check.ts');
      setExitCode(checkConfiguration(config, json));
    });
  return [run, check, configCommand()];
}

function configCommand(): Command {
  const config = new Command('config').description('print what a configuration file looks like');
  config
    .command('example')
    .description('a complete, commented configuration file')
    .action(() => {
      process.stdout.write(readFileSync(new URL('../../config/samog.example.yaml', import.meta.url), 'utf8'));
    });
  config
    .command('reference')
    .description('every setting with its type, default and meaning (Markdown)')
    .action(async () => {
      const { configReference } = await import('../operations/config/reference.ts');
      process.stdout.write(configReference());
    });
  return config;
}
