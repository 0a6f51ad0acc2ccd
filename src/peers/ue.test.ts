import { describe, expect, it } from 'vitest';
import { formatIp, macBroadcast, macOf } from '../kernel/address.ts';
import { SeededRandom } from '../kernel/random.ts';
import { arpReply, decodeArp, describeArp, encodeArp, gratuitousArp } from '../wire/arp/arp.ts';
import { decodeDhcp, dhcpPort, encodeDhcp } from '../wire/dhcpv4/message.ts';
import { decodeEthernet, encodeEthernet, etherType } from '../wire/ethernet/ethernet.ts';
import { decodeIcmp, encodeIcmpPacket } from '../wire/icmp/icmp.ts';
import { decodeIpv4 } from '../wire/ipv4/ipv4.ts';
import { decodeUdp, encodeUdpPacket } from '../wire/udp/udp.ts';
import { answerDhcp } from './access-dhcp.ts';
import type { AccessPoint } from './actor.ts';
import { ip, Script } from './script-for-tests.ts';
import { Ue } from './ue.ts';

const mac = macOf(0x02005e100001);
const firstRouterMac = macOf(0x02005e0000fe);
const otherRouterMac = macOf(0x02005e0000ff);
const host = ip('198.51.100.9');
const lease = { address: ip('10.0.0.7'), prefixLength: 24, router: ip('10.0.0.1'), leaseSeconds: 800 };

/** A UE on a radio whose access point leases it an address at once, and writes down everything else. */
function ueOf() {
  const script = new Script();
  const ue = new Ue({ name: 'ue', mac, correspondent: host }, new SeededRandom(1));
  const accessPoint = (name: string): AccessPoint => ({
    name,
    associate: () => script.note(`${name} associated`),
    dissociate: () => script.note(`${name} dissociated`),
    fromStation: (_, frame, now) => {
      const header = decodeEthernet(frame);
      if (!header.ok) throw new Error('no frame');
      const { destination, headerLength } = header.value;
      const payload = frame.subarray(headerLength);
      const arp = header.value.etherType === etherType.arp ? decodeArp(payload) : undefined;
      if (arp?.ok) return script.note(`${name} ${describeArp(arp.value)}`);
      const packet = decodeIpv4(payload);
      if (!packet.ok) throw new Error('no packet');
      const { source, payloadLength } = packet.value;
      const end = packet.value.headerLength + payloadLength;
      const udp = decodeUdp(payload, packet.value.headerLength, end, source, packet.value.destination);
      const dhcp = udp.ok && udp.value.destinationPort === dhcpPort.server ? decodeDhcp(udp.value.payload) : undefined;
      if (dhcp?.ok) {
        const reply = answerDhcp(dhcp.value, lease);
        if (reply === undefined) return;
        const datagram = { sourcePort: 67, destinationPort: 68, payload: encodeDhcp(reply) };
        return down(encodeUdpPacket({ source: lease.router, destination: lease.address }, datagram), now);
      }
      const icmp = decodeIcmp(payload, packet.value.headerLength, end);
      const what = icmp.ok ? icmp.value.kind : `to ${formatIp(packet.value.destination)}`;
      script.note(`${name} ${what} by router ${destination === firstRouterMac ? 1 : 2}`);
    },
  });
  const first = accessPoint('ap1');
  const frameDown = (payload: Uint8Array, type: number, destination = mac, now = script.now) =>
    ue.toStation(
      encodeEthernet({ destination, source: firstRouterMac, vlan: undefined, etherType: type }, payload),
      now,
      first,
    );
  const down = (packet: Uint8Array, now = script.now) => frameDown(packet, etherType.ipv4, mac, now);
  const request = {
    operation: 'request',
    senderMac: mac,
    senderAddress: lease.address,
    targetMac: macOf(0),
    targetAddress: lease.router,
  } as const;
  const answerArp = (by = firstRouterMac) => frameDown(encodeArp(arpReply(request, by)), etherType.arp);
  ue.moveTo(first, 'dhcp-discover', 0);
  return { script, ue, down, frameDown, answerArp, first, second: accessPoint('ap2') };
}

describe('Ue', () => {
  it('asks for its router before it sends, again after a second, and sends what waited', () => {
    const { script, ue, answerArp } = ueOf();
    expect(ue.sendUdp(host, 1, 2, new Uint8Array(4), 0)).toBe(true);
    ue.sendUdp(host, 1, 2, new Uint8Array(4), 0);
    script.runUntil(1500, ue);
    answerArp();
    script.runUntil(5000, ue);
    expect(script.take()).toEqual([
      '0 ap1 associated',
      '0 ap1 ARP request 10.0.0.1 by 10.0.0.7 at 02:00:5e:10:00:01',
      '1000 ap1 ARP request 10.0.0.1 by 10.0.0.7 at 02:00:5e:10:00:01',
      '1500 ap1 to 198.51.100.9 by router 1',
      '1500 ap1 to 198.51.100.9 by router 1',
    ]);
  });

  it('believes a gratuitous ARP of its router, and answers who asks for its address', () => {
    const { script, ue, answerArp, frameDown } = ueOf();
    ue.sendUdp(host, 1, 2, new Uint8Array(4), 0);
    answerArp();
    frameDown(encodeArp(gratuitousArp(otherRouterMac, lease.router)), etherType.arp, macBroadcast);
    script.take();
    ue.sendUdp(host, 1, 2, new Uint8Array(4), 0);
    const asked = { operation: 'request', senderMac: otherRouterMac, senderAddress: lease.router } as const;
    frameDown(encodeArp({ ...asked, targetMac: macOf(0), targetAddress: lease.address }), etherType.arp, macBroadcast);
    expect(script.take()).toEqual([
      '0 ap1 to 198.51.100.9 by router 2',
      '0 ap1 ARP reply 10.0.0.7 at 02:00:5e:10:00:01',
    ]);
  });

  it('moves with its address, and hears its former access point for the overlap', () => {
    const { script, ue, answerArp, second } = ueOf();
    ue.sendUdp(host, 1, 2, new Uint8Array(4), 0);
    answerArp();
    script.take();
    script.now = 100;
    ue.moveTo(second, 'data', 100, 20);
    script.runUntil(1000, ue);
    expect(script.take()).toEqual(['100 ap2 associated', '100 ap2 to 198.51.100.9 by router 1', '120 ap1 dissociated']);
    expect(ue.addressHistory).toEqual([{ at: 0, address: lease.address }]);
    ue.leave(1000);
    expect(script.take()).toEqual(['1000 ap2 dissociated']);
  });

  it('answers echo requests to its address, and no others', () => {
    const { script, ue, answerArp, down } = ueOf();
    ue.sendUdp(host, 1, 2, new Uint8Array(4), 0);
    answerArp();
    script.take();
    const echo = { kind: 'echo-request', identifier: 1, sequence: 1, data: new Uint8Array(8) } as const;
    down(encodeIcmpPacket({ source: host, destination: ip('10.0.0.8') }, echo));
    down(encodeIcmpPacket({ source: host, destination: lease.address }, echo));
    expect(script.take()).toEqual(['0 ap1 echo-reply by router 1']);
  });

  it('has nothing to send from after it has released its address', () => {
    const { ue, answerArp } = ueOf();
    ue.sendUdp(host, 1, 2, new Uint8Array(4), 0);
    answerArp();
    ue.release(0);
    expect(ue.address).toBeUndefined();
    expect(ue.sendUdp(host, 1, 2, new Uint8Array(4), 0)).toBe(false);
    expect(ue.addressHistory.map(({ address }) => address)).toEqual([lease.address, undefined]);
  });
});
