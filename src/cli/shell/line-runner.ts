import { mayKnow, type Role } from '../../operations/access/role.ts';
import type { CommandShape, OperatorCommand } from '../../operations/commands/command.ts';
import { groupSummaries, operatorCommands } from '../../operations/commands/table.ts';
import { filtered, readFilters } from '../../operations/shell/filters.ts';
import { incomplete, readCommand } from '../../operations/shell/grammar.ts';
import { tokenize } from '../../operations/shell/tokens.ts';
import { type CarryOptions, carryOut } from '../carry-out.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import { type LocalCommand, localCommands } from './local-commands.ts';

export type ShellCommand = OperatorCommand | LocalCommand;

/** Every command of the shell that whoever has these roles may know of. */
export function shellCommandsFor(roles: readonly Role[]): readonly ShellCommand[] {
  return [...operatorCommands.filter(({ operation }) => mayKnow({ roles }, operation.role)), ...localCommands];
}

export interface LineOptions extends CarryOptions {
  /** Words may be cut short. */
  readonly abbreviations: boolean;
  readonly history: readonly string[];
  /** What there is. */
  readonly commands: readonly ShellCommand[];
}

export interface LineResult {
  readonly lines: readonly string[];
  readonly exitCode: number;
  readonly leave: boolean;
}

const nothing: LineResult = { lines: [], exitCode: exitCode.done, leave: false };

/**
 * Carries out one line of the shell: a command, and filters after `|`. Empty lines and comments (`#`) do nothing.
 *
 * @throws CommandError if there is no answer to print
 */
export async function runLine(text: string, options: LineOptions): Promise<LineResult> {
  if (text.trim() === '' || text.trimStart().startsWith('#')) return nothing;
  const { parts, openQuote } = tokenize(text);
  if (openQuote) throw new CommandError(exitCode.usage, 'a quote is not closed', 'close it with the same quote');
  const [words = [], ...behind] = parts;
  const reading = readCommand(options.commands, words, options.abbreviations, groupSummaries);
  if (!reading.ok) throw new CommandError(exitCode.usage, reading.what, reading.hint);
  const filters = readFilters(behind, options.abbreviations);
  if (!filters.ok) throw new CommandError(exitCode.usage, filters.what, filters.hint);
  const { command } = reading;
  if (command === undefined) {
    const { what, hint } = incomplete(reading);
    throw new CommandError(exitCode.usage, what, hint);
  }
  const carried = isLocal(command)
    ? await command.run(reading.args, options)
    : await carryOut(command, reading.args, options);
  if (carried === 'leave') return { ...nothing, leave: true };
  const lines = filtered(filters.filters, carried.data, () => carried.lines());
  return { lines, exitCode: carried.exitCode, leave: false };
}

function isLocal(command: CommandShape): command is LocalCommand {
  return 'run' in command;
}
