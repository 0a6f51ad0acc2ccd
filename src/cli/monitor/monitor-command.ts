import { Command, Option } from 'commander';
import { addGatewayOptions, gatewayOptionsOf, refusedCommand } from '../ask.ts';
import { printJson, printLines } from '../output.ts';

interface MonitorArguments {
  readonly read?: string;
  readonly once?: boolean;
  readonly format?: string;
}

const formats = ['text', 'json', 'mermaid'];

/** `samog monitor` and `samog monitor subscriber`. */
export function monitorCommand(): Command {
  const monitor = withOptions(new Command('monitor'))
    .description('subscribers and their messages, live: a list, and the ladder of each with every field decoded')
    .argument('[filter...]', 'which subscribers: state=handover,denied profile=rg-west age<5m')
    .action((filter: readonly string[], options: MonitorArguments) => run(filter.join(' '), undefined, options));
  const subscriber = withOptions(new Command('subscriber'))
    .description('the ladder of one subscriber')
    .argument('<mac>', 'its MAC address, in any usual writing')
    .argument('[filter...]', 'which of its events: kind=refusal,timer party=aaa')
    .action((mac: string, filter: readonly string[], _: MonitorArguments, command: Command) =>
      run(filter.join(' '), mac, command.optsWithGlobals()),
    );
  return monitor.addCommand(subscriber);
}

function withOptions(command: Command): Command {
  return addGatewayOptions(command)
    .option('--read <file>', 'a file of samog capture or samog tech-support, instead of a gateway')
    .option('--once', 'print what there is and end; so it is where nobody looks at a terminal, too')
    .addOption(new Option('--format <format>', 'of what is printed').choices(formats));
}

async function run(filter: string, macText: string | undefined, options: MonitorArguments): Promise<void> {
  const mac = macText === undefined ? undefined : await macOf(macText);
  const { fileSource, gatewaySource } = await import('./monitor-source.ts');
  const source =
    options.read === undefined ? gatewaySource(gatewayOptionsOf({ ...options })) : fileSource(options.read);
  if (options.once !== true && process.stdin.isTTY && process.stdout.isTTY) {
    const { runMonitor } = await import('./run-monitor.ts');
    return runMonitor(source, filter, mac);
  }
  const { printOnce } = await import('./print-once.ts');
  const printed = await printOnce(source, filter, mac, options.format ?? 'text');
  if ('data' in printed) printJson(printed.data);
  else printLines(printed.lines);
}

async function macOf(text: string): Promise<string> {
  const { macTextArgument } = await import('../../operations/views/arguments.ts');
  const mac = macTextArgument(text);
  if (!mac.ok) throw refusedCommand(mac.refusal);
  return mac.value;
}
