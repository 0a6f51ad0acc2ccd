import type { MacAddress } from '../../kernel/address.ts';
import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import type { SessionRecord } from '../../services/samog/checkpoints/saved-session.ts';
import type { Dormant } from '../dormant.ts';
import type { DormantSessions } from './dormant-sessions.ts';
import type { WakingOptions } from './options.ts';

/** Makes sessions of the dormant ones: whoever is looked for at once, and everybody else by and by. */
export class WakingSessions implements Dormant, Timed {
  readonly #options: WakingOptions;
  readonly #dormant: DormantSessions;
  readonly #wake: (id: number, record: SessionRecord, now: Instant) => void;
  readonly #clock: () => Instant;
  #nextAt: Instant = Number.NEGATIVE_INFINITY;

  /** @param wake makes a session of a record, which is no dormant one any more */
  constructor(
    options: WakingOptions,
    dormant: DormantSessions,
    wake: (id: number, record: SessionRecord, now: Instant) => void,
    clock: () => Instant,
  ) {
    this.#options = options;
    this.#dormant = dormant;
    this.#wake = wake;
    this.#clock = clock;
  }

  get size(): number {
    return this.#dormant.size;
  }

  hasId(id: number): boolean {
    return this.#dormant.has(id);
  }

  wakeId(id: number): boolean {
    return this.#woken(id);
  }

  wakeMac(mac: MacAddress): boolean {
    return this.#woken(this.#dormant.idOfMac(mac));
  }

  wakeNai(nai: string): boolean {
    return this.#woken(this.#dormant.idOfNai(nai));
  }

  wakeUplinkKey(key: number): boolean {
    return this.#woken(this.#dormant.idOfUplinkKey(key));
  }

  wakeDownlinkKey(key: number): boolean {
    return this.#woken(this.#dormant.idOfDownlinkKey(key));
  }

  /** False if none is left. */
  wakeNext(): boolean {
    return this.#woken(this.#dormant.next());
  }

  /** Makes all of them now. */
  wakeAll(): void {
    while (this.wakeNext());
  }

  advance(now: Instant): void {
    if (now < this.#nextAt) return;
    this.#nextAt = now + this.#options.gapMs;
    for (let left = this.#options.slice; left > 0 && this.wakeNext(); left -= 1);
  }

  nextDeadline(): Instant {
    return this.#dormant.size > 0 ? this.#nextAt : never;
  }

  #woken(id: number | undefined): boolean {
    const record = id === undefined ? undefined : this.#dormant.take(id);
    if (record === undefined) return false;
    this.#wake(id!, record, this.#clock());
    return true;
  }
}
