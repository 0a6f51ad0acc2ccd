import type { Candidate } from '../../operations/shell/grammar.ts';

/** What a line of the mode comes to. */
export type ModeLine =
  /** A line of the shell. */
  | { readonly kind: 'line'; readonly text: string }
  /** Only the place has changed. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'left' };

/** Commands with a path, to which the place is put before. */
const withPath: ReadonlySet<string> = new Set(['set', 'delete', 'show']);

/** What the mode has beside the commands of `configure`. */
const own: readonly Candidate[] = [
  { text: 'edit', help: 'PATH: have paths begin there' },
  { text: 'up', help: 'one level up' },
  { text: 'top', help: 'have paths begin at the top' },
  { text: 'run', help: 'COMMAND: one of the shell outside of this mode' },
  { text: 'exit', help: 'back to where edit came from; at the top, out of the mode' },
  { text: 'quit', help: 'out of the mode' },
];

/**
 * The mode of the shell in which a configuration is prepared: its lines are those of `configure`, without that word, and paths
 * begin where `edit` has gone. `run` carries out what is none of them.
 */
export class ConfigureMode {
  #place: readonly string[] = [];

  /** Behind the prompt's name. */
  get prompt(): string {
    return ['configure', ...(this.#place.length === 0 ? [] : [this.#place.join('.')])].join(' ');
  }

  /** A line as the shell would have it. */
  read(line: string): ModeLine {
    const [, word = '', rest = ''] = /^\s*(\S*)\s*(.*)$/s.exec(line)!;
    switch (word) {
      case 'exit':
      case 'quit':
        return this.#leave(word);
      case 'edit':
        if (rest !== '') this.#place = [...this.#place, rest.trim()];
        return { kind: 'moved' };
      case 'up':
        this.#place = this.#place.join('.').split('.').slice(0, -1);
        return { kind: 'moved' };
      case 'top':
        this.#place = [];
        return { kind: 'moved' };
      case 'run':
        return { kind: 'line', text: rest };
      default:
        return { kind: 'line', text: word === '' || word.startsWith('#') ? line : this.within(line) };
    }
  }

  /** Its own words that may take the place of the first word of a line; none behind that. */
  ownWords(line: string): readonly Candidate[] {
    const word = line.trimStart();
    return /\s/.test(word) ? [] : own.filter(({ text }) => text.startsWith(word));
  }

  /** What is typed so far, for completion. */
  within(line: string): string {
    const compared = /^\s*show\s*\|\s*compare(?:\s+rollback)?(\s+\d+)?\s*$/.exec(line);
    if (compared !== null) return `configure compare${compared[1] ?? ''}`;
    const [, lead = '', word = '', gap = '', rest = ''] = /^(\s*)(\S*)(\s*)(.*)$/s.exec(line)!;
    if (word === 'run') return rest;
    const place = this.#place.join('.');
    if (place === '' || !withPath.has(word) || (rest === '' && word !== 'show')) return `configure ${line.trimStart()}`;
    const path = rest === '' || rest.startsWith('|') ? `${place} ${rest}`.trimEnd() : `${place}.${rest}`;
    return `configure ${lead}${word}${gap || ' '}${path}`;
  }

  /** `exit` goes back to where `edit` came from; at the top, and with `quit`, out of the mode. */
  #leave(word: string): ModeLine {
    if (word === 'quit' || this.#place.length === 0) return { kind: 'left' };
    this.#place = this.#place.slice(0, -1);
    return { kind: 'moved' };
  }
}
