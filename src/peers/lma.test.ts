import { describe, expect, it } from 'vitest';
import { formatIp, parsePrefix } from '../kernel/address.ts';
import { SeededRandom } from '../kernel/random.ts';
import { type Tlv, tlv } from '../wire/bytes/tlv.ts';
import { greProtocol, writeGre } from '../wire/gre/gre.ts';
import { bindingUpdateFlag, revocationFlag } from '../wire/pmipv6/constants.ts';
import type { ProxyBindingUpdate } from '../wire/pmipv6/message.ts';
import { mobilityOption } from '../wire/pmipv6/options.ts';
import { encodeUdpPacket } from '../wire/udp/udp.ts';
import { CorrespondentHost } from './correspondent-host.ts';
import { Lma, type LmaOptions } from './lma.ts';
import { ip, Script, wallClockStart } from './script-for-tests.ts';

const mag = '192.0.2.1';
const proxy = bindingUpdateFlag.acknowledge | bindingUpdateFlag.proxyRegistration;

interface Wishes {
  readonly nai?: string;
  readonly sequence?: number;
  readonly timestamp?: number | undefined;
  readonly lifetimeSeconds?: number;
  readonly address?: string;
  readonly key?: number;
}

function pbu(wishes: Wishes = {}, without: { readonly type: number } | undefined = undefined): ProxyBindingUpdate {
  const { nai = 'ue@realm', sequence = 1, lifetimeSeconds = 600, address = '0.0.0.0', key = 0x11 } = wishes;
  const timestamp = 'timestamp' in wishes ? wishes.timestamp : wallClockStart;
  const options: Tlv[] = [
    tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: nai }),
    tlv(mobilityOption.handoffIndicator, 1),
    tlv(mobilityOption.accessTechnologyType, 4),
    ...(timestamp === undefined ? [] : [tlv(mobilityOption.timestamp, timestamp)]),
    tlv(mobilityOption.ipv4HomeAddressRequest, { prefixLength: 0, address: ip(address) }),
    tlv(mobilityOption.greKey, { key }),
  ];
  return {
    kind: 'proxyBindingUpdate',
    sequence,
    flags: proxy,
    lifetimeSeconds,
    options: options.filter(({ type }) => type !== without?.type),
  };
}

function lmaOf(options: Partial<LmaOptions> = {}) {
  const script = new Script();
  const pool = parsePrefix('10.45.0.0/29')!;
  const lma = new Lma(
    { name: 'lma', address: ip('203.0.113.9'), pool, ...options },
    script,
    new SeededRandom(1),
    script.wallClock,
  );
  const asked = (message: ProxyBindingUpdate, from = mag): string => {
    script.take();
    script.tell(lma, from, message);
    const line = script.take()[0] ?? 'nothing';
    return line.replace(/^.*PBA status \d+ /, '').replace(/ flags .*/, '');
  };
  return { script, lma, asked };
}

