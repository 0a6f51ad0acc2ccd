import { parseIp, parsePrefix, prefixContains } from '../kernel/address.ts';
import type { TwanProfileData } from '../operations/views/twan-profile.ts';

type Profile = TwanProfileData['profiles'][number];

/** The profile that an access node falls under, and the client of it that decides: the longest prefix that has the address. */
export function matchOf(
  profiles: readonly Profile[],
  text: string,
): { readonly profile: Profile; readonly client: string } | undefined {
  const address = parseIp(text);
  if (address === undefined) return undefined;
  return profiles
    .flatMap((profile) => profile.clients.map((client) => ({ profile, client, prefix: parsePrefix(client) })))
    .filter(({ prefix }) => prefix !== undefined && prefixContains(prefix, address))
    .sort((a, b) => b.prefix!.length - a.prefix!.length)[0];
}
