/** How many sessions a session manager instance has, and whether its chassis takes more. */
export interface Seats {
  taken(sessions: number): void;
  readonly isFull: boolean;
  /** Of all instances. */
  readonly sessions: number;
}

/**
 * The sessions that a chassis may have, over all its instances: each writes how many it has where all of them see it, so that
 * the memory may be shared by threads. Of instances that run at the same moment each may find the last place free; there
 * are then as many sessions too many as there are such instances, less one.
 */
export class SharedRoom {
  readonly #taken: Int32Array;
  /** May be changed: each instance that shares the room is to be told. */
  sessionsMax: number;

  /** @param taken a cell for each instance */
  constructor(taken: Int32Array, sessionsMax: number) {
    this.#taken = taken;
    this.sessionsMax = sessionsMax;
  }

  /** What the instance at a place, from 0, knows of it. */
  seatsOf(index: number): Seats {
    const cells = this.#taken;
    const most = (): number => this.sessionsMax;
    return {
      taken(sessions) {
        Atomics.store(cells, index, sessions);
      },
      get isFull() {
        return this.sessions >= most();
      },
      get sessions() {
        let sum = 0;
        for (let each = 0; each < cells.length; each += 1) sum += Atomics.load(cells, each);
        return sum;
      },
    };
  }
}
