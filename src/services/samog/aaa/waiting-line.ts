/** An entry's links in a `WaitingLine`, which alone writes them. */
export interface Waiting<Entry> {
  ahead: Entry | undefined;
  behind: Entry | undefined;
  waits: boolean;
}

/** A first-in first-out line that an entry can leave from anywhere, each step in constant time. */
export class WaitingLine<Entry extends Waiting<Entry>> {
  #first: Entry | undefined;
  #last: Entry | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get first(): Entry | undefined {
    return this.#first;
  }

  /** Adds an entry that waits in no line. */
  join(entry: Entry): void {
    entry.ahead = this.#last;
    entry.behind = undefined;
    entry.waits = true;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.behind = entry;
    this.#last = entry;
    this.#length += 1;
  }

  /** Removes an entry wherever it stands; one that does not wait is left alone. */
  leave(entry: Entry): void {
    if (!entry.waits) return;
    if (entry.ahead === undefined) this.#first = entry.behind;
    else entry.ahead.behind = entry.behind;
    if (entry.behind === undefined) this.#last = entry.ahead;
    else entry.behind.ahead = entry.ahead;
    entry.ahead = undefined;
    entry.behind = undefined;
    entry.waits = false;
    this.#length -= 1;
  }
}
