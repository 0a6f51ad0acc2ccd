/** What a line of the mode comes to. */
export type ModeLine =
  /** A line of the shell. */
  | { readonly kind: 'line'; readonly text: string }
  /** Only the place has changed. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'left' };

/** Commands with a path, to which the place is put before. */
const withPath: ReadonlySet<string> = new Set(['set', 'delete', 'show']);

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

  /** What is typed so far, for completion. */
  within(line: string): string {
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
