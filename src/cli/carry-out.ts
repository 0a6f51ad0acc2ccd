import { apiOperations } from '../operations/api/operations.ts';
import type { Consent, OperatorCommand } from '../operations/commands/command.ts';
import type { Health } from '../operations/health.ts';
import type { ViewArguments } from '../operations/views/view.ts';
import { ask, type GatewayOptions, refusedCommand } from './ask.ts';
import { configurationText } from './configuration.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { withWholeMac } from './meant-subscriber.ts';
import { widthOfTerminal } from './output.ts';

/** What became of a command that was carried out. */
export interface Carried {
  readonly data: unknown;
  /** Its text. */
  lines(): string[];
  readonly exitCode: number;
}

export interface CarryOptions extends GatewayOptions {
  /** Words and MAC addresses may be cut short: somebody types them. */
  readonly abbreviations?: boolean;
  /** The operator has consented already. */
  readonly yes?: boolean;
  /** Tells lines and asks yes or no; undefined where nobody can be asked. */
  readonly confirm?: ((question: string, told: readonly string[]) => Promise<boolean>) | undefined;
}

/** Columns that a drawing may have. */
const drawnMin = 40;
const drawnMax = 400;

const exitCodes = { done: exitCode.done, refused: exitCode.refused, 'timed-out': exitCode.timedOut } as const;

/**
 * Has the gateway carry out a command, with the operator's consent where it needs that.
 *
 * @throws CommandError if it did not come to an answer
 */
export async function carryOut(
  command: OperatorCommand,
  given: ViewArguments,
  options: CarryOptions,
): Promise<Carried> {
  const args = await withWholeMac(command, given, options, options.abbreviations === true);
  const input = command.input(withWidth(command, withFiles(command, args)));
  if (!input.ok) throw refusedCommand(input.refusal);
  if (options.yes !== true) await consent(command, args, options);
  const data = await ask(options, command.operation, input.value);
  return {
    data,
    lines: () => rendered(command, data),
    exitCode: exitCodes[command.outcome?.(data) ?? 'done'],
  };
}

/** @throws CommandError if the answer lacks something: a gateway of another release may answer otherwise */
function rendered(command: OperatorCommand, data: unknown): string[] {
  try {
    return command.render(data);
  } catch (error) {
    const what = `the answer of the gateway is none that this command can show: ${error instanceof Error ? error.message : error}`;
    const hint = 'it may be of another release: add --json, or use the samog of its release';
    throw new CommandError(exitCode.refused, what, hint);
  }
}

/** What is drawn is drawn for the terminal that it is seen at. */
function withWidth({ options }: OperatorCommand, args: ViewArguments): ViewArguments {
  const width = widthOfTerminal();
  if (width === undefined || 'wide' in args || 'width' in args || !options.some(({ name }) => name === 'width'))
    return args;
  return { ...args, width: String(Math.min(Math.max(width, drawnMin), drawnMax)) };
}

function withFiles({ files = [] }: OperatorCommand, args: ViewArguments): ViewArguments {
  const read = files.flatMap((name) =>
    args[name] === undefined ? [] : [[name, configurationText(args[name])] as const],
  );
  return { ...args, ...Object.fromEntries(read) };
}

async function consent({ consent }: OperatorCommand, args: ViewArguments, options: CarryOptions): Promise<void> {
  if (consent === undefined || consent.question(args, 0) === undefined) return;
  if (options.confirm === undefined && consent.inScripts === 'implied') return;
  const { sessions } = (await ask(options, apiOperations.health)) as Health;
  const question = consent.question(args, sessions)!;
  if (options.confirm === undefined) {
    throw new CommandError(exitCode.refused, question, 'add --yes if that is what you want');
  }
  const told = consent.preflight === undefined ? [] : await preflightLines(consent.preflight, args, options);
  if (!(await options.confirm(`${question}. Continue? [y/N] `, told))) {
    throw new CommandError(exitCode.refused, 'nothing was done', 'answer y to go on');
  }
}

async function preflightLines(
  preflight: NonNullable<Consent['preflight']>,
  args: ViewArguments,
  options: CarryOptions,
): Promise<string[]> {
  const input = preflight.input(args);
  if (!input.ok) throw refusedCommand(input.refusal);
  return preflight.render(await ask(options, preflight.operation, input.value));
}
