import { type IpAddress, isIpv4 } from '../kernel/address.ts';
import { ethernetLength } from '../wire/ethernet/ethernet.ts';
import { greLength } from '../wire/gre/gre.ts';
import { ipv4HeaderLengthMin } from '../wire/ipv4/ipv4.ts';
import { udpHeaderLength } from '../wire/udp/udp.ts';
import type { AccessPath, S2aPath } from './entry.ts';

/** How GRE packets travel: `raw` over IP protocol 47, `udp` over UDP port 4754 (RFC 8086). */
export type GreTransport = 'raw' | 'udp';

/** What one side of the gateway puts around a GRE packet, and how large the result may be. */
export interface TunnelSide {
  /** The path MTU between the tunnel's ends, in octets, outer IP header included. */
  readonly mtu: number;
  readonly greTransport: GreTransport;
}

const ipv6HeaderLength = 40;

/** The largest IP packet of a UE that fits into one outer packet toward its access endpoint, in octets. */
export function accessInnerMtu(side: TunnelSide, path: AccessPath): number {
  const room = side.mtu - outerLength(side, path.peer);
  if (path.kind === 'pmipv6') return room - greLength(path.downlinkKey);
  if (path.kind === 'ip') return room - greLength(undefined);
  return room - greLength(path.key) - ethernetLength(path.vlan);
}

/** The largest IP packet of a UE that fits into one outer packet toward the LMA, in octets. */
export function s2aInnerMtu(side: TunnelSide, path: S2aPath): number {
  return side.mtu - outerLength(side, path.peer) - greLength(path.uplinkKey);
}

/** What stands in front of a GRE header: the outer IP header, without options, and UDP's; in octets. */
export function outerLength(side: TunnelSide, peer: IpAddress): number {
  const ip = isIpv4(peer) ? ipv4HeaderLengthMin : ipv6HeaderLength;
  return side.greTransport === 'udp' ? ip + udpHeaderLength : ip;
}
