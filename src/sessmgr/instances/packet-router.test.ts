import { describe, expect, it } from 'vitest';
import { type Ipv4Address, ipv4Of, macOf } from '../../kernel/address.ts';
import type { PortName } from '../../kernel/port.ts';
import { setU32 } from '../../wire/bytes/reader.ts';
import { type Tlv, tlv } from '../../wire/bytes/tlv.ts';
import { encodeEthernet, etherType } from '../../wire/ethernet/ethernet.ts';
import { greLength, greProtocol, writeGre } from '../../wire/gre/gre.ts';
import { revocationFlag } from '../../wire/pmipv6/constants.ts';
import { encodeMobility, type MobilityMessage } from '../../wire/pmipv6/message.ts';
import { mobilityOption } from '../../wire/pmipv6/options.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { radiusCode } from '../../wire/radius/constants.ts';
import { encodeRadius } from '../../wire/radius/packet.ts';
import { Directory } from './directory.ts';
import { PacketRouter } from './packet-router.ts';

const count = 3;
/** Of instance 2. */
const mac = macOf(0x02005e100002 + ((2 + 3 - (0x5e100002 % 3)) % 3));
const macText = mac.toString(16).padStart(12, '0');

const directory = new Directory();
directory.entriesOf(1).named('alice@example.net');
directory.entriesOf(1).strayed(8);
const accessPoint = ipv4Of(0xc0000201);
const framed = ipv4Of(0xc0a80042);
directory.entriesOf(2).addressed(accessPoint, framed);
const router = new PacketRouter(count, 4, directory);

function gre(protocol: number, key: number | undefined, inner: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(greLength(key) + inner.length);
  bytes.set(inner, writeGre(bytes, 0, protocol, key));
  return bytes;
}

function frame(vlan: number | undefined): Uint8Array {
  const header = { destination: macOf(1), source: mac, vlan, etherType: etherType.ipv4 };
  return encodeEthernet(header, new Uint8Array(20));
}

const named = (identifier: string) => tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier });
const linkLayer = tlv(
  mobilityOption.mnLinkLayerIdentifier,
  Uint8Array.from({ length: 6 }, (_, index) => Math.floor(mac / 2 ** (8 * (5 - index))) % 256),
);
const pbu = (...options: MobilityMessage['options'][number][]) =>
  encodeMobility({ kind: 'proxyBindingUpdate', sequence: 1, flags: 0x8200, lifetimeSeconds: 600, options });
const bri = (flags: number, ...options: MobilityMessage['options'][number][]) =>
  encodeMobility({ kind: 'bindingRevocationIndication', trigger: 1, sequence: 1, flags, options });
const heartbeat = encodeMobility({
  kind: 'heartbeat',
  response: false,
  unsolicited: false,
  sequence: 1,
  options: [named(macText)],
});

const ip = (source: number) => {
  const packet = new Uint8Array(20);
  setU32(packet, 12, source);
  return packet;
};
const unkeyed = (inner: Uint8Array) => gre(greProtocol.ipv4, undefined, inner);

const coa = (...attributes: Tlv[]) =>
  encodeRadius({ code: radiusCode.coaRequest, identifier: 1, authenticator: new Uint8Array(16), attributes });

