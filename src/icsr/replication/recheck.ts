import type { SessionRow, SessionTable } from './session-table.ts';

/** The periodic full checkpoints are spread in steps of this length. */
export const recheckTickMs = 1000;

/** The periodic full checkpoints: each session once in the interval, so many each tick. */
export class Recheck {
  readonly #sessions: SessionTable;
  readonly #intervalMs: number;
  #walk: Iterator<SessionRow, undefined> | undefined;
  #credit = 0;

  constructor(sessions: SessionTable, intervalMs: number) {
    this.#sessions = sessions;
    this.#intervalMs = intervalMs;
  }

  /** Those of one tick, as long as there is room; a busy time is not made up for beyond one round. */
  *tick(hasRoom: () => boolean): Generator<SessionRow> {
    const { size } = this.#sessions;
    this.#credit = Math.min(this.#credit + (size * recheckTickMs) / this.#intervalMs, size);
    for (; this.#credit >= 1 && hasRoom(); this.#credit -= 1) {
      this.#walk ??= this.#sessions.walk();
      const next = this.#walk.next();
      if (next.done) this.#walk = undefined;
      else yield next.value;
    }
  }
}
