import type { CommandShape } from '../commands/command.ts';
import { clip } from '../views/arguments.ts';
import type { ViewOption } from '../views/view.ts';

/** A word that may come next. */
export interface Candidate {
  readonly text: string;
  readonly help: string;
}

/** What is wrong with a line, and what to do about it. */
export interface Misreading {
  readonly ok: false;
  readonly what: string;
  readonly hint: string;
}

/** A line read as far as it goes. */
export interface Reading<Shape extends CommandShape> {
  readonly ok: true;
  /** Words read, in full. */
  readonly path: readonly string[];
  /** The command that they are, if it could be carried out as it is; others may begin with the same words. */
  readonly command: Shape | undefined;
  readonly args: Readonly<Record<string, string>>;
  /** The option whose value comes next. */
  readonly pending: ViewOption | undefined;
  /** Words that may come next; not the values of `pending`, instead of which they stand where it may be left out. */
  readonly next: readonly Candidate[];
}

/** Words that mean another one, for those who know it by them; in scripts, too. */
export const synonyms: Readonly<Record<string, string>> = { subscriber: 'subscribers' };

/** How the commands of a group are summed up where their first word alone is explained. */
export type GroupSummaries = Readonly<Record<string, string>>;

/**
 * Reads a line's words as one of the commands. Words and option names may be cut short where that leaves no doubt.
 *
 * @param abbreviations false in scripts: what is unambiguous today may not be tomorrow
 */
export function readCommand<Shape extends CommandShape>(
  commands: readonly Shape[],
  words: readonly string[],
  abbreviations: boolean,
  groups: GroupSummaries = {},
): Reading<Shape> | Misreading {
  let reading = begin(commands, groups);
  for (const word of words) {
    const after = step(commands, reading, word, abbreviations, groups);
    if (!after.ok) return after;
    reading = after;
  }
  return reading;
}

function begin<Shape extends CommandShape>(commands: readonly Shape[], groups: GroupSummaries): Reading<Shape> {
  return readingOf(commands, [], {}, undefined, groups);
}

function readingOf<Shape extends CommandShape>(
  commands: readonly Shape[],
  path: readonly string[],
  args: Readonly<Record<string, string>>,
  pending: ViewOption | undefined,
  groups: GroupSummaries,
): Reading<Shape> {
  const command = commands.find(({ words }) => words.length === path.length && startsWith(words, path));
  const words = Object.keys(args).length === 0 && pending === undefined ? wordsAfter(commands, path, groups) : [];
  const options = (command?.options ?? [])
    .filter(({ name }) => !Object.hasOwn(args, name) && command?.positional?.includes(name) !== true)
    .map(({ name, value, description }) => ({
      text: name,
      help: value === undefined ? description : `${value}: ${description}`,
    }));
  // A value that may be left out may be followed at once by what follows it.
  const isOpen = pending === undefined || pending.implied !== undefined;
  const next = isOpen ? [...words, ...options] : [];
  return { ok: true, path, command: isOpen ? command : undefined, args, pending, next };
}

function startsWith(words: readonly string[], path: readonly string[]): boolean {
  return path.every((word, index) => words[index] === word);
}

function wordsAfter(commands: readonly CommandShape[], path: readonly string[], groups: GroupSummaries): Candidate[] {
  const found = new Map<string, CommandShape[]>();
  for (const command of commands) {
    const word = command.words[path.length];
    if (word === undefined || !startsWith(command.words, path)) continue;
    found.set(word, [...(found.get(word) ?? []), command]);
  }
  return [...found].map(([text, members]) => {
    const exact = members.find(({ words }) => words.length === path.length + 1);
    const first = members[0]!;
    const group = path.length === 0 ? groups[text] : undefined;
    const further = first.words.slice(path.length + 1).join(' ');
    const others = members.length > 1 ? ', …' : '';
    return { text, help: group ?? exact?.summary ?? `${further}: ${first.summary}${others}` };
  });
}

