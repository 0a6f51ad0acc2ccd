/** So many numbers are told ahead at least. */
const aheadMin = 4096;
/** So many times what was used since they were told last. */
const aheadFactor = 4;

/**
 * The numbers of the PDUs of one task, communication and PDU type: one after the other, from 0 (TS 103 221-2 clause
 * 5.3.9). Counted without end here, modulo 2^32 on the wire.
 *
 * Another chassis that takes over must not give a number twice. It cannot know the last one that was given, so it is told
 * from where on none was: ahead of what is in use, by more where more is used. What is told at a planned switchover is exact.
 */
export class SequenceNumbers {
  #next: number;
  #told: number;
  #usedAtTold: number;

  /** @param from where a former holder said that it has given none */
  constructor(from = 0) {
    this.#next = from;
    this.#told = from;
    this.#usedAtTold = from;
  }

  /** The next number that will be given. */
  get next(): number {
    return this.#next;
  }

  /** From where on no number is given before `reserve` was called again. */
  get told(): number {
    return this.#told;
  }

  /** The next number, which is given to nobody else. */
  take(): number {
    this.#next += 1;
    return this.#next - 1;
  }

  /** Whether half of what was told ahead is used up. */
  get isShort(): boolean {
    return this.#told - this.#next < aheadMin / 2;
  }

  /** From the next number on none is given before `reserve` was called again: whoever is told that knows it exactly. */
  settle(): void {
    this.#told = this.#next;
  }

  /** Moves `told` on. It is to be told before long. */
  reserve(): void {
    const used = this.#next - this.#usedAtTold;
    this.#usedAtTold = this.#next;
    this.#told = Math.max(this.#told, this.#next + Math.max(aheadMin, used * aheadFactor));
  }
}
