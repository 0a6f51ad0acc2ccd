import { expect, it } from 'vitest';
import { ipv4Of, macOf } from '../../kernel/address.ts';
import { encodeEthernet, etherType } from '../ethernet/ethernet.ts';
import { encodeIpv4, ipProtocol } from '../ipv4/ipv4.ts';
import { carriedDscp } from './carried-dscp.ts';
import { greLength, greProtocol, writeGre } from './gre.ts';

const [source, destination] = [ipv4Of(0x0a000001), ipv4Of(0xc6336409)];
/** Expedited Forwarding, and Congestion Experienced. */
const packet = encodeIpv4({ source, destination, protocol: ipProtocol.udp, tos: 0xbb }, new Uint8Array(8));
const version6 = packet.map((octet, at) => (at === 0 ? 0x65 : octet));

function gre(protocol: number, key: number | undefined, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(greLength(key) + payload.length);
  bytes.set(payload, writeGre(bytes, 0, protocol, key));
  return bytes;
}

function frame(vlan: number | undefined, type: number, payload: Uint8Array): Uint8Array {
  return encodeEthernet({ destination: macOf(1), source: macOf(2), vlan, etherType: type }, payload);
}

it.each([
  ['a packet', gre(greProtocol.ipv4, 7, packet), 0xb8],
  ['a packet, no key', gre(greProtocol.ipv4, undefined, packet), 0xb8],
  ['a frame', gre(greProtocol.transparentEthernet, undefined, frame(undefined, etherType.ipv4, packet)), 0xb8],
  ['a tagged frame, key', gre(greProtocol.transparentEthernet, 7, frame(5, etherType.ipv4, packet)), 0xb8],
  ['a frame that is no packet', gre(greProtocol.transparentEthernet, 7, frame(5, etherType.arp, packet)), 0],
  ['another version', gre(greProtocol.ipv4, 7, version6), 0],
  ['IPv6', gre(greProtocol.ipv6, 7, packet), 0],
  ['half a frame', gre(greProtocol.transparentEthernet, 7, new Uint8Array(9)), 0],
  ['the beginning of a packet', gre(greProtocol.ipv4, 7, packet.slice(0, 1)), 0],
  ['no GRE', new Uint8Array(3), 0],
  ['nothing', new Uint8Array(0), 0],
])('of %s', (_, bytes, tos) => {
  expect(carriedDscp(bytes)).toBe(tos);
});