function step<Shape extends CommandShape>(
  commands: readonly Shape[],
  { path, args, pending, next }: Reading<Shape>,
  word: string,
  abbreviations: boolean,
  groups: GroupSummaries,
): Reading<Shape> | Misreading {
  if (pending !== undefined && !(pending.implied !== undefined && chosenOf(next, word, abbreviations).length > 0)) {
    const value = readValue(pending, word, abbreviations);
    if (!value.ok) return value;
    return readingOf(commands, path, { ...args, [pending.name]: value.value }, undefined, groups);
  }
  const placed = nextPlaced(commands, path, args);
  if (placed !== undefined) {
    return readingOf(commands, path, { ...args, [placed.name]: word }, undefined, groups);
  }
  const chosen = chosenOf(next, word, abbreviations);
  if (chosen.length > 1) {
    return { ok: false, what: `"${clip(word)}" could be ${chosen.join(', ')}`, hint: 'write more of it' };
  }
  const command = commands.find(({ words }) => words.length === path.length && startsWith(words, path));
  const text = chosen[0];
  if (text === undefined) {
    const { bare } = command ?? {};
    if (bare !== undefined && !Object.hasOwn(args, bare)) {
      return readingOf(commands, path, { ...args, [bare]: word }, undefined, groups);
    }
    return { ok: false, ...unknownWord(path, args, next, word) };
  }
  const isWord = commands.some((one) => one.words[path.length] === text && startsWith(one.words, path));
  if (isWord && Object.keys(args).length === 0) return readingOf(commands, [...path, text], args, undefined, groups);
  const option = command!.options.find(({ name }) => name === text)!;
  if (option.value === undefined) return readingOf(commands, path, { ...args, [text]: '' }, undefined, groups);
  const known = option.implied === undefined ? args : { ...args, [text]: option.implied };
  return readingOf(commands, path, known, option, groups);
}

/** The option whose value comes next by its place; of another command that begins alike, words go before it. */
export function nextPlaced(
  commands: readonly CommandShape[],
  path: readonly string[],
  args: Readonly<Record<string, string>>,
): ViewOption | undefined {
  const command = commands.find(({ words }) => words.length === path.length && startsWith(words, path));
  const { positional = [], options = [] } = command ?? {};
  const isFirst = options.every(({ name }) => positional.includes(name) || !Object.hasOwn(args, name));
  const name = isFirst ? positional.find((one) => !Object.hasOwn(args, one)) : undefined;
  return options.find((option) => option.name === name);
}

function chosenOf(next: readonly Candidate[], word: string, abbreviations: boolean): string[] {
  return choose(
    next.map(({ text }) => text),
    word,
    abbreviations,
  );
}

function choose(texts: readonly string[], word: string, abbreviations: boolean): string[] {
  const meant = texts.includes(word) ? word : synonyms[word];
  const exact = texts.filter((text) => text === meant);
  if (exact.length > 0 || !abbreviations || word === '') return exact.slice(0, 1);
  return [...new Set(texts.filter((text) => text.startsWith(word)))];
}

function readValue(
  { name, choices }: ViewOption,
  word: string,
  abbreviations: boolean,
): { readonly ok: true; readonly value: string } | Misreading {
  if (choices === undefined) return { ok: true, value: word };
  const [only, ...others] = choose(choices, word, abbreviations);
  if (only !== undefined && others.length === 0) return { ok: true, value: only };
  return { ok: false, what: `"${clip(word)}" is no ${name}`, hint: `use ${choices.join(' or ')}` };
}

function unknownWord(
  path: readonly string[],
  args: Readonly<Record<string, string>>,
  next: readonly Candidate[],
  word: string,
): { readonly what: string; readonly hint: string } {
  if (Object.hasOwn(args, word)) return { what: `${word} is given twice`, hint: 'give it once' };
  const what =
    path.length === 0 ? `there is no command "${clip(word)}"` : `"${clip(word)}" does not follow ${path.join(' ')}`;
  const texts = next.map(({ text }) => text);
  return { what, hint: texts.length === 0 ? 'nothing follows it' : `what may follow: ${texts.join(', ')}` };
}

/** What is missing of a command that cannot be carried out yet. */
export function incomplete({ path, pending, next }: Reading<CommandShape>): Misreading {
  if (pending !== undefined) {
    return { ok: false, what: `${pending.name} has no value`, hint: `write ${pending.name} ${pending.value}` };
  }
  return {
    ok: false,
    what: `${path.join(' ')} is not a whole command`,
    hint: `what may follow: ${next.map(({ text }) => text).join(', ')}`,
  };
}