describe('registration', () => {
  it('assigns an address, the router and a key, and repeats what identifies the PBU', () => {
    const { script, lma } = lmaOf();
    script.tell(lma, mag, pbu({ sequence: 7 }));
    const key = lma.bindings()[0]!.uplinkKey.toString(16).padStart(8, '0');
    expect(script.take()).toEqual([
      '0 → 192.0.2.1 PBA status 0 accepted sequence 7 lifetime 600 s flags proxyRegistration ' +
        '[Mobile Node Identifier ue@realm, Handoff Indicator newInterface, Access Technology Type ieee80211, ' +
        'Timestamp 1700000000.000000, IPv4 Home Address Reply success 10.45.0.2/29, ' +
        `IPv4 Default-Router Address 10.45.0.1, IPv4 DHCP Support Mode server, GRE Key 0x${key}]`,
    ]);
    expect(lma.bindingOf('ue@realm')).toMatchObject({ downlinkKey: 0x11, mag: ip(mag), sequence: 7 });
  });

  it.each([
    ['an MN-Identifier', mobilityOption.mnIdentifier, 'missingMnIdentifierOption'],
    ['a Handoff Indicator', mobilityOption.handoffIndicator, 'missingHandoffIndicatorOption'],
    ['an Access Technology Type', mobilityOption.accessTechnologyType, 'missingAccessTechnologyTypeOption'],
    ['a GRE Key', mobilityOption.greKey, 'greKeyOptionRequired'],
    ['an address request', mobilityOption.ipv4HomeAddressRequest, 'missingHomeNetworkPrefixOption'],
  ])('is refused without %s', (_, option, status) => {
    const { asked, lma } = lmaOf();
    expect(asked(pbu({}, option))).toBe(`${status} sequence 1 lifetime 0 s`);
    expect(lma.bindings()).toEqual([]);
  });

  it.each([
    ['8 s old', { timestamp: wallClockStart - 8000 }, 'timestampMismatch'],
    ['8 s ahead', { timestamp: wallClockStart + 8000 }, 'timestampMismatch'],
    ['older than the last', { timestamp: wallClockStart - 1, sequence: 2 }, 'timestampLowerThanPreviouslyAccepted'],
    ['as old as the last', { timestamp: wallClockStart, sequence: 1 }, 'accepted'],
    ['newer', { timestamp: wallClockStart + 1, sequence: 2 }, 'accepted'],
    [
      'without timestamp and with an old sequence',
      { timestamp: undefined, sequence: 0xfff0 },
      'sequenceNumberOutOfWindow',
    ],
    ['without timestamp and with the next sequence', { timestamp: undefined, sequence: 2 }, 'accepted'],
  ])('judges a second PBU that is %s', (_, wishes, status) => {
    const { asked } = lmaOf();
    asked(pbu());
    expect(asked(pbu(wishes)).split(' ')[0]).toBe(status);
  });

  it('leases another address than the wanted one if that is taken, and none when all are', () => {
    const { asked, lma } = lmaOf();
    for (const nai of ['a', 'b', 'c', 'd', 'e']) asked(pbu({ nai, address: '10.45.0.4' }));
    const addresses = lma.bindings().map(({ address }) => formatIp(address));
    expect(addresses).toEqual(['10.45.0.4', '10.45.0.2', '10.45.0.3', '10.45.0.5', '10.45.0.6']);
    expect(asked(pbu({ nai: 'f' }))).toBe('insufficientResources sequence 1 lifetime 0 s');
    expect(asked(pbu({ nai: 'c', sequence: 2 }))).toBe('accepted sequence 2 lifetime 600 s');
  });

  it('expires, unless it is refreshed', () => {
    const { script, asked, lma } = lmaOf();
    asked(pbu());
    script.runUntil(500_000, lma);
    asked(pbu({ sequence: 2, timestamp: script.wallClock() }));
    script.runUntil(1_099_000, lma);
    expect(lma.bindings()).toHaveLength(1);
    script.runUntil(1_101_000, lma);
    expect(lma.bindings()).toEqual([]);
  });
});

describe('deregistration', () => {
  it('ends the binding after the delay; the address waits for its UE', () => {
    const { script, asked, lma } = lmaOf({ deregistrationDelayMs: 1000 });
    asked(pbu());
    expect(asked(pbu({ sequence: 2, lifetimeSeconds: 0 }))).toBe('accepted sequence 2 lifetime 0 s');
    expect(lma.bindings()).toMatchObject([{ ending: true }]);
    script.runUntil(1000, lma);
    expect(lma.bindings()).toEqual([]);
    asked(pbu({ nai: 'other', timestamp: script.wallClock() }));
    asked(pbu({ timestamp: script.wallClock() }));
    expect(formatIp(lma.bindingOf('ue@realm')!.address)).toBe('10.45.0.2');
  });

  it('from a MAG that has no binding is answered and deletes nothing', () => {
    const { asked, lma } = lmaOf();
    asked(pbu());
    expect(asked(pbu({ sequence: 9, lifetimeSeconds: 0 }), '192.0.2.2')).toBe('accepted sequence 9 lifetime 0 s');
    expect(lma.bindings()).toMatchObject([{ ending: false }]);
  });
});

describe('revocation', () => {
  const bri = (at: number) =>
    `${at} → 192.0.2.1 BRI trigger 1 administrativeReason sequence 1 flags proxyBinding ` +
    '[Mobile Node Identifier ue@realm]';

  it('is repeated after 1 s and 2 s more, and ends the binding all the same', () => {
    const { script, asked, lma } = lmaOf();
    asked(pbu());
    expect(lma.revoke('ue@realm', 0)).toBe(true);
    script.runUntil(20_000, lma);
    expect(script.take()).toEqual([bri(0), bri(1000), bri(3000)]);
    expect(lma.bindings()).toEqual([]);
    expect(lma.counters.get('bri.unanswered')).toBe(1);
  });

  it('ends with the BRA', () => {
    const { script, asked, lma } = lmaOf();
    asked(pbu());
    lma.revoke('ue@realm', 0);
    const options = [tlv(mobilityOption.mnIdentifier, { subtype: 1, identifier: 'ue@realm' })];
    const bra = { kind: 'bindingRevocationAcknowledgement', status: 0, flags: revocationFlag.proxyBinding } as const;
    script.tell(lma, mag, { ...bra, sequence: 2, options });
    expect(lma.bindings()).toHaveLength(1);
    script.tell(lma, mag, { ...bra, sequence: 1, options });
    expect(lma.bindings()).toEqual([]);
    script.runUntil(20_000, lma);
    expect(script.take()).toEqual([bri(0)]);
  });

  it('of nobody is none', () => {
    expect(lmaOf().lma.revoke('ue@realm', 0)).toBe(false);
  });
});

