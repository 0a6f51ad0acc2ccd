import { tokenize } from '../operations/shell/tokens.ts';

/** The command of a shell that lists what is looked at. */
export function commandOf(access: string, filter: string): string {
  // Nothing but its own end is special within quotes.
  const quote = filter.includes('"') ? "'" : '"';
  return `show subscribers samog-only${access === '' ? '' : ` access ${access}`}${filter === '' ? '' : ` filter ${quote}${filter}${quote}`}`;
}

/** What somebody has typed as a filter: one, or a whole command with one in it, as a shell takes it. */
export function typedFilter(text: string): Readonly<Record<string, string>> {
  const { parts } = tokenize(text);
  const words = parts[0] ?? [];
  const command = words.indexOf('show');
  if (command < 0 || words[command + 1]?.startsWith('sub') !== true) return { filter: text.trim() };
  const after = (name: string) => {
    const place = words.indexOf(name, command);
    return place < 0 ? '' : (words[place + 1] ?? '');
  };
  return { access: after('access'), filter: after('filter') };
}
