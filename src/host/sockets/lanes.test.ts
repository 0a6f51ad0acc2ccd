import { afterAll, describe, expect, it } from 'vitest';
import { requireTool } from '../../../tests/support/require-tool.ts';
import { ipv4Of, macBroadcast, macOf, parseIpv4 } from '../../kernel/address.ts';
import { encodeEthernet, etherType } from '../../wire/ethernet/ethernet.ts';
import { greLength, greProtocol, writeGre } from '../../wire/gre/gre.ts';
import { encodeUdpPacket } from '../../wire/udp/udp.ts';
import { BatchedDriver } from './batched-driver.ts';
import { SocketError } from './socket-driver.ts';
import type { Lane } from './steering.ts';

const driver = new BatchedDriver();
afterAll(() => driver.close());

const address = parseIpv4('127.0.7.21')!;
const ue = macOf(0x02005e000001);
const ports = (sourcePort: number, destinationPort: number, octets = 4) =>
  encodeUdpPacket(
    { source: ipv4Of(0), destination: ipv4Of(0xffffffff) },
    { sourcePort, destinationPort, payload: new Uint8Array(octets) },
  );
const dhcp = ports(68, 67);
/** An IPv4 header of 24 octets. */
const withOptions = (packet: Uint8Array) =>
  Uint8Array.of(0x46, ...packet.subarray(1, 20), 1, 1, 1, 1, ...packet.subarray(20));
const fragment = dhcp.with(7, 1);
const tcp = dhcp.with(9, 6);

function frame(payload: Uint8Array, type: number = etherType.ipv4, vlan?: number): Uint8Array {
  return encodeEthernet({ destination: macBroadcast, source: ue, vlan, etherType: type }, payload);
}

function gre(payload: Uint8Array, key?: number, protocol: number = greProtocol.transparentEthernet): Uint8Array {
  const packet = new Uint8Array(greLength(key) + payload.length);
  packet.set(payload, writeGre(packet, 0, protocol, key));
  return packet;
}

const arp = new Uint8Array(28);
const packets: readonly [string, Lane, Uint8Array][] = [
  ['DHCP', 'signalling', gre(frame(dhcp))],
  ['DHCP with a key', 'signalling', gre(frame(dhcp), 7)],
  ['DHCP with a tag', 'signalling', gre(frame(dhcp, etherType.ipv4, 100))],
  ['DHCP with both', 'signalling', gre(frame(dhcp, etherType.ipv4, 100), 7)],
  ['DHCP behind IP options', 'signalling', gre(frame(withOptions(dhcp)))],
  ['ARP', 'signalling', gre(frame(arp, etherType.arp))],
  ['ARP with a tag', 'signalling', gre(frame(arp, etherType.arp, 100))],
  ['UDP of a UE', 'data', gre(frame(ports(4000, 5000)))],
  ['DHCP of a server', 'data', gre(frame(ports(67, 68)))],
  ['TCP', 'data', gre(frame(tcp))],
  ['a fragment that is not the first', 'data', gre(frame(fragment))],
  ['IPv6', 'data', gre(frame(new Uint8Array(60), 0x86dd))],
  ['half an ARP', 'data', gre(frame(arp.subarray(0, 27), etherType.arp))],
  ['half a DHCP packet', 'data', gre(frame(dhcp.subarray(0, 27)))],
  ['IP options, and nothing more', 'data', gre(frame(withOptions(dhcp).subarray(0, 28).with(0, 0x4f)))],
  ['a frame that ends with its tag', 'data', gre(frame(new Uint8Array(0), etherType.ipv4, 100))],
  ['DHCP of a WLC, which has other ways', 'data', gre(dhcp, 7, greProtocol.ipv4)],
  ['a GRE checksum', 'data', Uint8Array.of(0x80, 0, 0x65, 0x58, 0, 0, 0, 0, ...frame(dhcp))],
  ['another version of GRE', 'data', Uint8Array.of(0, 1, 0x65, 0x58, ...frame(dhcp))],
  ['four octets', 'data', Uint8Array.of(0, 0, 0x65, 0x58)],
  ['one octet', 'data', Uint8Array.of(0)],
];

describe('the lanes of raw sockets', () => {
  it.skipIf(!requireTool('the right to open raw sockets (root)', process.getuid?.() === 0))(
    'give each packet to one of two sockets, and signalling alone to its own',
    async () => {
      const came: [Lane, string][] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      for (const lane of ['data', 'signalling'] as const) {
        await driver.open({ transport: 'gre-over-ip', address, lane }, (_peer, _port, bytes) => {
          came.push([lane, Buffer.from(bytes).toString('hex')]);
          if (came.length === packets.length) resolve();
        });
      }
      const sender = await driver.open({ transport: 'gre-over-ip', address: ipv4Of(address + 1) }, () => {});
      for (const [, , bytes] of packets) sender.send(address, 0, bytes);
      driver.flush();
      await promise;
      const lanes = packets.map(([what, , bytes]) => {
        const hex = Buffer.from(bytes).toString('hex');
        return [what, came.filter(([, other]) => other === hex).map(([lane]) => lane)];
      });
      expect(lanes).toEqual(packets.map(([what, lane]) => [what, [lane]]));
    },
  );

  it('are nothing that UDP has', async () => {
    const spec = { transport: 'gre-over-udp', address, lane: 'data' } as const;
    await expect(driver.open(spec, () => {})).rejects.toThrow(SocketError);
  });
});
