import { describe, expect, it } from 'vitest';
import { macBroadcast, macOf } from '../kernel/address.ts';
import { encodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import { greLength, greProtocol, writeGre } from '../wire/gre/gre.ts';
import type { Station } from './actor.ts';
import { ResidentialGateway } from './residential-gateway.ts';
import { ip, Script } from './script-for-tests.ts';

const ue = macOf(0x02005e100001);
const other = macOf(0x02005e100002);
const router = macOf(0x02005e0000fe);
const payload = Uint8Array.of(1, 2, 3);

function frame(destination: typeof ue, source: typeof ue, vlan?: number): Uint8Array {
  return encodeEthernet({ destination, source, vlan, etherType: etherType.ipv4 }, payload);
}

function gre(inner: Uint8Array, key?: number, protocol: number = greProtocol.transparentEthernet): Uint8Array {
  const bytes = new Uint8Array(greLength(key) + inner.length);
  bytes.set(inner, writeGre(bytes, 0, protocol, key));
  return bytes;
}

function rgOf(options: { key?: number; vlan?: number } = {}) {
  const script = new Script();
  const rg = new ResidentialGateway(
    { name: 'rg', address: ip('198.51.100.1'), gateway: ip('192.0.2.1'), ...options },
    script,
  );
  const heard: [typeof ue, Uint8Array][] = [];
  const station = (mac: typeof ue): Station => ({ mac, toStation: (got) => heard.push([mac, got.slice()]) });
  const stations = { ue: station(ue), other: station(other) };
  rg.associate(stations.ue);
  rg.associate(stations.other);
  return { script, rg, heard, stations };
}

describe.each([
  ['untagged, without key', {}],
  ['with key and VLAN', { key: 0, vlan: 100 }],
])('a tunnel %s', (_, options: { key?: number; vlan?: number }) => {
  it('carries frames up as they are', () => {
    const { script, rg, stations } = rgOf(options);
    rg.fromStation(stations.ue, frame(router, ue));
    expect(script.sent[0]?.bytes).toEqual(gre(frame(router, ue, options.vlan), options.key));
  });

  it('carries frames down to the station they are for, and broadcasts to all', () => {
    const { script, rg, heard } = rgOf(options);
    script.tellGre(rg, '192.0.2.1', gre(frame(ue, router, options.vlan), options.key));
    expect(heard.splice(0)).toEqual([[ue, frame(ue, router)]]);
    script.tellGre(rg, '192.0.2.1', gre(frame(macBroadcast, router, options.vlan), options.key));
    expect(heard.map(([mac]) => mac)).toEqual([ue, other]);
  });
});

describe('what is dropped', () => {
  it('is what comes from a station that is not associated', () => {
    const { script, rg, stations } = rgOf();
    rg.dissociate(stations.ue);
    rg.fromStation(stations.ue, frame(router, ue));
    expect(script.sent).toEqual([]);
  });

  it.each([
    ['from another than the gateway', '192.0.2.66', gre(frame(ue, router))],
    ['with a key', '192.0.2.1', gre(frame(ue, router), 5)],
    ['with a VLAN', '192.0.2.1', gre(frame(ue, router, 100))],
    ['that is no frame', '192.0.2.1', gre(payload)],
    ['of another protocol', '192.0.2.1', gre(frame(ue, router), undefined, greProtocol.ipv4)],
    ['to a station that is not there', '192.0.2.1', gre(frame(router, ue))],
  ])('is a packet %s', (_, from, bytes) => {
    const { script, rg, heard } = rgOf();
    script.tellGre(rg, from, bytes);
    expect(heard).toEqual([]);
  });
});
