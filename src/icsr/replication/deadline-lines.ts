import { type Instant, never } from '../../kernel/instant.ts';

/** What stands in line until a deadline, or until it is over before. */
export interface InLine {
  readonly deadline: Instant;
  readonly isOver: boolean;
}

/** Places of a line that nobody stands at any more are given back by so many. */
const leastToGiveBack = 1024;

/**
 * What waits until when, where most wait equally long, so that their deadlines come in order: one line for each of the limits. An item
 * that is over leaves its line as soon as nothing before it waits. A heap would hold each until its deadline, though nearly all are
 * over long before, and V8 would have to copy what survives a collection of the young generation because of that.
 */
export class DeadlineLines<Item extends InLine> {
  #lines: Line<Item>[] = [];

  push(item: Item): void {
    const line = this.#lines.find(({ last }) => last <= item.deadline);
    if (line !== undefined) line.push(item);
    else this.#lines.push(new Line(item));
  }

  /** The earliest deadline of who waits; `never` if nobody does. */
  peek(): Instant {
    return this.#earliest()?.first?.deadline ?? never;
  }

  /** Takes out who waits with the earliest deadline, if that is `now` or before. */
  popDue(now: Instant): Item | undefined {
    const line = this.#earliest();
    return line !== undefined && line.first!.deadline <= now ? line.shift() : undefined;
  }

  #earliest(): Line<Item> | undefined {
    let earliest: Line<Item> | undefined;
    let isAnyEmpty = false;
    for (const line of this.#lines) {
      line.letGo();
      if (line.first === undefined) isAnyEmpty = true;
      else if (earliest === undefined || line.first.deadline < earliest.first!.deadline) earliest = line;
    }
    if (isAnyEmpty) this.#lines = this.#lines.filter(({ first }) => first !== undefined);
    return earliest;
  }
}

/** Deadlines in order. */
class Line<Item extends InLine> {
  readonly #items: (Item | undefined)[];
  #head = 0;
  last: Instant;

  constructor(item: Item) {
    this.#items = [item];
    this.last = item.deadline;
  }

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
    this.last = item.deadline;
  }

  shift(): Item | undefined {
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    return item;
  }

  /** Who is over leaves, as far as nobody before waits. */
  letGo(): void {
    while (this.first?.isOver) this.shift();
    if (this.#head < leastToGiveBack || this.#head * 2 < this.#items.length) return;
    this.#items.splice(0, this.#head);
    this.#head = 0;
  }
}
