import type { IpAddress } from '../../../kernel/address.ts';
import { PrefixTable } from '../../../kernel/prefix-table.ts';
import type { TwanProfile } from '../config.ts';

/**
 * The TWAN profiles associated with the MRME service, looked up by a client's address; the longest prefix wins.
 * The set answers one more question: whether a DHCP-trigger profile exists at all, which is what installs the
 * UE-MAC flow when a PMIPv6 session is set up (seed, step 01).
 */
export class TwanProfiles {
  #profiles: readonly TwanProfile[];
  #byClient: PrefixTable<TwanProfile>;

  constructor(profiles: readonly TwanProfile[]) {
    this.#profiles = profiles;
    this.#byClient = clientsOf(profiles);
  }

  get profiles(): readonly TwanProfile[] {
    return this.#profiles;
  }

  get hasDhcpTrigger(): boolean {
    return this.#profiles.some((profile) => profile.sessionTrigger === 'dhcp');
  }

  /** Others take the place of all there are. */
  replace(profiles: readonly TwanProfile[]): void {
    this.#profiles = profiles;
    this.#byClient = clientsOf(profiles);
  }

  /** The profile of a client, or undefined for an unknown one. */
  of(client: IpAddress): TwanProfile | undefined {
    return this.#byClient.of(client);
  }
}

function clientsOf(profiles: readonly TwanProfile[]): PrefixTable<TwanProfile> {
  return new PrefixTable(profiles.flatMap((profile) => profile.clients.map((client) => [client, profile] as const)));
}
