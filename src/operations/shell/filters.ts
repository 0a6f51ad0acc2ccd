import { csvLines, jsonLines, rowCount } from './csv.ts';
import type { Candidate, Misreading } from './grammar.ts';

/** What may stand behind a `|`. */
export type Filter =
  | { readonly kind: 'match' | 'except' | 'begin'; readonly pattern: RegExp }
  | { readonly kind: 'include' | 'save'; readonly text: string }
  | { readonly kind: 'first' | 'last'; readonly lines: number }
  | { readonly kind: 'count' | 'json' | 'jsonl' | 'csv' | 'no-more' | 'wide' };

/** Every filter with what it does. */
export const filterCandidates: readonly Candidate[] = [
  { text: 'match', help: 'PATTERN: only lines that match a regular expression, in any case of letters' },
  { text: 'except', help: 'PATTERN: only lines that do not match it' },
  { text: 'include', help: 'TEXT: only lines that contain this very text' },
  { text: 'begin', help: 'PATTERN: from the first line on that matches' },
  { text: 'first', help: 'N: only the first N lines' },
  { text: 'last', help: 'N: only the last N lines' },
  { text: 'count', help: 'how many there are: as the first of all filters rows, behind another one lines' },
  { text: 'save', help: 'FILE: into a new file of yours alone; comes last' },
  { text: 'no-more', help: 'all at once, not a screen at a time' },
  { text: 'wide', help: 'lines as long as they are, on a narrow terminal, too' },
  { text: 'json', help: 'the whole answer as one JSON document; comes first' },
  { text: 'jsonl', help: 'a JSON document for each row of the answer, on a line of its own; comes first' },
  { text: 'csv', help: 'the rows of the answer as comma-separated values (RFC 4180); comes first' },
];

const patternLengthMax = 200;
const linesMax = 1_000_000;
/** They take the whole answer. */
const ofTheAnswer: ReadonlySet<string> = new Set(['json', 'jsonl', 'csv']);

/** Reads the parts behind the `|` of a line. */
export function readFilters(
  parts: readonly (readonly string[])[],
  abbreviations: boolean,
): { readonly ok: true; readonly filters: readonly Filter[] } | Misreading {
  const filters: Filter[] = [];
  for (const words of parts) {
    const read = readFilter(words, abbreviations, filters.length === 0);
    if (!read.ok) return read;
    if (filters.at(-1)?.kind === 'save') return { ok: false, what: 'something follows | save', hint: 'put it last' };
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
    case 'save':
      if (values.length === 1) return { ok: true, filter: { kind: name, text: values[0]! } };
      return wrong('| save needs one file', 'write | save FILE; quotes keep spaces in its name');
    case 'first':
    case 'last': {
      const [text = ''] = values;
      const lines = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
      if (values.length === 1 && lines >= 1 && lines <= linesMax) return { ok: true, filter: { kind: name, lines } };
      return wrong(`| ${name} needs a number of lines`, `write | ${name} 20`);
    }
    case 'count':
    case 'no-more':
    case 'wide':
    case 'json':
    case 'jsonl':
    case 'csv':
      if (values.length > 0) return wrong(`"${values.join(' ')}" does not follow | ${name}`, 'nothing follows it');
      if (ofTheAnswer.has(name) && !isFirst)
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
  if (first?.kind === 'jsonl') return others.reduce(apply, jsonLines(data));
  if (first?.kind === 'csv') return others.reduce(apply, csvLines(data));
  const rows = first?.kind === 'count' ? rowCount(data) : undefined;
  if (rows !== undefined)
    return others.reduce(apply, [`Count: ${rows} rows${goesOn(data) ? ', and more follow' : ''}`]);
  return filters.reduce(apply, [...lines()]);
}

/** It is a page, and not the last one. */
function goesOn(data: unknown): boolean {
  const { nextCursor } = data as { readonly nextCursor?: unknown };
  return typeof nextCursor === 'string';
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
    case 'first':
      return lines.slice(0, filter.lines);
    case 'last':
      return lines.slice(-filter.lines);
    case 'count':
      return [`Count: ${lines.length} lines`];
    default:
      return lines;
  }
}
