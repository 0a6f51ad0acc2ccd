/** What an instance says of its sessions that their packets do not say by themselves. */
export interface DirectoryEntries {
  /** A session is known by an NAI that is not made of its MAC address. */
  named(nai: string): void;
  unnamed(nai: string): void;
  /** A session has an identifier that was drawn when there were more instances, or fewer. */
  strayed(id: number): void;
  returned(id: number): void;
  /** Nothing that was said so far holds any more. */
  cleared(): void;
  /** Whether a session of any instance has such an identifier. */
  isStray(id: number): boolean;
}

/**
 * Whose a message is that does not say it itself: the names that AAA servers have given, and the identifiers from before the
 * number of instances was changed. Where two instances claim one, the later has it, as with two sessions of one.
 */
export class Directory {
  readonly #names = new Map<string, number>();
  readonly #strays = new Map<number, number>();

  instanceOfNai(nai: string): number | undefined {
    return this.#names.get(nai);
  }

  instanceOfStray(id: number): number | undefined {
    return this.#strays.get(id);
  }

  /** What the instance at a place, from 0, is to tell. */
  entriesOf(index: number): DirectoryEntries {
    const names = this.#names;
    const strays = this.#strays;
    return {
      named: (nai) => void names.set(nai, index),
      unnamed: (nai) => forget(names, nai, index),
      strayed: (id) => void strays.set(id, index),
      returned: (id) => forget(strays, id, index),
      cleared() {
        for (const nai of names.keys()) forget(names, nai, index);
        for (const id of strays.keys()) forget(strays, id, index);
      },
      isStray: (id) => strays.has(id),
    };
  }
}

/** Another instance may have claimed it meanwhile. */
function forget<Key>(entries: Map<Key, number>, key: Key, index: number): void {
  if (entries.get(key) === index) entries.delete(key);
}
