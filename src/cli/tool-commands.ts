import { Command, InvalidArgumentError, Option } from 'commander';
import type { BenchCommand } from '../lab/bench/bench-command.ts';
import type { DemoArguments } from '../lab/demo.ts';
import type { LabArguments } from '../lab/lab-command.ts';
import type { LoadReceiveArguments, LoadSendArguments } from '../lab/load/load-command.ts';
import type { SimulateCommand } from '../lab/simulate-command.ts';

type SetExitCode = (code: number) => void;

/** `samog demo`, `lab`, `simulate`, `bench` and `load`: each is loaded only when it is used. */
export function toolCommands(setExitCode: SetExitCode): Command[] {
  return [demoCommand, labCommand, simulateCommand, benchCommand, loadCommand].map((command) => command(setExitCode));
}

function wholeNumber(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('Use a whole number.');
  return Number(text);
}

function patternOf(text: string): string {
  try {
    return new RegExp(text).source;
  } catch {
    throw new InvalidArgumentError('Use a regular expression.');
  }
}

const json = ['--json', 'print one JSON document', false] as const;
const number = (flags: string, description: string) => new Option(flags, description).argParser(wholeNumber);

function demoCommand(setExitCode: SetExitCode): Command {
  return new Command('demo')
    .description('start a gateway with its whole surroundings on loopback, and play every handover')
    .option('--once', 'end after the handovers instead of taking commands', false)
    .action(async (options: DemoArguments) => {
      const { demoCommand: demo } = await import('../lab/demo.ts');
      setExitCode(await demo(options));
    });
}

function labCommand(setExitCode: SetExitCode): Command {
  return new Command('lab')
    .description('play one scenario against a real gateway on loopback')
    .argument('[scenario]', 'its name; --list tells them all')
    .option('--list', 'list the scenarios', false)
    .option('--former <folder>', 'of upgrade: where the release is that both chassis begin as')
    .option('--rounds <n>', 'of chaos: how many rounds (10 unless told otherwise)', wholeNumber)
    .option('--seed <n>', 'of chaos: what draws them (1 unless told otherwise)', wholeNumber)
    .option(...json)
    .action(async (scenario: string | undefined, options: LabArguments) => {
      const { labCommand: lab } = await import('../lab/lab-command.ts');
      setExitCode(await lab({ ...options, scenario }));
    });
}

type SimulateArguments = Omit<SimulateCommand, 'chassis'> & { readonly chassis?: '1' | '2' };

function simulateCommand(setExitCode: SetExitCode): Command {
  return new Command('simulate')
    .description(
      'run the gateway in a virtual world with faults on every link, and check its invariants; with two chassis these ' +
        'crash, stand still and lose each other, too',
    )
    .addOption(number('--seed <n>', 'the first seed').default(1))
    .addOption(number('--runs <n>', 'how many runs, each with the next seed').default(20))
    .addOption(number('--steps <n>', 'the most that happens in one run'))
    .addOption(
      new Option('--faults [level]', 'what goes wrong: all of it, or nothing; without this option all of it')
        .choices(['all', 'none'])
        .preset('all'),
    )
    .addOption(
      new Option(
        '--chassis <n>',
        'chassis of the gateway: 2 with --faults and 1 without, unless told otherwise',
      ).choices(['1', '2']),
    )
    .option(...json)
    .action(async ({ chassis, ...options }: SimulateArguments) => {
      const { simulateCommand: simulate } = await import('../lab/simulate-command.ts');
      setExitCode(
        await simulate({ ...options, ...(chassis === undefined ? {} : { chassis: chassis === '1' ? 1 : 2 }) }),
      );
    });
}

function benchCommand(setExitCode: SetExitCode): Command {
  return new Command('bench')
    .description('measure the gateway on real sockets')
    .argument('[name]', 'which benchmark; --list tells them all')
    .option('--all', 'all of them, one after the other', false)
    .option('--list', 'list the benchmarks', false)
    .addOption(number('--count <n>', 'pieces of the measured work'))
    .addOption(number('--warm-up <n>', 'pieces done before, unmeasured'))
    .addOption(number('--window <n>', 'pieces outstanding at a time, in closed loops'))
    .addOption(number('--sessions <n>', 'sessions that are up meanwhile'))
    .addOption(number('--memory-sessions <n>', 'sessions of which the memory is measured'))
    .addOption(number('--rate-per-second <n>', 'pieces begun each second, in open loops'))
    .addOption(number('--rounds <n>', 'how often what varies is measured'))
    .addOption(
      new Option(
        '--only <pattern>',
        'of forwarding, icsr and operator, the rows whose names it is in: a regular expression',
      ).argParser(patternOf),
    )
    .option('--profile <file>', 'where to leave a CPU profile of the gateway')
    .option(...json)
    .action(async (name: string | undefined, options: BenchCommand) => {
      const { benchCommand: bench } = await import('../lab/bench/bench-command.ts');
      setExitCode(await bench({ ...options, ...(name === undefined ? {} : { name }) }));
    });
}

function loadCommand(setExitCode: SetExitCode): Command {
  const seconds = () => number('--seconds <n>', 'for how long').default(10);
  const send = new Command('send')
    .description('send packets of sessions that a gateway has, made in the kernel, as its RG or its LMA')
    .requiredOption('--interface <name>', 'where they leave: its driver has to send what XDP redirects')
    .requiredOption('--from <address>', 'the RG, or the LMA')
    .requiredOption('--to <address>', "the gateway's address of that side")
    .requiredOption('--next-hop <mac>', 'to which MAC address on the wire')
    .addOption(
      new Option('--direction <direction>', 'EoGRE from the RG, or GRE with keys from the LMA')
        .choices(['uplink', 'downlink'])
        .default('uplink'),
    )
    .addOption(number('--sessions <n>', 'sessions that packets are drawn from').default(1))
    .addOption(number('--octets <n>', "octets of the UE's packet").default(64))
    .addOption(number('--rate <n>', 'packets a second; without it as many as one processor can make'))
    .addOption(seconds())
    .option('--mac <mac>', 'of the first UE; the others follow', '02:b0:00:00:00:00')
    .option('--address <address>', 'of the first UE; the others follow', '10.0.0.2')
    .option('--host <address>', 'whom UEs speak to', '198.18.0.1')
    .option('--router <mac>', "UEs' default router", '02:00:00:00:00:fe')
    .addOption(number('--key <n>', "the first session's GRE key, downlink").default(1))
    .addOption(number('--key-step <n>', "how much more each session's key is than the one's before").default(1))
    .option(...json)
    .action(async (options: LoadSendArguments) => {
      const { loadSendCommand } = await import('../lab/load/load-command.ts');
      setExitCode(await loadSendCommand(options));
    });
  const receive = new Command('receive')
    .description('count them where they come out, and take them off the wire')
    .requiredOption('--interface <name>', 'where they come')
    .addOption(seconds())
    .option(...json)
    .action(async (options: LoadReceiveArguments) => {
      const { loadReceiveCommand } = await import('../lab/load/load-command.ts');
      setExitCode(await loadReceiveCommand(options));
    });
  return new Command('load')
    .description('load a gateway with packets of its sessions, and count them at the other end')
    .addCommand(send)
    .addCommand(receive);
}