describe('a packet', () => {
  it.each<[string, PortName, Uint8Array, number]>([
    ['EoGRE', 'access-gre', gre(greProtocol.transparentEthernet, undefined, frame(undefined)), 2],
    ['EoGRE with a key and a VLAN tag', 'access-gre', gre(greProtocol.transparentEthernet, 77, frame(100)), 2],
    ['GRE with an IP packet from a MAG', 'access-gre', gre(greProtocol.ipv4, 3001, new Uint8Array(20)), 3001 % 3],
    ['GRE from the LMA', 's2a-gre', gre(greProtocol.ipv4, 0xfffffffe, new Uint8Array(20)), 0xfffffffe % 3],
    ['GRE with a key from when there were more instances', 's2a-gre', gre(greProtocol.ipv4, 8, new Uint8Array(1)), 1],
    ['GRE without a key', 's2a-gre', gre(greProtocol.ipv4, undefined, new Uint8Array(20)), 0],
    [
      'CoA by its account',
      'dynamic-authorization',
      coa(tlv(radiusAttribute.acctSessionId, '00000bb965531f00')),
      3001 % 3,
    ],
    ['CoA by its UE', 'dynamic-authorization', coa(tlv(radiusAttribute.callingStationId, macText)), 2],
    ['CoA by neither', 'dynamic-authorization', coa(tlv(radiusAttribute.userName, 'alice@example.net')), 0],
    ['CoA cut short', 'dynamic-authorization', coa().subarray(0, 19), 0],
    [
      'EoGRE cut short',
      'access-gre',
      gre(greProtocol.transparentEthernet, undefined, frame(undefined).subarray(0, 13)),
      0,
    ],
    ['what is no GRE', 'access-gre', Uint8Array.of(1), 0],
    ['a PBU by the MAC address as a name', 'access-pmipv6', pbu(named(`${macText}@realm`)), 2],
    ['a PBU by a name that AAA gave', 'access-pmipv6', pbu(named('alice@example.net'), linkLayer), 1],
    ['a PBU by an unknown name and the link layer', 'access-pmipv6', pbu(named('bob@example.net'), linkLayer), 2],
    ['a PBU by an unknown name', 'access-pmipv6', pbu(named('bob@example.net')), 0],
    ['a PBU without a name', 'access-pmipv6', pbu(linkLayer), 0],
    ['a BRI for one', 's2a-pmipv6', bri(revocationFlag.proxyBinding, named(macText)), 2],
    ['a BRI for all', 's2a-pmipv6', bri(revocationFlag.proxyBinding | revocationFlag.global, named(macText)), 0],
    ['a heartbeat, whatever it names', 's2a-pmipv6', heartbeat, 0],
    ['what is no mobility header', 'access-pmipv6', Uint8Array.of(59, 0, 77), 0],
  ])('%s at %s goes to its instance', (_, port, bytes, index) => {
    expect(router.instanceOf(port, 0, accessPoint, bytes)).toBe(index);
  });

  it.each<[string, PortName, Ipv4Address, Uint8Array, number]>([
    ['an address that an access point gave', 'access-gre', accessPoint, unkeyed(ip(framed)), 2],
    ['another address', 'access-gre', accessPoint, unkeyed(ip(framed + 1)), 0],
    ['the address, from elsewhere', 'access-gre', ipv4Of(accessPoint + 1), unkeyed(ip(framed)), 0],
    ['the address, at S2a', 's2a-gre', accessPoint, unkeyed(ip(framed)), 0],
    ['the address, cut short', 'access-gre', accessPoint, unkeyed(ip(framed).subarray(0, 19)), 0],
    ['the address, with a key', 'access-gre', accessPoint, gre(greProtocol.ipv4, 3001, ip(framed)), 3001 % 3],
  ])('without a key and of %s, at %s from %s, goes to its instance', (_, port, peer, bytes, index) => {
    expect(router.instanceOf(port, 0, peer, bytes)).toBe(index);
  });

  it.each([
    [0, 0],
    [3, 0],
    [4, 1],
    [11, 2],
  ])('of an AAA server at channel %s goes to instance %s', (channel, index) => {
    expect(router.instanceOf('aaa', channel, accessPoint, new Uint8Array())).toBe(index);
  });

  it.each([
    [2, 0],
    [3, 1],
    [4, 2],
  ])('that answers a Disconnect, at channel %s, goes to instance %s', (channel, index) => {
    expect(router.instanceOf('access-radius', channel, accessPoint, new Uint8Array())).toBe(index);
  });
});

it('finds the instance of what comes by other ways', () => {
  expect([router.instanceOfUe(mac), router.instanceOfSession(3001), router.instanceOfSession(8)]).toEqual([2, 1, 1]);
  expect(router.instanceOfUe(macOf(ipv4Of(0)))).toBe(0);
});
