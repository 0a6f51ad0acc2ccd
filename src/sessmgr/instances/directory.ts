import type { IpPathListener } from '../../forwarding/flow-table.ts';
import type { IpAddress, Ipv4Address } from '../../kernel/address.ts';

/** What an instance says of its sessions that their packets do not say by themselves. */
export interface DirectoryEntries extends IpPathListener {
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
 * Whose a message is that does not say it itself: the names that AAA servers have given, the identifiers from before the number
 * of instances was changed, and the addresses that access points have given. Where two instances claim one, the later has it, as
 * with two sessions of one.
 */
export class Directory {
  readonly #names = new Map<string, number>();
  readonly #strays = new Map<number, number>();
  /** By access point, and there by the UE's address. */
  readonly #addresses = new Map<IpAddress, Map<Ipv4Address, number>>();

  /** The instance, from 0, that has the session of a name which AAA gave; undefined if none has. */
  instanceOfNai(nai: string): number | undefined {
    return this.#names.get(nai);
  }

  /** The instance, from 0, that has a session whose identifier does not say so itself; undefined if none has. */
  instanceOfStray(id: number): number | undefined {
    return this.#strays.get(id);
  }

  /** Of packets without a key: from an access point, of an address that it gave. */
  instanceOfAddress(peer: IpAddress, address: Ipv4Address): number | undefined {
    return this.#addresses.get(peer)?.get(address);
  }

  /** What the instance at a place, from 0, is to tell. */
  entriesOf(index: number): DirectoryEntries {
    const names = this.#names;
    const strays = this.#strays;
    const addresses = this.#addresses;
    return {
      named: (nai) => void names.set(nai, index),
      unnamed: (nai) => forget(names, nai, index),
      strayed: (id) => void strays.set(id, index),
      returned: (id) => forget(strays, id, index),
      cleared() {
        for (const nai of names.keys()) forget(names, nai, index);
        for (const id of strays.keys()) forget(strays, id, index);
        for (const [peer, there] of addresses) {
          for (const address of there.keys()) forget(there, address, index);
          if (there.size === 0) addresses.delete(peer);
        }
      },
      addressed(peer, address) {
        const there = addresses.get(peer);
        if (there === undefined) addresses.set(peer, new Map([[address, index]]));
        else there.set(address, index);
      },
      unaddressed(peer, address) {
        const there = addresses.get(peer);
        if (there === undefined) return;
        forget(there, address, index);
        if (there.size === 0) addresses.delete(peer);
      },
      isStray: (id) => strays.has(id),
    };
  }
}

/** Another instance may have claimed it meanwhile. */
function forget<Key>(entries: Map<Key, number>, key: Key, index: number): void {
  if (entries.get(key) === index) entries.delete(key);
}
