import type { PacketFilter, PoliceRates } from '../../../forwarding/entry.ts';
import { type AccessList, type AccessLists, missingList } from '../../../forwarding/filter.ts';
import type { AccessListNames, Grants } from '../grants.ts';

const octetsPerSecondOfKbps = 125;

/**
 * How fast a session may be: as fast as its bearer, where that has rates of its own, else as its APN-AMBR says, which counts
 * for bearers without a guaranteed rate (TS 23.401 section 4.7.3).
 */
export function policeRatesOf({ ambr, bearer }: Pick<Grants, 'ambr' | 'bearer'>): PoliceRates | undefined {
  const uplinkKbps = bearer?.rates?.uplinkKbps || ambr?.uplinkKbps || undefined;
  const downlinkKbps = bearer?.rates?.downlinkKbps || ambr?.downlinkKbps || undefined;
  if (uplinkKbps === undefined && downlinkKbps === undefined) return undefined;
  return { uplink: octetsPerSecond(uplinkKbps), downlink: octetsPerSecond(downlinkKbps) };
}

function octetsPerSecond(kbps: number | undefined): number | undefined {
  return kbps === undefined ? undefined : kbps * octetsPerSecondOfKbps;
}

/**
 * The lists of those names, one for each direction; undefined if AAA has named none. One that this chassis does not
 * have lets nothing pass.
 */
export function packetFilterOf(names: AccessListNames | undefined, lists: AccessLists): PacketFilter | undefined {
  return names && { uplink: listOf(names.uplink, lists), downlink: listOf(names.downlink, lists) };
}

function listOf(name: string | undefined, lists: AccessLists): AccessList | undefined {
  return name === undefined ? undefined : (lists.get(name) ?? missingList);
}
