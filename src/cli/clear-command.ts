import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { ask, type SocketOption, socketOption } from './ask.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { printJson, printLines } from './output.ts';

interface ClearOptions extends SocketOption {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `samog clear subscribers`: ends sessions; the LMA and the access node are told. */
export function clearCommand(): Command {
  const clear = new Command('clear').description('end sessions');
  clear
    .command('subscribers')
    .description('end the session of one subscriber, or all sessions')
    .argument('<who>', '"all", "mac", or a MAC address in any usual writing')
    .argument('[address]', 'the MAC address, after "mac"')
    .option('--yes', 'do not ask before all sessions are ended; needed in scripts')
    .option('--json', 'print one JSON document: {cleared}')
    .option(...socketOption)
    .action(async (who: string, address: string | undefined, options: ClearOptions) => {
      const target = targetOf(who, address);
      if ('all' in target && !options.yes) await confirmAll(options);
      const data = (await ask(options, (client) => client.clear(target))) as { readonly cleared: number };
      if (options.json) printJson(data);
      else printLines([`Number of subscribers matching the specified criteria: ${data.cleared}`]);
    });
  return clear;
}

function targetOf(who: string, address: string | undefined): { readonly mac: string } | { readonly all: true } {
  if (who === 'mac' && address !== undefined) return { mac: address };
  if (who === 'mac') throw new CommandError(exitCode.usage, 'mac has no value', 'write mac 02:00:5e:11:22:33');
  if (address !== undefined) {
    throw new CommandError(
      exitCode.usage,
      `"${address}" does not follow ${who}`,
      'write "all", or "mac" and an address',
    );
  }
  return who === 'all' ? { all: true } : { mac: who };
}

/** Says how many sessions there are, and asks; where nobody can be asked it refuses. */
async function confirmAll(options: SocketOption): Promise<void> {
  const health = (await ask(options, (client) => client.health())) as { readonly sessions: number };
  const question = `this ends ${health.sessions} sessions`;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new CommandError(exitCode.refused, question, 'add --yes if that is what you want');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const reply = await terminal.question(`${question}. Continue? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(reply.trim()))
    throw new CommandError(exitCode.refused, 'nothing was ended', 'answer y to go on');
}
