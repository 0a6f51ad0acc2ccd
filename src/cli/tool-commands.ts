import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { CommandError, exitCode } from './exit-code.ts';

/** A command of the lab: what it is called, what it takes, and the module that does it, loaded only when it is used. */
interface Tool {
  readonly name: string;
  readonly summary: string;
  readonly argument?: { readonly name: string; readonly description: string };
  readonly options: readonly Option[];
  /** Relative to this file. */
  readonly module: string;
  /** Its function: takes the argument (under its name) and the options as one object, and returns the exit code. */
  readonly run: string;
}

type ToolRun = (options: Readonly<Record<string, unknown>>) => Promise<number>;

function wholeNumber(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('Use a whole number.');
  return Number(text);
}

const json = () => new Option('--json', 'print one JSON document').default(false);
const number = (flags: string, description: string) => new Option(flags, description).argParser(wholeNumber);

const tools: readonly Tool[] = [
  {
    name: 'demo',
    summary: 'start a gateway with its whole surroundings on loopback, and play every handover',
    options: [new Option('--once', 'end after the handovers instead of taking commands').default(false)],
    module: '../lab/demo.ts',
    run: 'demoCommand',
  },
  {
    name: 'lab',
    summary: 'play one scenario against a real gateway on loopback',
    argument: { name: 'scenario', description: 'its name; --list tells them all' },
    options: [new Option('--list', 'list the scenarios').default(false), json()],
    module: '../lab/lab-command.ts',
    run: 'labCommand',
  },
  {
    name: 'simulate',
    summary: 'run the gateway in a virtual world with faults on every link, and check its invariants',
    options: [
      number('--seed <n>', 'the first seed').default(1),
      number('--runs <n>', 'how many runs, each with the next seed').default(20),
      number('--steps <n>', 'the most that happens in one run'),
      new Option('--faults <level>', 'faults of the links').choices(['all', 'none']).default('all'),
      json(),
    ],
    module: '../lab/simulate-command.ts',
    run: 'simulateCommand',
  },
  {
    name: 'bench',
    summary: 'measure the gateway on real sockets',
    argument: { name: 'name', description: 'which benchmark; without it they are listed' },
    options: [
      number('--count <n>', 'pieces of the measured work'),
      number('--warm-up <n>', 'pieces done before, unmeasured'),
      number('--window <n>', 'pieces outstanding at a time, in closed loops'),
      number('--sessions <n>', 'sessions that are up meanwhile'),
      number('--rate-per-second <n>', 'pieces begun each second, in open loops'),
      new Option('--profile <file>', 'where to leave a CPU profile of the gateway'),
      json(),
    ],
    module: '../lab/bench/bench-command.ts',
    run: 'benchCommand',
  },
];

/** `samog demo`, `lab`, `simulate` and `bench`. */
export function toolCommands(setExitCode: (code: number) => void): Command[] {
  return tools.map((tool) => {
    const command = new Command(tool.name).description(tool.summary);
    if (tool.argument !== undefined) {
      command.addArgument(new Argument(`[${tool.argument.name}]`, tool.argument.description));
    }
    for (const option of tool.options) command.addOption(option);
    return command.action(async () => {
      const given = tool.argument === undefined ? {} : { [tool.argument.name]: command.args[0] };
      const run = await load(tool);
      setExitCode(await run({ ...command.opts(), ...given }));
    });
  });
}

async function load({ name, module, run }: Tool): Promise<ToolRun> {
  const loaded = (await import(new URL(module, import.meta.url).href)) as Readonly<Record<string, unknown>>;
  const found = loaded[run];
  if (typeof found === 'function') return found as ToolRun;
  throw new CommandError(
    exitCode.refused,
    `samog ${name} is not part of this installation`,
    'install the complete package',
  );
}
