import { Argument, Command, InvalidArgumentError } from 'commander';
import {
  type AuditAnswer,
  auditLines,
  type ConfigurationAnswer,
  configurationLines,
  type NackAnswer,
  nackLines,
  type ProbeFlagAnswer,
  probeFlagLines,
  type SwitchoverAnswer,
  switchoverLines,
  type ValidationAnswer,
  validationLines,
} from '../operations/redundancy-commands.ts';
import { ask, type SocketOption, socketOption } from './ask.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { printJson, printLines } from './output.ts';

interface SrpOptions extends SocketOption {
  readonly json?: boolean;
}

/** How the answer of a command is asked for, printed and judged. */
interface Question<Answer> {
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** How long the gateway may take beyond the usual. */
  readonly waitMs?: number;
  readonly render: (answer: Answer) => string[];
  readonly code: (answer: Answer) => number;
}

/** How long `srp initiate-switchover` waits unless told otherwise; a hand-over has a limit of its own, below this. */
const switchoverWaitSeconds = 30;

/** `samog srp …`: what an operator may ask of a pair. The exit code tells what came of it. */
export function srpCommand(setExitCode: (code: number) => void): Command {
  const srp = new Command('srp').description('operate the pair: service redundancy protocol');

  const put = async <Answer>(question: Question<Answer>, options: SrpOptions): Promise<void> => {
    const { path, body = {}, waitMs = 0, render, code } = question;
    const answer = (await ask(options, (client) => client.srp(path, body, waitMs))) as Answer;
    if (options.json === true) printJson(answer);
    else printLines(render(answer));
    setExitCode(code(answer));
  };
  const leaf = (parent: Command, name: string, description: string): Command =>
    parent
      .command(name)
      .description(description)
      .option('--json', 'print one JSON document')
      .option(...socketOption);

  leaf(srp, 'validate-configuration', 'compare the configurations of both chassis now').action((options: SrpOptions) =>
    put<ConfigurationAnswer>(
      {
        path: 'validate-configuration',
        render: configurationLines,
        code: ({ status }) => (status === 'equal' ? exitCode.done : exitCode.refused),
      },
      options,
    ),
  );
  leaf(srp, 'validate-switchover', 'tell whether a planned switchover would go well, a line for each condition').action(
    (options: SrpOptions) =>
      put<ValidationAnswer>(
        {
          path: 'validate-switchover',
          render: validationLines,
          code: ({ passed }) => (passed ? exitCode.done : exitCode.refused),
        },
        options,
      ),
  );
  leaf(srp, 'initiate-switchover', 'hand the role to the peer, and wait until it has it')
    .argument('[force]', '"force": go on without what is not indispensable')
    .option('--wait <seconds>', 'how long to wait for the result', wholeSeconds, switchoverWaitSeconds)
    .action((force: string | undefined, options: SrpOptions & { readonly wait: number }) =>
      put(switchoverQuestion(force, options.wait), options),
    );
  leaf(srp, 'initiate-audit', 'compare what both chassis hold, and send again what differs')
    .addArgument(new Argument('<mode>', 'the only one there is').choices(['manual-with-sync']))
    .action((mode: string, options: SrpOptions) =>
      put<AuditAnswer>(
        { path: 'initiate-audit', body: { mode }, waitMs: 10_000, render: auditLines, code: codeOfAudit },
        options,
      ),
    );
  leaf(srp, 'reset-auth-probe-fail', 'let the AAA probe cause a switchover again').action((options: SrpOptions) =>
    put<ProbeFlagAnswer>({ path: 'reset-auth-probe-fail', render: probeFlagLines, code: () => exitCode.done }, options),
  );
  for (const word of ['enable', 'disable'] as const) {
    const nack = srp
      .command(word)
      .description(`${word} NACKs of a micro-checkpoint`)
      .command('nack')
      .description(`${word} NACKs of a micro-checkpoint`);
    leaf(nack, 'micro-chkpt-cmd', `${word} NACKs of the micro-checkpoints of a CMD-ID, until this chassis restarts`)
      .argument('<cmd-id>', 'its CMD-ID: show srp checkpoint info lists them', wholeNumber)
      .action((cmdId: number, options: SrpOptions) =>
        put<NackAnswer>(
          { path: 'nack', body: { cmdId, enabled: word === 'enable' }, render: nackLines, code: () => exitCode.done },
          options,
        ),
      );
  }
  return srp;
}

function switchoverQuestion(force: string | undefined, waitSeconds: number): Question<SwitchoverAnswer> {
  if (force !== undefined && force !== 'force') {
    const hint = 'only "force" may follow';
    throw new CommandError(exitCode.usage, `"${force}" does not follow initiate-switchover`, hint);
  }
  const waitMs = waitSeconds * 1000;
  const codes = { completed: exitCode.done, 'under-way': exitCode.timedOut } as const;
  return {
    path: 'initiate-switchover',
    body: { force: force === 'force', waitMs },
    waitMs,
    render: switchoverLines,
    code: ({ outcome }) => (outcome in codes ? codes[outcome as keyof typeof codes] : exitCode.refused),
  };
}

function codeOfAudit({ outcome }: AuditAnswer): number {
  return outcome === 'equal' || outcome === 'repaired' ? exitCode.done : exitCode.timedOut;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('Use a whole number.');
  return Number(text);
}

function wholeSeconds(text: string): number {
  const seconds = wholeNumber(text);
  if (seconds > 300) throw new InvalidArgumentError('Use at most 300 seconds.');
  return seconds;
}
