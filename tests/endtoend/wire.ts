import type { Dissection } from '../support/tshark.ts';
import { accessPoints, place } from './surroundings.ts';

const names: Readonly<Record<string, string>> = {
  [place.gateway]: 'gw',
  [place.gatewayS2a]: 'gw',
  [place.gatewayAaa]: 'gw',
  [place.lma]: 'lma',
  [place.aaa]: 'aaa',
  ...Object.fromEntries(accessPoints.map(({ name, address }) => [address, name])),
};

const dhcpNames: Readonly<Record<string, string>> = { 1: 'DISCOVER', 2: 'OFFER', 3: 'REQUEST', 5: 'ACK', 6: 'NAK' };
const radiusNames: Readonly<Record<string, string>> = { 1: 'Access-Request', 2: 'Access-Accept', 3: 'Access-Reject' };
const mobilityNames: Readonly<Record<string, string>> = { 5: 'PBU', 6: 'PBA' };
const revocationHeader = '16';

/** A packet in a few words: `rg-a>gw DISCOVER`; `data` for a UE's packet in a tunnel, ICMP errors about others included. */
export function wordsOf(packet: Dissection): string {
  const [source, destination] = [packet.value('ip.src'), packet.value('ip.dst')].map((address) => names[address]);
  return `${source}>${destination} ${messageOf(packet, source === 'gw')}`;
}

function messageOf(packet: Dissection, fromGateway: boolean): string {
  // An ICMP error holds the packet that it is about, DHCP for instance.
  if (packet.protocols.includes(':icmp')) return 'data';
  const mobility = packet.values('mip6.mhtype')[0];
  // RFC 5846 has one Mobility Header type for both; here only the gateway revokes.
  if (mobility === revocationHeader) return fromGateway ? 'BRI' : 'BRA';
  if (mobility !== undefined) return mobilityNames[mobility] ?? `mobility header ${mobility}`;
  const radius = packet.values('radius.code')[0];
  if (radius !== undefined) return radiusNames[radius] ?? `RADIUS ${radius}`;
  const dhcp = packet.values('dhcp.option.dhcp')[0];
  if (dhcp !== undefined) return dhcpNames[dhcp] ?? `DHCP ${dhcp}`;
  return packet.protocols.includes(':arp') ? 'ARP' : 'data';
}
