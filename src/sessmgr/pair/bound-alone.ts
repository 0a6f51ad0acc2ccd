import type { MacAddress } from '../../kernel/address.ts';
import { type Session, sessionMac } from '../../services/samog/session/state.ts';

/** Beyond it the oldest are forgotten: a chassis may be alone for days. */
const uesMax = 100_000;

/**
 * The UEs whose bindings at the LMAs a chassis has changed, and its peer may not know of it. Should the peer have served as well, and
 * its sessions stay, those of these UEs are bound otherwise than they say, or not at all.
 *
 * What an acknowledgement covers is known by generations: it costs next to nothing, and a UE is forgotten with the second
 * acknowledgement after its change at the latest.
 */
export class BoundAlone {
  #former = new Set<MacAddress>();
  #recent = new Set<MacAddress>();
  /** All of the former has been told up to here. */
  #formerToldBy = 0;

  /** To be told each change of a session. */
  changed(before: Session | undefined, after: Session | undefined): void {
    if (isBoundAlike(before, after)) return;
    const mac = sessionMac((after ?? before)!);
    this.#recent.add(mac);
    if (this.#recent.size <= uesMax) return;
    for (const oldest of this.#recent) {
      this.#recent.delete(oldest);
      return;
    }
  }

  /**
   * The peer has all up to a record of the stream.
   * @param last the last record that there is
   */
  acknowledged(sequence: number, last: number): void {
    if (sequence >= last) return this.clear();
    if (sequence < this.#formerToldBy) return;
    const emptied = this.#former;
    emptied.clear();
    this.#former = this.#recent;
    this.#recent = emptied;
    this.#formerToldBy = last;
  }

  /** The stream begins anew, with all there is. */
  beginsAnew(): void {
    this.#formerToldBy = 0;
  }

  /** The peer has all there is. */
  clear(): void {
    this.#former.clear();
    this.#recent.clear();
    this.#formerToldBy = 0;
  }

  /** What another one has been told. */
  add(ues: Iterable<MacAddress>): void {
    for (const mac of ues) this.#recent.add(mac);
  }

  get isEmpty(): boolean {
    return this.#former.size + this.#recent.size === 0;
  }

  /** So many of them, or all; each is given once. */
  take(most = Number.POSITIVE_INFINITY): readonly MacAddress[] {
    const ues: MacAddress[] = [];
    for (const some of [this.#former, this.#recent]) {
      for (const mac of some) {
        if (ues.length >= most) return ues;
        some.delete(mac);
        ues.push(mac);
      }
    }
    this.clear();
    return ues;
  }
}

/** Whether the LMA is left with the same binding: a session that is being set up, or ends, may have changed it already. */
function isBoundAlike(before: Session | undefined, after: Session | undefined): boolean {
  if (before?.kind !== 'Live' || after?.kind !== 'Live') return false;
  const [one, other] = [before.durable.s2a, after.durable.s2a];
  if (one === other) return true;
  return one.peer === other.peer && one.uplinkKey === other.uplinkKey && one.downlinkKey === other.downlinkKey;
}
