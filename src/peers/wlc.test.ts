import { describe, expect, it } from 'vitest';
import { formatIp, macOf } from '../kernel/address.ts';
import { SeededRandom } from '../kernel/random.ts';
import { find, tlv } from '../wire/bytes/tlv.ts';
import { encodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import { greProtocol, writeGre } from '../wire/gre/gre.ts';
import { decodeMobility, type ProxyBindingUpdate } from '../wire/pmipv6/message.ts';
import { mobilityOption } from '../wire/pmipv6/options.ts';
import { encodeUdpPacket } from '../wire/udp/udp.ts';
import type { Station } from './actor.ts';
import { ip, Script } from './script-for-tests.ts';
import { Ue } from './ue.ts';
import { magLinkLayerAddress, Wlc, type WlcOptions } from './wlc.ts';

const gateway = '192.0.2.1';
const mac = macOf(0x02005e100001);

function wlcOf(options: Partial<WlcOptions> = {}) {
  const script = new Script();
  const wlc = new Wlc(
    { name: 'wlc', address: ip('192.0.2.11'), lma: ip(gateway), ...options },
    script,
    new SeededRandom(1),
    script.wallClock,
  );
  const heard: Uint8Array[] = [];
  const station: Station = { mac, toStation: (frame) => heard.push(frame.slice()) };
  const lastPbu = (): ProxyBindingUpdate => {
    const message = decodeMobility(script.sent.findLast(({ protocol }) => protocol === 'udp')!.bytes);
    if (!message.ok || message.value.kind !== 'proxyBindingUpdate') throw new Error('no PBU');
    return message.value;
  };
  const answer = (status = 0, update = lastPbu()) =>
    script.tell(wlc, gateway, {
      kind: 'proxyBindingAcknowledgement',
      status,
      flags: 0,
      sequence: update.sequence,
      lifetimeSeconds: update.lifetimeSeconds,
      options: [
        ...update.options.filter(({ type }) => type === mobilityOption.mnIdentifier.type),
        tlv(mobilityOption.ipv4HomeAddressReply, { status: 0, prefixLength: 24, address: ip('10.45.0.2') }),
        tlv(mobilityOption.ipv4DefaultRouter, ip('10.45.0.1')),
        tlv(mobilityOption.greKey, { key: 0xabc }),
      ],
    });
  const revoke = (identifier: string) =>
    script.tell(wlc, gateway, {
      kind: 'bindingRevocationIndication',
      trigger: 2,
      sequence: 40,
      flags: 0x8000,
      options: [tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier })],
    });
  /** The lines written since the last call, without options. */
  const lines = () => script.take().map((line) => line.replace(/ flags .*/, '').replace(/ sequence \d+/, ''));
  return { script, wlc, station, heard, answer, revoke, lastPbu, lines };
}

/** A UE's packet to a host, as a frame. */
const frameOf = (port: number) => {
  const datagram = { sourcePort: port, destinationPort: port, payload: new Uint8Array(4) };
  const packet = encodeUdpPacket({ source: ip('10.45.0.2'), destination: ip('198.51.100.9') }, datagram);
  return encodeEthernet({ destination: magLinkLayerAddress, source: mac, vlan: undefined, etherType: 0x0800 }, packet);
};

describe('registration', () => {
  it('asks for an address with everything a PBU must carry', () => {
    const { script, wlc, station } = wlcOf({ apn: 'internet' });
    wlc.associate(station, 0);
    const key = wlc.bindingOf(mac)!.downlinkKey.toString(16).padStart(8, '0');
    expect(script.take().map((line) => line.replace(/sequence \d+/, 'sequence'))).toEqual([
      '0 → 192.0.2.1 PBU sequence lifetime 3600 s flags acknowledge|proxyRegistration ' +
        '[Mobile Node Identifier 02:00:5e:10:00:01, Service Selection internet, Handoff Indicator unknown, ' +
        'Access Technology Type ieee80211, Mobile Node Link-layer Identifier 02005e100001, ' +
        `Timestamp 1700000000.000000, IPv4 Home Address Request 0.0.0.0/0, GRE Key 0x${key}]`,
    ]);
  });

  it.each([
    [{ naiSeparator: ':' }, '02:00:5e:10:00:01'],
    [{ naiSeparator: '-' }, '02-00-5e-10-00-01'],
    [{ naiSeparator: '.' }, '0200.5e10.0001'],
    [{ naiSeparator: '' }, '02005e100001'],
    [{ naiSeparator: '-', naiRealm: 'wlan.example' }, '02-00-5e-10-00-01@wlan.example'],
  ] as const)('writes the NAI as told: %j', (options, nai) => {
    const { wlc, station, lastPbu } = wlcOf(options);
    wlc.associate(station, 0);
    expect(find(lastPbu().options, mobilityOption.mnIdentifier)?.identifier).toBe(nai);
  });

  it('is repeated after 1 s, doubling, each time with a new sequence number, until it is answered', () => {
    const { script, wlc, station, answer, lastPbu } = wlcOf();
    wlc.associate(station, 0);
    const first = lastPbu();
    script.runUntil(8000, wlc);
    expect(script.take().map((line) => line.split(' ')[0])).toEqual(['0', '1000', '3000', '7000']);
    expect(lastPbu().sequence).toBe((first.sequence + 3) & 0xffff);
    answer(0, first);
    script.runUntil(60_000, wlc);
    expect(script.take()).toEqual([]);
    expect(wlc.bindingOf(mac)).toMatchObject({ state: 'registered', uplinkKey: 0xabc, address: ip('10.45.0.2') });
  });

  it('is refreshed before it expires, while the UE is there', () => {
    const { script, wlc, station, answer, lines } = wlcOf({ lifetimeSeconds: 100 });
    wlc.associate(station, 0);
    answer();
    lines();
    script.runUntil(95_000, wlc);
    expect(lines()[0]).toBe('90000 → 192.0.2.1 PBU lifetime 100 s');
    answer();
    wlc.dissociate(station, 95_000);
    script.runUntil(500_000, wlc);
    expect(lines()).toEqual([]);
  });

  it('that is refused leaves the UE without service', () => {
    const { wlc, station, answer, lines } = wlcOf();
    wlc.associate(station, 0);
    wlc.fromStation(station, frameOf(9), 0);
    answer(129);
    wlc.fromStation(station, frameOf(9), 0);
    expect(wlc.bindingOf(mac)?.state).toBe('refused');
    expect(lines()).toEqual(['0 → 192.0.2.1 PBU lifetime 3600 s']);
  });
});

