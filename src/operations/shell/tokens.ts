/** A line as typed, cut into words; the parts between unquoted `|` are kept apart. */
export interface TokenizedLine {
  /** The command, then one list for each filter. */
  readonly parts: readonly (readonly string[])[];
  /** The word that the line ends in, without its quotes: empty if it ends with a space. Also the last one of `parts`, if not empty. */
  readonly partial: string;
  /** A quote is open at the end. */
  readonly openQuote: boolean;
}

/**
 * Cuts a line into words. Words are separated by spaces; quotes, single or double, keep spaces and `|` in a word, and
 * nothing is special within them but the closing quote.
 */
export function tokenize(line: string): TokenizedLine {
  const parts: string[][] = [[]];
  let word: string | undefined;
  let quote = '';
  const finish = (): void => {
    if (word !== undefined) parts.at(-1)!.push(word);
    word = undefined;
  };
  for (const character of line) {
    if (quote !== '') {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '|') {
      finish();
      parts.push([]);
    } else if (/\s/.test(character)) {
      finish();
    } else {
      word = (word ?? '') + character;
    }
  }
  const partial = word ?? '';
  finish();
  return { parts, partial, openQuote: quote !== '' };
}
