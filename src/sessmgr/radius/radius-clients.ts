import { TokenBucket } from '../../forwarding/token-bucket.ts';
import type { IpAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import { PrefixTable } from '../../kernel/prefix-table.ts';
import type { TwanProfile } from '../../services/samog/config.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';

/** Who may speak RADIUS to the gateway, by an address of theirs. */
export interface RadiusClientEntry {
  readonly profile: TwanProfile;
  readonly secret: Uint8Array;
  /** Where it takes Disconnect-Requests. */
  readonly disconnectPort: number;
}

/** Buckets of client addresses at a time; past it all begin anew, full. */
const bucketsMax = 65_536;

/** The RADIUS clients of all profiles, and how much each address of theirs may send. */
export class RadiusClients {
  #clients: PrefixTable<RadiusClientEntry>;
  readonly #buckets = new Map<IpAddress, { readonly ratePerSecond: number; readonly bucket: TokenBucket }>();

  constructor(profiles: readonly TwanProfile[]) {
    this.#clients = clientsOf(profiles);
  }

  /** Others take the place of all there are. */
  replace(profiles: readonly TwanProfile[]): void {
    this.#clients = clientsOf(profiles);
  }

  of(address: IpAddress): RadiusClientEntry | undefined {
    return this.#clients.of(address);
  }

  /**
   * Whether a packet that came from an address is looked at: the client, or why not. To be asked once for each packet, before
   * anything that costs more.
   */
  admit(address: IpAddress, now: Instant): RadiusClientEntry | 'unknown-client' | 'rate' {
    const client = this.#clients.of(address);
    if (client === undefined) return 'unknown-client';
    const { ratePerSecond } = client.profile.radius!;
    let kept = this.#buckets.get(address);
    if (kept?.ratePerSecond !== ratePerSecond) {
      if (this.#buckets.size >= bucketsMax) this.#buckets.clear();
      kept = { ratePerSecond, bucket: new TokenBucket(ratePerSecond) };
      this.#buckets.set(address, kept);
    }
    return kept.bucket.take(now) ? client : 'rate';
  }
}

function clientsOf(profiles: readonly TwanProfile[]): PrefixTable<RadiusClientEntry> {
  return new PrefixTable(
    profiles.flatMap((profile) =>
      (profile.radius?.clients ?? []).map(({ address, key, disconnectPort }) => {
        return [address, { profile, secret: utf8Encode(key), disconnectPort }] as const;
      }),
    ),
  );
}
