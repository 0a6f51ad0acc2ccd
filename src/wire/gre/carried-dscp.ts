import { ethernetHeaderLengthAt, etherType, etherTypeAt } from '../ethernet/ethernet.ts';
import { ipv4Offset } from '../ipv4/ipv4.ts';
import { greHeaderLengthAt, greProtocol, greProtocolAt } from './gre.ts';

const version4 = 4;
const dscpMask = 0xfc;

/**
 * The Type of Service octet of the outer header for a GRE packet that is sent: the DSCP of the IPv4 packet in it, alone or in a
 * frame (RFC 2983 section 3, the uniform model), and not capable of ECN (the compatibility mode of RFC 6040 section 4.1). 0 for
 * anything else.
 *
 * @param bytes from the GRE header on
 */
export function carriedDscp(bytes: Uint8Array): number {
  let at = greHeaderLengthAt(bytes, 0, bytes.length);
  if (at === 0) return 0;
  if (greProtocolAt(bytes, 0) === greProtocol.transparentEthernet) {
    const headerLength = ethernetHeaderLengthAt(bytes, at, bytes.length);
    if (headerLength === 0 || etherTypeAt(bytes, at, headerLength) !== etherType.ipv4) return 0;
    at += headerLength;
  } else if (greProtocolAt(bytes, 0) !== greProtocol.ipv4) return 0;
  const tos = bytes[at + ipv4Offset.tos];
  return tos === undefined || bytes[at]! >>> 4 !== version4 ? 0 : tos & dscpMask;
}
