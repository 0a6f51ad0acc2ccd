import type { CommandShape } from '../commands/command.ts';
import type { ViewOption } from '../views/view.ts';
import { filterCandidates } from './filters.ts';
import { type Candidate, type GroupSummaries, nextPlaced, readCommand } from './grammar.ts';
import { tokenize } from './tokens.ts';

/** What may take the place of the word that a line ends in. */
export interface Completion {
  /** That word, as it was typed. */
  readonly partial: string;
  /** Those that begin with it. */
  readonly candidates: readonly Candidate[];
  /** The line may end before it. */
  readonly mayEnd: boolean;
}

/** The values that the gateway has for an option, which a shell has to ask for. */
export type LiveValues = (
  kind: NonNullable<ViewOption['completion']>,
  partial: string,
) => readonly Candidate[] | Promise<readonly Candidate[]>;

/** What may stand at the end of a line, for Tab and `?`. */
export async function complete(
  commands: readonly CommandShape[],
  groups: GroupSummaries,
  line: string,
  live: LiveValues,
): Promise<Completion> {
  const { parts, partial } = tokenize(line);
  const words = parts.at(-1)!;
  const before = partial === '' ? words : words.slice(0, -1);
  if (parts.length > 1) {
    const candidates = before.length === 0 ? beginningWith(filterCandidates, partial) : [];
    return { partial, candidates, mayEnd: partial === '' && before.length > 0 };
  }
  const reading = readCommand(commands, before, true, groups);
  if (!reading.ok) return { partial, candidates: [], mayEnd: false };
  if (reading.pending !== undefined) {
    const values = await valuesOf(reading.pending, partial, live);
    const isOpen = reading.pending.implied !== undefined;
    return {
      partial,
      candidates: [...values, ...beginningWith(reading.next, partial)],
      mayEnd: isOpen && partial === '',
    };
  }
  const placed = nextPlaced(commands, reading.path, reading.args);
  if (placed !== undefined) {
    return { partial, candidates: await valuesOf(placed, partial, live), mayEnd: partial === '' };
  }
  const candidates = [...beginningWith(reading.next, partial)];
  const bare = reading.command?.options.find(({ name }) => name === reading.command?.bare);
  if (bare !== undefined && !Object.hasOwn(reading.args, bare.name)) {
    candidates.push(...(await valuesOf(bare, partial, live)));
  }
  return { partial, candidates, mayEnd: partial === '' && reading.command !== undefined };
}

async function valuesOf(
  { value, description, choices, completion }: ViewOption,
  partial: string,
  live: LiveValues,
): Promise<readonly Candidate[]> {
  if (choices !== undefined) {
    return beginningWith(
      choices.map((text) => ({ text, help: '' })),
      partial,
    );
  }
  const found = completion === undefined ? [] : beginningWith(await live(completion, partial), partial);
  return found.length > 0 || partial !== '' ? found : [{ text: `<${value}>`, help: description }];
}

function beginningWith(candidates: readonly Candidate[], partial: string): readonly Candidate[] {
  return candidates.filter(({ text }) => text.startsWith(partial));
}

/** What `?` prints: a line for each candidate, and one for the end of the command where it may end. */
export function helpLines({ candidates, mayEnd }: Completion): string[] {
  const rows = mayEnd ? [...candidates, { text: '<Enter>', help: 'carry it out; | FILTER may follow' }] : candidates;
  if (rows.length === 0) return ['  nothing fits here'];
  const width = Math.max(...rows.map(({ text }) => text.length));
  return rows.map(({ text, help }) => `  ${text.padEnd(width)}  ${help}`.trimEnd());
}
