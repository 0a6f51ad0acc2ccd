import { mayKnow, type Role } from '../../operations/access/role.ts';
import type { CommandShape, OperatorCommand } from '../../operations/commands/command.ts';
import { groupSummaries, operatorCommands } from '../../operations/commands/table.ts';
import { type Filter, filtered, readFilters } from '../../operations/shell/filters.ts';
import { incomplete, readCommand } from '../../operations/shell/grammar.ts';
import { tokenize } from '../../operations/shell/tokens.ts';
import { type CarryOptions, carryOut } from '../carry-out.ts';
import { CommandError, exitCode } from '../exit-code.ts';
import { writeNewFile } from '../new-file.ts';
import { asRead } from '../output.ts';
import { type LocalCommand, localCommands } from './local-commands.ts';

export type ShellCommand = OperatorCommand | LocalCommand;

/** Every command of the shell that whoever has these roles may know of. */
export function shellCommandsFor(roles: readonly Role[]): readonly ShellCommand[] {
  return [...operatorCommands.filter(({ operation }) => mayKnow({ roles }, operation.role)), ...localCommands];
}

export interface LineOptions extends CarryOptions {
  readonly abbreviations: boolean;
  readonly history: readonly string[];
  /** What there is. */
  readonly commands: readonly ShellCommand[];
}

export interface LineResult {
  readonly lines: readonly string[];
  readonly exitCode: number;
  readonly leave: boolean;
  /** A screen at a time. */
  readonly paged: boolean;
}

const nothing: LineResult = { lines: [], exitCode: exitCode.done, leave: false, paged: true };

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
  const [first, ...others] = filters.filters;
  // What the gateway counts is all there is, not a page.
  const isCounted = first?.kind === 'count' && counts(command, reading.args);
  const args = isCounted ? { ...reading.args, count: '' } : reading.args;
  const carried = isLocal(command) ? await command.run(args, options) : await carryOut(command, args, options);
  if (carried === 'leave') return { ...nothing, leave: true };
  const lines = filtered(isCounted ? others : filters.filters, carried.data, () => carried.lines());
  const { exitCode: code } = carried;
  const last = filters.filters.at(-1);
  if (last?.kind === 'save') {
    writeNewFile(last.text, `${lines.join('\n')}\n`);
    return { ...nothing, lines: [`${last.text}: ${lines.length} lines`], exitCode: code };
  }
  const kinds = new Set(filters.filters.map(({ kind }) => kind));
  const isText = !['json', 'jsonl', 'csv'].some((kind) => kinds.has(kind as Filter['kind']));
  // What the shell makes itself it makes for its terminal, or as one document.
  const wide = !isText || isLocal(command) || kinds.has('wide') || 'wide' in args;
  return { lines: asRead(lines, wide), exitCode: code, leave: false, paged: !kinds.has('no-more') };
}

/** Whether it is the gateway that can count what this would list: with any other option but the access type it lists a part. */
function counts({ options }: CommandShape, args: Readonly<Record<string, string>>): boolean {
  return options.some(({ name }) => name === 'count') && Object.keys(args).every((name) => name === 'access');
}

function isLocal(command: CommandShape): command is LocalCommand {
  return 'run' in command;
}
