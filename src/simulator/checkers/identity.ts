import { formatIp, formatMac, type IpAddress } from '../../kernel/address.ts';
import type { Checker, Observed } from './checker.ts';

interface Given {
  readonly mac: number;
  readonly address: IpAddress;
}

/** A UE has one address, keeps it as long as its session lives, wherever it moves, and shares it with nobody. */
export class IdentityChecker implements Checker {
  readonly name = 'identity';
  /** What each session was given. */
  #given = new Map<number, Given>();

  check({ manager, lmas }: Observed): readonly string[] {
    const wrong: string[] = [];
    const given = new Map<number, Given>();
    // An LMA that has lost a binding may lease its address anew before the gateway can know.
    const forgetful = new Set(lmas.filter((lma) => lma.mayHaveForgotten).map((lma) => lma.address));
    const owners = new Map<IpAddress, string>();
    for (const { session } of manager.registry.sessions()) {
      if (session.kind !== 'Live') continue;
      const { id, mac, addresses } = session.durable;
      const who = formatMac(mac);
      const address = addresses[0]?.address;
      if (address === undefined || addresses.length > 1) {
        wrong.push(`${who} has ${addresses.length} addresses`);
        continue;
      }
      const before = this.#given.get(id);
      if (before !== undefined && before.address !== address) {
        wrong.push(`the address of ${who} changed from ${formatIp(before.address)} to ${formatIp(address)}`);
      }
      if (before !== undefined && before.mac !== mac) wrong.push(`session ${id} changed hands to ${who}`);
      given.set(id, { mac, address });
      const owner = owners.get(address);
      if (owner !== undefined && !forgetful.has(session.durable.s2a.peer))
        wrong.push(`${who} and ${owner} both have ${formatIp(address)}`);
      owners.set(address, who);
    }
    this.#given = given;
    for (const lma of lmas) wrong.push(...leasedTwice(lma.leases()));
    return wrong;
  }
}

function leasedTwice(leases: Iterable<{ readonly nai: string; readonly address: IpAddress }>): string[] {
  const wrong: string[] = [];
  const holders = new Map<IpAddress, string>();
  const names = new Set<string>();
  for (const { nai, address } of leases) {
    const holder = holders.get(address);
    if (holder !== undefined) wrong.push(`${formatIp(address)} is leased to ${holder} and to ${nai}`);
    if (names.has(nai)) wrong.push(`${nai} has two leases`);
    holders.set(address, nai);
    names.add(nai);
  }
  return wrong;
}
