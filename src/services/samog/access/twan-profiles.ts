import { type IpAddress, networkOf } from '../../../kernel/address.ts';
import type { TwanProfile } from '../config.ts';

/**
 * The TWAN profiles associated with the MRME service, looked up by a client's address; the longest prefix wins.
 * The set answers one more question: whether a DHCP-trigger profile exists at all, which is what installs the
 * UE-MAC flow when a PMIPv6 session is set up (seed, step 01).
 */
export class TwanProfiles {
  readonly profiles: readonly TwanProfile[];
  readonly hasDhcpTrigger: boolean;
  /** Prefix lengths in use, longest first, each with its networks. */
  readonly #byLength: readonly { readonly length: number; readonly networks: ReadonlyMap<IpAddress, TwanProfile> }[];

  constructor(profiles: readonly TwanProfile[]) {
    this.profiles = profiles;
    this.hasDhcpTrigger = profiles.some((profile) => profile.sessionTrigger === 'dhcp');
    const byLength = new Map<number, Map<IpAddress, TwanProfile>>();
    for (const profile of profiles) {
      for (const client of profile.clients) {
        const networks = byLength.get(client.length) ?? new Map<IpAddress, TwanProfile>();
        networks.set(networkOf(client.address, client.length), profile);
        byLength.set(client.length, networks);
      }
    }
    this.#byLength = [...byLength]
      .sort(([left], [right]) => right - left)
      .map(([length, networks]) => ({ length, networks }));
  }

  /** The profile of a client, or undefined for an unknown one. */
  of(client: IpAddress): TwanProfile | undefined {
    for (const { length, networks } of this.#byLength) {
      const profile = networks.get(networkOf(client, length));
      if (profile !== undefined) return profile;
    }
    return undefined;
  }
}
