import { describe, expect, it } from 'vitest';
import { testDigests } from '../../tests/support/digests.ts';
import { macBroadcast, macOf } from '../kernel/address.ts';
import { utf8Encode } from '../wire/bytes/text.ts';
import { find } from '../wire/bytes/tlv.ts';
import { encodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import { radiusAttribute } from '../wire/radius/attributes.ts';
import { signResponse } from '../wire/radius/authenticator.ts';
import { radiusCode, radiusPort } from '../wire/radius/constants.ts';
import { decodeRadius } from '../wire/radius/packet.ts';
import { encodeUdpPacket } from '../wire/udp/udp.ts';
import type { Datagram, Station } from './actor.ts';
import { IpAccessPoint } from './ip-access-point.ts';
import { ip, Script } from './script-for-tests.ts';

const secret = utf8Encode('of the site');
const gateway = ip('192.0.2.1');
const address = ip('192.168.0.16');
const router = ip('192.168.0.1');
const mac = macOf(0x02005e100001);
const station: Station = { mac, toStation: () => {} };
const statusOf: Readonly<Record<number, string>> = { 1: 'START', 2: 'STOP' };

function apOf(repeatMs?: number) {
  const script = new Script();
  const options = { name: 'ap', address: ip('192.0.2.48'), gateway, secret, router, prefixLength: 24 };
  const repeats = repeatMs === undefined ? {} : { repeatMs };
  const ap = new IpAccessPoint({ ...options, ...repeats, addressOf: () => address }, script, testDigests);
  const say = (source: typeof address): void => {
    const packet = encodeUdpPacket(
      { source, destination: ip('198.18.0.1') },
      { sourcePort: 7, destinationPort: 7, payload: Uint8Array.of(1) },
    );
    const header = { destination: macBroadcast, source: mac, vlan: undefined, etherType: etherType.ipv4 };
    ap.fromStation(station, encodeEthernet(header, packet), script.now);
  };
  const answer = ({ bytes, sourcePort }: Datagram): void => {
    const { identifier, authenticator } = recordOf(bytes);
    const reply = { code: radiusCode.accountingResponse, identifier, authenticator, attributes: [] };
    const port = { sourcePort: radiusPort.accounting, destinationPort: sourcePort };
    const octets = signResponse(reply, authenticator, secret, testDigests);
    ap.receive({ protocol: 'udp', source: gateway, destination: ap.address, ...port, bytes: octets }, script.now);
  };
  /** What has left since the last call. */
  const sent = (): string[] =>
    script.sent.splice(0).map(({ protocol, bytes }) => (protocol === 'gre' ? 'packet' : textOf(bytes)));
  return { script, ap, say, answer, sent };
}

function recordOf(bytes: Uint8Array) {
  const packet = decodeRadius(bytes);
  if (!packet.ok) throw new Error('no RADIUS');
  return packet.value;
}

function textOf(bytes: Uint8Array): string {
  const { attributes } = recordOf(bytes);
  const status = statusOf[find(attributes, radiusAttribute.acctStatusType)!];
  return `${status} ${find(attributes, radiusAttribute.acctSessionId)}`;
}

describe('an access point that gives its UEs addresses', () => {
  it('tells of a UE by its first packet, and passes on what it has sent once the START is answered', () => {
    const { ap, say, answer, script, sent } = apOf();
    ap.associate(station);
    say(address);
    say(address);
    const [start] = script.sent;
    expect(sent()).toEqual(['START ap-1']);
    answer(start!);
    say(address);
    expect(sent()).toEqual(['packet', 'packet', 'packet']);
    ap.dissociate(station);
    expect(sent()).toEqual(['STOP ap-1']);
    expect(ap.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('lets a UE send under no other address than its own', () => {
    const { ap, say, sent } = apOf();
    ap.associate(station);
    say(ip('10.0.0.1'));
    expect(sent()).toEqual([]);
  });

  it('repeats what is not answered, and no more then', () => {
    const { ap, say, answer, script, sent } = apOf(1000);
    ap.associate(station);
    say(address);
    const [start] = script.sent;
    script.runUntil(2500, ap);
    expect(sent()).toEqual(['START ap-1', 'START ap-1', 'START ap-1']);
    answer(start!);
    script.runUntil(60_000, ap);
    expect(sent()).toEqual(['packet']);
  });

  it('stops a visit at once: the START that is not answered is not repeated, and may come behind its STOP', () => {
    const { ap, say, script, sent } = apOf(1000);
    ap.associate(station);
    say(address);
    script.runUntil(500, ap);
    ap.dissociate(station);
    script.runUntil(2600, ap);
    expect(sent()).toEqual(['START ap-1', 'STOP ap-1', 'STOP ap-1', 'STOP ap-1']);
  });

  it('stops the visit of a UE that comes again, and gives every record that waits an Identifier of its own', () => {
    const { ap, say, script } = apOf(1000);
    for (let visit = 0; visit < 200; visit += 1) {
      ap.associate(station);
      say(address);
    }
    const identifiers = new Map(script.sent.map(({ bytes }) => [textOf(bytes), recordOf(bytes).identifier]));
    expect([...identifiers.keys()].filter((text) => text.startsWith('STOP'))).toHaveLength(199);
    const stops = [...identifiers].flatMap(([text, identifier]) => (text.startsWith('STOP') ? [identifier] : []));
    expect(new Set(stops).size).toBe(199);
  });
});
