import { type IpAddress, type Ipv4Address, type MacAddress, parseIpv4, parseMac } from '../kernel/address.ts';
import type { Instant } from '../kernel/instant.ts';
import { encodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import { greLength, greProtocol, writeGre } from '../wire/gre/gre.ts';
import { encodeIpv4, type Ipv4Fields, ipProtocol } from '../wire/ipv4/ipv4.ts';
import { encodeUdpPacket } from '../wire/udp/udp.ts';
import { newForwardingCounters } from './counters.ts';
import type { EogrePath, ForwardingEntry, Pmipv6Path } from './entry.ts';
import { FlowTable } from './flow-table.ts';
import type { RouterOptions } from './router.ts';
import { SlowPath } from './slow-path.ts';

/*
 * A small world for tests of the data path: two RGs, two WLCs, an LMA, UEs, and everything that was sent or asked.
 */

/** An IPv4 address of a test, which writes none that cannot be read. */
export const ip = (text: string): Ipv4Address => parseIpv4(text)!;

export const vmac = parseMac('02:00:00:00:00:fe')!;
export const ueMac = parseMac('02:00:5e:00:00:01')!;
export const otherMac = parseMac('02:00:5e:00:00:02')!;
export const ueAddress = ip('10.0.0.1');
export const otherAddress = ip('10.0.0.2');
export const router = ip('10.0.0.254');
export const host = ip('198.51.100.9');
export const lma = ip('203.0.113.1');
export const rg1 = ip('192.0.2.1');
export const rg2 = ip('192.0.2.2');
export const wlc1 = ip('192.0.2.11');
export const wlc2 = ip('192.0.2.12');

/** A path by EoGRE; key and VLAN undefined for packets that have none. */
export function eogre(peer: IpAddress, key?: number, vlan?: number): EogrePath {
  return { kind: 'eogre', peer, key, vlan };
}

/** A path by PMIPv6; `downlinkKey` stands in packets toward the WLC, `uplinkKey` in those from it. */
export function pmipv6(peer: IpAddress, uplinkKey = 7, downlinkKey = 70): Pmipv6Path {
  return { kind: 'pmipv6', peer, uplinkKey, downlinkKey };
}

/** The session of `ueMac` at `rg1`; its S2a keys are 21 (down) and 12 (up). */
export function ueEntry(changes: Partial<ForwardingEntry> = {}): ForwardingEntry {
  return {
    sessionId: 1,
    mac: ueMac,
    addresses: [{ address: ueAddress, prefixLength: 24, router }],
    access: eogre(rg1),
    previous: undefined,
    previousUntil: 0,
    eogreFlow: true,
    s2a: { peer: lma, uplinkKey: 12, downlinkKey: 21 },
    police: undefined,
    filter: undefined,
    ...changes,
  };
}

/** Another UE's session, behind the same RG; its S2a keys are 22 (down) and 13 (up). */
export function otherEntry(changes: Partial<ForwardingEntry> = {}): ForwardingEntry {
  return {
    ...ueEntry(),
    sessionId: 2,
    mac: otherMac,
    addresses: [{ address: otherAddress, prefixLength: 24, router }],
    s2a: { peer: lma, uplinkKey: 13, downlinkKey: 22 },
    ...changes,
  };
}

export interface Sent {
  readonly port: string;
  readonly peer: IpAddress;
  readonly bytes: Uint8Array;
}

export interface World {
  readonly table: FlowTable;
  readonly slowPath: SlowPath;
  /** What was sent since the last call. */
  takeSent(): Sent[];
  /** What was asked of or handed to the session manager since the last call, payloads as plain numbers. */
  takeHandedUp(): unknown[];
  /** Counters that are not zero. */
  counted(): Record<string, number>;
  /** What `dataTriggered` returns from now on. */
  admit: (entry: ForwardingEntry, path: EogrePath) => ForwardingEntry | undefined;
}

/** A slow path whose table has these entries, before anything was sent. */
export function worldOf(entries: readonly ForwardingEntry[], options: Partial<RouterOptions> = {}): World {
  const table = new FlowTable(100);
  for (const entry of entries) table.program(entry);
  const counters = newForwardingCounters();
  let sent: Sent[] = [];
  let handedUp: unknown[] = [];
  const exceptions = {
    dhcpReceived(path: EogrePath, mac: MacAddress, payload: Uint8Array, _: Uint8Array, now: Instant) {
      handedUp.push({ dhcp: Array.from(payload), path, mac, now });
    },
    dataTriggered(entry: ForwardingEntry, path: EogrePath, sourceMatches: boolean, now: Instant) {
      handedUp.push({ triggered: entry.sessionId, path, sourceMatches, now });
      return world.admit(entry, path);
    },
    clientRefused(entry: ForwardingEntry, path: EogrePath, dhcp: Uint8Array | undefined) {
      handedUp.push({ refused: entry.sessionId, path, dhcp: dhcp === undefined ? undefined : Array.from(dhcp) });
    },
  };
  const side = { mtu: 1500, greTransport: 'raw' } as const;
  const slowPath = new SlowPath(
    { vmac, access: side, s2a: side, ...options },
    table,
    (peer) => (peer === rg1 || peer === rg2 ? 'eogre' : peer === wlc1 || peer === wlc2 ? 'pmip' : undefined),
    exceptions,
    { send: (port, _channel, peer, _peerPort, bytes) => sent.push({ port, peer, bytes: bytes.slice() }) },
    counters,
  );
  const world: World = {
    table,
    slowPath,
    takeSent() {
      const taken = sent;
      sent = [];
      return taken;
    },
    takeHandedUp() {
      const taken = handedUp;
      handedUp = [];
      return taken;
    },
    counted: () => Object.fromEntries(Object.entries(counters.snapshot()).filter(([, value]) => value !== 0)),
    admit: () => undefined,
  };
  return world;
}

/** A GRE packet, from its header on. */
export function gre(protocol: number, key: number | undefined, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(greLength(key) + payload.length);
  bytes.set(payload, writeGre(bytes, 0, protocol, key));
  return bytes;
}

/** A frame in an EoGRE tunnel; by default an IPv4 one from the UE to the gateway, without key or VLAN. */
export function eogreFrame(
  payload: Uint8Array,
  {
    source = ueMac,
    destination = vmac,
    key = undefined as number | undefined,
    vlan = undefined as number | undefined,
    type = etherType.ipv4 as number,
  } = {},
): Uint8Array {
  return gre(
    greProtocol.transparentEthernet,
    key,
    encodeEthernet({ destination, source, vlan, etherType: type }, payload),
  );
}

/** A UDP packet; by default from the UE to a host behind the LMA. */
export function packet(
  changes: Partial<Omit<Ipv4Fields, 'protocol' | 'payloadLength'>> = {},
  { sourcePort = 4000, destinationPort = 5000, length = 20 } = {},
): Uint8Array {
  const payload = Uint8Array.from({ length }, (_, index) => index);
  return encodeUdpPacket(
    { source: ueAddress, destination: host, ttl: 64, ...changes },
    { sourcePort, destinationPort, payload },
  );
}

/** The same packet on its way to the UE. */
export function packetToUe(
  changes: Partial<Omit<Ipv4Fields, 'protocol' | 'payloadLength'>> = {},
  options: { readonly length?: number } = {},
): Uint8Array {
  return packet({ source: host, destination: ueAddress, ...changes }, options);
}

/** A TCP SYN with an MSS option. */
export function syn(mss: number, source: Ipv4Address, destination: Ipv4Address, ttl = 64): Uint8Array {
  const segment = new Uint8Array(24);
  segment.set([0x0f, 0xa0, 0x00, 0x50], 0);
  segment[12] = 0x60;
  segment[13] = 0x02;
  segment.set([2, 4, mss >>> 8, mss & 255], 20);
  return encodeIpv4({ source, destination, ttl, protocol: ipProtocol.tcp }, segment);
}
