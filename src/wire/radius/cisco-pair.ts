import type { Tlv } from '../bytes/tlv.ts';
import { ciscoAttribute, findAllVendor, vendorTlv } from './vendor-attributes.ts';

/**
 * Cisco's attributes are texts: `name=value`, where the value must be understood, or `name*value`, where it may be
 * passed over; the name may have the protocol it is of before it, as in `ip:inacl#1=permit ip any any`.
 */

/** Names that Cisco's WLCs use with PMIPv6. */
export const ciscoPairName = {
  mnNai: 'mn-nai',
  mnService: 'mn-service',
  homeLmaIpv4Address: 'home-lma-ipv4-address',
  mpcProtocolInterface: 'mpc-protocol-interface',
} as const;

/** One pair as an attribute, cut to what an attribute can hold. */
export function ciscoPairTlv(name: string, value: string): Tlv {
  return vendorTlv(ciscoAttribute.avPair, `${name}=${value}`);
}

/** The value of the first pair of this name, whichever its separator; a protocol before the name is part of it. */
export function findCiscoPair(attributes: readonly Tlv[], name: string): string | undefined {
  for (const pair of findAllVendor(attributes, ciscoAttribute.avPair)) {
    const separator = pair[name.length];
    if ((separator === '=' || separator === '*') && pair.startsWith(name)) return pair.slice(name.length + 1);
  }
  return undefined;
}