describe('heartbeat', () => {
  it('is answered with a restart counter that grows when bindings are lost', () => {
    const { script, asked, lma } = lmaOf();
    asked(pbu());
    const request = { kind: 'heartbeat', response: false, unsolicited: false, sequence: 5, options: [] } as const;
    script.tell(lma, mag, request);
    lma.restart();
    script.tell(lma, mag, request);
    expect(script.take()).toEqual([
      '0 → 192.0.2.1 Heartbeat response sequence 5 [Restart Counter 1]',
      '0 → 192.0.2.1 Heartbeat response sequence 5 [Restart Counter 2]',
    ]);
    expect(lma.bindings()).toEqual([]);
  });

  it('is asked of MAGs with bindings, if it is told to', () => {
    const { script, asked, lma } = lmaOf({ heartbeatIntervalMs: 30_000 });
    script.runUntil(10_000, lma);
    asked(pbu({ timestamp: script.wallClock() }));
    script.runUntil(60_000, lma);
    expect(script.take()).toEqual([
      '30000 → 192.0.2.1 Heartbeat request sequence 1 [Restart Counter 1]',
      '60000 → 192.0.2.1 Heartbeat request sequence 2 [Restart Counter 1]',
    ]);
  });

  it('is not answered while the LMA is down', () => {
    const { script, asked, lma } = lmaOf();
    lma.down = true;
    expect(asked(pbu())).toBe('nothing');
    script.tell(lma, mag, { kind: 'heartbeat', response: false, unsolicited: false, sequence: 5, options: [] });
    expect(script.take()).toEqual([]);
  });
});

describe('the user plane', () => {
  const payload = Uint8Array.of(1, 2, 3, 4);
  const udp = (source: string, destination: string) =>
    encodeUdpPacket(
      { source: ip(source), destination: ip(destination) },
      { sourcePort: 1, destinationPort: 2, payload },
    );
  const gre = (key: number | undefined, packet: Uint8Array) => {
    const bytes = new Uint8Array((key === undefined ? 4 : 8) + packet.length);
    bytes.set(packet, writeGre(bytes, 0, greProtocol.ipv4, key));
    return bytes;
  };

  function bound() {
    const { script, lma, asked } = lmaOf();
    asked(pbu());
    asked(pbu({ nai: 'other', key: 0x22 }));
    const host = new CorrespondentHost(ip('198.51.100.9'), lma);
    const heard: string[] = [];
    host.listener = { udp: (source, { payload: got }) => heard.push(`${formatIp(source)} ${got}`) };
    return { script, lma, host, heard, key: lma.bindingOf('ue@realm')!.uplinkKey };
  }

  it('takes packets by their key to the host behind, and answers go by the MAG’s key', () => {
    const { script, lma, host, heard, key } = bound();
    script.tellGre(lma, mag, gre(key, udp('10.45.0.2', '198.51.100.9')));
    expect(heard).toEqual(['10.45.0.2 1,2,3,4']);
    expect(host.sendUdp(ip('10.45.0.2'), { sourcePort: 2, destinationPort: 1, payload })).toBe(true);
    expect(script.take()).toEqual(['0 → 192.0.2.1 GRE 0x0800 key 0x00000011 32 octets']);
    expect(host.sendUdp(ip('10.45.0.6'), { sourcePort: 2, destinationPort: 1, payload })).toBe(false);
  });

  it('passes a packet for another UE on to it', () => {
    const { script, lma, key } = bound();
    script.tellGre(lma, mag, gre(key, udp('10.45.0.2', '10.45.0.3')));
    expect(script.take()).toEqual(['0 → 192.0.2.1 GRE 0x0800 key 0x00000022 32 octets']);
  });

  it.each([
    ['without key', undefined, '10.45.0.2', mag, 'unknown-key'],
    ['with a key of nobody', 1, '10.45.0.2', mag, 'unknown-key'],
    ['of another MAG', 0, '10.45.0.2', '192.0.2.2', 'wrong-peer'],
    ['from another’s address', 0, '10.45.0.3', mag, 'spoofed'],
  ])('drops a packet %s', (_, key, source, from, why) => {
    const { script, lma, heard, key: own } = bound();
    script.tellGre(lma, from, gre(key === 0 ? own : key, udp(source, '198.51.100.9')));
    expect(heard).toEqual([]);
    expect(lma.counters.get(`uplink.${why}` as 'uplink.spoofed')).toBe(1);
  });
});