describe('the user plane', () => {
  it('holds uplink until the PBA, and takes downlink before it', () => {
    const { script, wlc, station, heard, answer } = wlcOf();
    wlc.associate(station, 0);
    wlc.fromStation(station, frameOf(9), 0);
    const packet = encodeUdpPacket(
      { source: ip('198.51.100.9'), destination: ip('10.45.0.2') },
      { sourcePort: 9, destinationPort: 9, payload: new Uint8Array(4) },
    );
    const bytes = new Uint8Array(8 + packet.length);
    bytes.set(packet, writeGre(bytes, 0, greProtocol.ipv4, wlc.bindingOf(mac)!.downlinkKey));
    script.tellGre(wlc, gateway, bytes);
    const header = { destination: mac, source: magLinkLayerAddress, vlan: undefined, etherType: etherType.ipv4 };
    expect(heard).toEqual([encodeEthernet(header, packet)]);
    script.take();
    answer();
    expect(script.take()).toEqual(['0 → 192.0.2.1 GRE 0x0800 key 0x00000abc 32 octets']);
  });

  it('leases the binding’s address to the UE, whose router it plays', () => {
    const { script, wlc, answer } = wlcOf();
    const ue = new Ue({ name: 'ue', mac }, new SeededRandom(2));
    ue.moveTo(wlc, 'dhcp-discover', 0);
    expect(ue.dhcpState).toBe('Selecting');
    answer();
    expect([ue.dhcpState, formatIp(ue.address!), formatIp(ue.router!)]).toEqual(['Bound', '10.45.0.2', '10.45.0.1']);
    script.take();
    ue.sendUdp(ip('198.51.100.9'), 1, 2, new Uint8Array(4), 0);
    expect(script.take()).toEqual(['0 → 192.0.2.1 GRE 0x0800 key 0x00000abc 32 octets']);
  });
});

describe('a UE that goes', () => {
  it.each([
    ['immediate', ['100 → 192.0.2.1 PBU lifetime 0 s'], false],
    [{ lateMs: 500 }, ['600 → 192.0.2.1 PBU lifetime 0 s'], false],
    ['never', [], true],
  ] as const)('is deregistered: %j', (deregistration, expected, kept) => {
    const { script, wlc, station, answer, lines } = wlcOf({ deregistration });
    wlc.associate(station, 0);
    answer();
    lines();
    script.now = 100;
    wlc.dissociate(station, 100);
    script.runUntil(2000, wlc);
    expect(lines()).toEqual(expected);
    expect(wlc.bindingOf(mac) !== undefined).toBe(kept);
  });

  it('and comes back is registered anew, and not deregistered late', () => {
    const { script, wlc, station, answer, lines } = wlcOf({ deregistration: { lateMs: 500 } });
    wlc.associate(station, 0);
    answer();
    wlc.dissociate(station, 100);
    script.now = 200;
    wlc.associate(station, 200);
    answer();
    lines();
    script.runUntil(5000, wlc);
    expect(lines()).toEqual([]);
    expect(wlc.bindingOf(mac)).toMatchObject({ state: 'registered', present: true });
  });
});

describe('revocation', () => {
  const nai = '02:00:5e:10:00:01';

  it('is acknowledged, and the binding goes', () => {
    const { wlc, station, answer, revoke, lines } = wlcOf();
    wlc.associate(station, 0);
    answer();
    lines();
    revoke(nai);
    revoke(nai);
    expect(lines()).toEqual(['0 → 192.0.2.1 BRA status 0 success', '0 → 192.0.2.1 BRA status 128 bindingDoesNotExist']);
    expect(wlc.bindings()).toEqual([]);
  });

  it('of an earlier visit does not touch one that is being registered', () => {
    const { wlc, station, revoke } = wlcOf();
    wlc.associate(station, 0);
    revoke(nai);
    expect(wlc.bindingOf(mac)?.state).toBe('registering');
  });

  it('can be passed over in silence', () => {
    const { wlc, station, answer, revoke, lines } = wlcOf();
    wlc.silentOnRevocation = true;
    wlc.associate(station, 0);
    answer();
    lines();
    revoke(nai);
    expect(lines()).toEqual([]);
    expect(wlc.bindings()).toHaveLength(1);
  });
});

it('answers heartbeats with its restart counter, and hears no one but the gateway', () => {
  const { script, wlc } = wlcOf();
  const request = { kind: 'heartbeat', response: false, unsolicited: false, sequence: 5, options: [] } as const;
  script.tell(wlc, gateway, request);
  script.tell(wlc, '192.0.2.66', request);
  expect(script.take()).toEqual(['0 → 192.0.2.1 Heartbeat response sequence 5 [Restart Counter 1]']);
});
