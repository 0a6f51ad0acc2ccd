import { csvLines } from './csv.ts';
import type { Candidate, Misreading } from './grammar.ts';

/** What may stand behind a `|`. */
export type Filter =
  | { readonly kind: 'match' | 'except' | 'begin'; readonly pattern: RegExp }
  | { readonly kind: 'include'; readonly text: string }
  | { readonly kind: 'count' | 'json' | 'csv' };

/** Every filter with what it does. */
export const filterCandidates: readonly Candidate[] = [
  { text: 'match', help: 'PATTERN: only lines that match a regular expression, in any case of letters' },
  { text: 'except', help: 'PATTERN: only lines that do not match it' },
  { text: 'include', help: 'TEXT: only lines that contain this very text' },
  { text: 'begin', help: 'PATTERN: from the first line on that matches' },
  { text: 'count', help: 'how many lines there are' },
  { text: 'json', help: 'the whole answer as one JSON document; comes first' },
  { text: 'csv', help: 'the rows of the answer as comma-separated values (RFC 4180); comes first' },
];

const patternLengthMax = 200;

/** Reads the parts behind the `|` of a line. */
export function readFilters(
  parts: readonly (readonly string[])[],
  abbreviations: boolean,
): { readonly ok: true; readonly filters: readonly Filter[] } | Misreading {
  const filters: Filter[] = [];
  for (const words of parts) {
    const read = readFilter(words, abbreviations, filters.length === 0);
    if (!read.ok) return read;
    filters.push(read.filter);
  }
  return { ok: true, filters };
}

function readFilter(
  [word = '', ...values]: readonly string[],
  abbreviations: boolean,
  isFirst: boolean,
): { readonly ok: true; readonly filter: Filter } | Misreading {
  const names = filterCandidates.map(({ text }) => text);
  const found = names.filter((name) => name === word || (abbreviations && word !== '' && name.startsWith(word)));
  const name = found.includes(word) ? word : found.length === 1 ? found[0] : undefined;
  const wrong = (what: string, hint: string): Misreading => ({ ok: false, what, hint });
  switch (name) {
    case 'match':
    case 'except':
    case 'begin':
    case 'include': {
      const text = values.join(' ');
      if (text === '') return wrong(`| ${name} has nothing to look for`, `write | ${name} TEXT`);
      if (text.length > patternLengthMax)
        return wrong('the pattern is too long', `use at most ${patternLengthMax} characters`);
      if (name === 'include') return { ok: true, filter: { kind: name, text } };
      try {
        return { ok: true, filter: { kind: name, pattern: new RegExp(text, 'i') } };
      } catch {
        return wrong(`"${text}" is no regular expression`, '| include takes any text as it is');
      }
    }
    case 'count':
    case 'json':
    case 'csv':
      if (values.length > 0) return wrong(`"${values.join(' ')}" does not follow | ${name}`, 'nothing follows it');
      if (name !== 'count' && !isFirst)
        return wrong(`| ${name} comes too late`, 'put it first: it takes the whole answer');
      return { ok: true, filter: { kind: name } };
    default:
      return wrong(
        found.length > 1 ? `"| ${word}" could be ${found.join(', ')}` : `there is no filter "| ${word}"`,
        `the filters: ${names.join(', ')}`,
      );
  }
}

/**
 * The lines that an answer becomes.
 *
 * @param data the answer itself; @param lines makes its text
 */
export function filtered(filters: readonly Filter[], data: unknown, lines: () => readonly string[]): string[] {
  const [first, ...others] = filters;
  if (first?.kind === 'json') return others.reduce(apply, JSON.stringify(data, null, 2).split('\n'));
  if (first?.kind === 'csv') return others.reduce(apply, csvLines(data));
  return filters.reduce(apply, [...lines()]);
}

function apply(lines: string[], filter: Filter): string[] {
  switch (filter.kind) {
    case 'match':
      return lines.filter((line) => filter.pattern.test(line));
    case 'except':
      return lines.filter((line) => !filter.pattern.test(line));
    case 'include':
      return lines.filter((line) => line.includes(filter.text));
    case 'begin': {
      const first = lines.findIndex((line) => filter.pattern.test(line));
      return first < 0 ? [] : lines.slice(first);
    }
    case 'count':
      return [`Count: ${lines.length} lines`];
    default:
      return lines;
  }
}
