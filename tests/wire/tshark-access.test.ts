import { describe, expect, it } from 'vitest';
import { formatIpv4, type Ipv4Address, macBroadcast, macOf, parseIpv4, parseMac } from '../../src/kernel/address.ts';
import { type ArpMessage, decodeArp, encodeArp, gratuitousArp } from '../../src/wire/arp/arp.ts';
import type { Decoded } from '../../src/wire/bytes/decoded.ts';
import { fromHex } from '../../src/wire/bytes/text.ts';
import { find, type Tlv, tlv } from '../../src/wire/bytes/tlv.ts';
import { type DhcpMessage, decodeDhcp, dhcpPort, encodeDhcp } from '../../src/wire/dhcpv4/message.ts';
import { dhcpOption, relaySubOption } from '../../src/wire/dhcpv4/options.ts';
import { decodeEthernet, encodeEthernet, etherType } from '../../src/wire/ethernet/ethernet.ts';
import { decodeGre, greProtocol, writeGre } from '../../src/wire/gre/gre.ts';
import { encodeIcmpPacket, fragmentationNeededPacket, timeExceededPacket } from '../../src/wire/icmp/icmp.ts';
import { fragmentIpv4 } from '../../src/wire/ipv4/fragment.ts';
import { decodeIpv4, decrementTtl, encodeIpv4, ipProtocol } from '../../src/wire/ipv4/ipv4.ts';
import { clampMss } from '../../src/wire/tcp/mss.ts';
import { decodeUdp, encodeUdpPacket } from '../../src/wire/udp/udp.ts';
import { requireTool } from '../support/require-tool.ts';
import { hasScapy, scapyPackets } from '../support/scapy.ts';
import { type Dissection, dissect, linkType } from '../support/tshark.ts';

const ip = (text: string): Ipv4Address => parseIpv4(text)!;
const clientMac = macOf(0x020000000001);
const routerMac = parseMac('00:00:5e:00:52:13')!;
const client = ip('192.0.2.7');
const router = ip('192.0.2.1');
const far = ip('198.51.100.9');

function decodedValue<T>(result: Decoded<T>): T {
  if (!result.ok) throw new Error(`does not decode: ${result.reason} at ${result.offset}`);
  return result.value;
}

/** Dissects and requires that tshark finds no fault. */
function flawless(link: number, packets: readonly Uint8Array[]): Dissection[] {
  const dissections = dissect(link, packets, ['-o', 'ip.defragment:FALSE']);
  for (const dissection of dissections) expect(dissection.problems).toEqual([]);
  return dissections;
}

/** The named fields of one packet. */
function fieldsOf<Name extends string>(dissection: Dissection | undefined, names: readonly Name[]) {
  return Object.fromEntries(names.map((name) => [name, dissection!.values(name).join(' ')]));
}

function dhcpMessage(op: DhcpMessage['op'], options: readonly Tlv[], more: Partial<DhcpMessage> = {}): DhcpMessage {
  const none = ip('0.0.0.0');
  const noOctets = new Uint8Array(0);
  return {
    op,
    hops: 0,
    transactionId: 0x3903f326,
    secs: 3,
    broadcast: true,
    clientAddress: none,
    yourAddress: none,
    serverAddress: none,
    relayAddress: none,
    clientMac,
    serverName: noOctets,
    bootFile: noOctets,
    options,
    ...more,
  };
}

const relayInformation = tlv(dhcpOption.relayAgentInformation, [
  tlv(relaySubOption.circuitId, fromHex('0064')),
  tlv(relaySubOption.remoteId, fromHex('020000000099')),
]);

describe.skipIf(!requireTool('tshark'))('tshark reads what the access-side encoders write', () => {
  it('ARP in Ethernet, tagged and untagged', () => {
    const reply: ArpMessage = {
      operation: 'reply',
      senderMac: routerMac,
      senderAddress: router,
      targetMac: clientMac,
      targetAddress: client,
    };
    const header = { destination: clientMac, source: routerMac, etherType: etherType.arp };
    const announcement = encodeArp(gratuitousArp(routerMac, router));
    const [tagged, untagged] = flawless(linkType.ethernet, [
      encodeEthernet({ ...header, vlan: 100 }, encodeArp(reply)),
      encodeEthernet({ ...header, destination: macBroadcast, vlan: undefined }, announcement),
    ]);
    const names = [
      'eth.dst',
      'eth.src',
      'vlan.id',
      'arp.opcode',
      'arp.src.hw_mac',
      'arp.src.proto_ipv4',
      'arp.isannouncement',
    ];
    expect(fieldsOf(tagged, [...names, 'arp.dst.hw_mac', 'arp.dst.proto_ipv4'])).toEqual({
      'eth.dst': '02:00:00:00:00:01',
      'eth.src': '00:00:5e:00:52:13',
      'vlan.id': '100',
      'arp.opcode': '2',
      'arp.src.hw_mac': '00:00:5e:00:52:13',
      'arp.src.proto_ipv4': '192.0.2.1',
      'arp.dst.hw_mac': '02:00:00:00:00:01',
      'arp.dst.proto_ipv4': '192.0.2.7',
      'arp.isannouncement': '',
    });
    expect(fieldsOf(untagged, names)).toEqual({
      'eth.dst': 'ff:ff:ff:ff:ff:ff',
      'eth.src': '00:00:5e:00:52:13',
      'vlan.id': '',
      'arp.opcode': '1',
      'arp.src.hw_mac': '00:00:5e:00:52:13',
      'arp.src.proto_ipv4': '192.0.2.1',
      'arp.isannouncement': '1',
    });
  });

  it('a DHCP OFFER with every option a server sends', () => {
    const options = [
      tlv(dhcpOption.messageType, 'offer'),
      tlv(dhcpOption.serverIdentifier, router),
      tlv(dhcpOption.leaseTime, 3600),
      tlv(dhcpOption.renewalTime, 1800),
      tlv(dhcpOption.rebindingTime, 3150),
      tlv(dhcpOption.subnetMask, ip('255.255.255.0')),
      tlv(dhcpOption.router, [router]),
      tlv(dhcpOption.domainNameServer, [ip('192.0.2.53'), ip('192.0.2.54')]),
      tlv(dhcpOption.interfaceMtu, 1400),
      tlv(dhcpOption.broadcastAddress, ip('192.0.2.255')),
      tlv(dhcpOption.classlessStaticRoute, [{ destination: ip('10.1.0.0'), prefixLength: 16, router }]),
      tlv(dhcpOption.message, 'x'.repeat(300)),
      relayInformation,
    ];
    const offer = dhcpMessage('reply', options, { yourAddress: client, relayAddress: ip('10.0.0.2') });
    const [packet] = flawless(linkType.rawIpv4, [
      encodeUdpPacket(
        { source: router, destination: ip('255.255.255.255') },
        { sourcePort: dhcpPort.server, destinationPort: dhcpPort.client, payload: encodeDhcp(offer) },
      ),
    ]);
    const expected = {
      'dhcp.id': '0x3903f326',
      'dhcp.secs': '3',
      'dhcp.flags.bc': '1',
      'dhcp.hw.mac_addr': '02:00:00:00:00:01',
      'dhcp.ip.your': '192.0.2.7',
      'dhcp.ip.relay': '10.0.0.2',
      'dhcp.option.dhcp': '2',
      'dhcp.option.dhcp_server_id': '192.0.2.1',
      'dhcp.option.ip_address_lease_time': '3600',
      'dhcp.option.renewal_time_value': '1800',
      'dhcp.option.rebinding_time_value': '3150',
      'dhcp.option.subnet_mask': '255.255.255.0',
      'dhcp.option.router': '192.0.2.1',
      'dhcp.option.domain_name_server': '192.0.2.53 192.0.2.54',
      'dhcp.option.interface_mtu': '1400',
      'dhcp.option.broadcast_address': '192.0.2.255',
      'dhcp.option.classless_static_route': '10:0a:01:c0:00:02:01',
      'dhcp.option.agent_information_option.agent_circuit_id': '00:64',
      'dhcp.option.agent_information_option.agent_remote_id': '02:00:00:00:00:99',
      // tshark shows End as 0.
      'dhcp.option.type': '53 54 51 58 59 1 3 6 26 28 121 56 56 82 0',
    };
    expect(fieldsOf(packet, Object.keys(expected))).toEqual(expected);
  });

  it('a DHCP DISCOVER with every option a client sends', () => {
    const options = [
      tlv(dhcpOption.messageType, 'discover'),
      tlv(dhcpOption.clientIdentifier, fromHex('01020000000001')),
      tlv(dhcpOption.requestedAddress, client),
      tlv(dhcpOption.hostName, 'ue-1'),
      tlv(dhcpOption.maximumMessageSize, 1500),
      tlv(dhcpOption.vendorClassIdentifier, 'tester'),
      tlv(dhcpOption.parameterRequestList, [1, 3, 121]),
    ];
    const [packet] = flawless(linkType.rawIpv4, [
      encodeUdpPacket(
        { source: ip('0.0.0.0'), destination: ip('255.255.255.255') },
        { sourcePort: 68, destinationPort: 67, payload: encodeDhcp(dhcpMessage('request', options)) },
      ),
    ]);
    const expected = {
      'dhcp.option.dhcp': '1',
      'dhcp.option.requested_ip_address': '192.0.2.7',
      'dhcp.option.hostname': 'ue-1',
      'dhcp.option.dhcp_max_message_size': '1500',
      'dhcp.option.vendor_class_id': 'tester',
      'dhcp.option.request_list_item': '1 3 121',
    };
    expect(fieldsOf(packet, Object.keys(expected))).toEqual(expected);
  });

  it('ICMP, TTL and fragments', () => {
    const data = new Uint8Array(1400).fill(0x61);
    const offending = encodeUdpPacket(
      { source: client, destination: far, dontFragment: true, identification: 7 },
      { sourcePort: 1000, destinationPort: 2000, payload: data },
    );
    const path = { source: router, destination: client };
    const forwarded = offending.slice();
    decrementTtl(forwarded, 0);
    const packets = flawless(linkType.rawIpv4, [
      fragmentationNeededPacket(path, offending, 1280),
      timeExceededPacket(path, offending),
      encodeIcmpPacket(path, { kind: 'echo-request', identifier: 77, sequence: 3, data: data.subarray(0, 9) }),
      forwarded,
      ...fragmentIpv4(encodeIpv4({ ...path, protocol: 253, options: fromHex('94040000') }, data), 0, 576),
    ]);
    const icmp = ['icmp.type', 'icmp.code', 'icmp.mtu', 'icmp.checksum.status', 'ip.src'] as const;
    expect(fieldsOf(packets[0], icmp)).toEqual({
      'icmp.type': '3',
      'icmp.code': '4',
      'icmp.mtu': '1280',
      'icmp.checksum.status': '1',
      'ip.src': '192.0.2.1 192.0.2.7',
    });
    expect(fieldsOf(packets[1], icmp)).toMatchObject({
      'icmp.type': '11',
      'icmp.code': '0',
      'icmp.checksum.status': '1',
    });
    expect(fieldsOf(packets[2], ['icmp.type', 'icmp.ident', 'icmp.seq', 'icmp.checksum.status'])).toMatchObject({
      'icmp.type': '8',
      'icmp.checksum.status': '1',
    });
    expect(fieldsOf(packets[3], ['ip.ttl', 'ip.flags.df', 'ip.checksum.status', 'udp.checksum.status'])).toEqual({
      'ip.ttl': '63',
      'ip.flags.df': '1',
      'ip.checksum.status': '1',
      'udp.checksum.status': '1',
    });
    const fragments = packets.slice(4).map((packet) => fieldsOf(packet, ['ip.frag_offset', 'ip.flags.mf', 'ip.len']));
    // tshark counts fragment offsets in units of 8 octets.
    expect(fragments).toEqual([
      { 'ip.frag_offset': '0', 'ip.flags.mf': '1', 'ip.len': '576' },
      { 'ip.frag_offset': '69', 'ip.flags.mf': '1', 'ip.len': '576' },
      { 'ip.frag_offset': '138', 'ip.flags.mf': '0', 'ip.len': '320' },
    ]);
  });

  it('EoGRE with a key around a tagged frame', () => {
    const inner = encodeUdpPacket(
      { source: client, destination: far },
      { sourcePort: 1, destinationPort: 2, payload: fromHex('00') },
    );
    const frame = encodeEthernet(
      { destination: routerMac, source: clientMac, vlan: 4094, etherType: etherType.ipv4 },
      inner,
    );
    const gre = new Uint8Array(8 + frame.length);
    gre.set(frame, writeGre(gre, 0, greProtocol.transparentEthernet, 0xdeadbeef));
    const [packet] = flawless(linkType.rawIpv4, [
      encodeIpv4({ source: ip('10.0.0.2'), destination: ip('10.0.0.1'), protocol: ipProtocol.gre }, gre),
    ]);
    expect(fieldsOf(packet, ['gre.proto', 'gre.key', 'eth.src', 'vlan.id', 'ip.src'])).toEqual({
      'gre.proto': '0x6558',
      'gre.key': '0xdeadbeef',
      'eth.src': '02:00:00:00:00:01',
      'vlan.id': '4094',
      'ip.src': '10.0.0.2 192.0.2.7',
    });
  });

  it('a TCP SYN with the MSS lowered', () => {
    // A SYN of scapy 2.5.0 that offers 1460.
    const syn = fromHex(
      '450000300001000040068e83c0000207c633640903e80050000000000000000070022000c656000001020405b4000000',
    );
    expect(clampMss(syn, 0, 1400)).toBe(true);
    const [packet] = flawless(linkType.rawIpv4, [syn]);
    expect(fieldsOf(packet, ['tcp.options.mss_val', 'tcp.checksum.status'])).toEqual({
      'tcp.options.mss_val': '1360',
      'tcp.checksum.status': '1',
    });
  });

  it('and would notice a fault', () => {
    const good = encodeArp(gratuitousArp(routerMac, router));
    const bad = encodeUdpPacket(
      { source: client, destination: far },
      { sourcePort: 1, destinationPort: 2, payload: fromHex('00') },
    );
    bad[10] = 0;
    const [cut] = dissect(linkType.ethernet, [
      encodeEthernet(
        { destination: clientMac, source: routerMac, vlan: undefined, etherType: etherType.arp },
        good.subarray(0, 20),
      ),
    ]);
    expect(cut!.problems.join()).toContain('malformed');
    expect(dissect(linkType.rawIpv4, [bad])[0]!.problems.join()).toContain('Bad checksum');
  });
});

describe.skipIf(!requireTool('scapy', hasScapy()))('the access-side decoders read what scapy writes', () => {
  it('ARP', () => {
    const [frame] = scapyPackets([
      "Ether(src='02:00:00:00:00:01',dst='ff:ff:ff:ff:ff:ff')/Dot1Q(vlan=7)/ARP(op=1,hwsrc='02:00:00:00:00:01',psrc='192.0.2.7',pdst='192.0.2.1')",
    ]);
    const header = decodedValue(decodeEthernet(frame!));
    expect(header).toEqual({
      destination: macBroadcast,
      source: clientMac,
      vlan: 7,
      etherType: 0x0806,
      headerLength: 18,
    });
    expect(decodedValue(decodeArp(frame!, header.headerLength))).toEqual({
      operation: 'request',
      senderMac: clientMac,
      senderAddress: client,
      targetMac: macOf(0),
      targetAddress: router,
    });
  });

  it('DHCP inside EoGRE, layer by layer', () => {
    const dhcp =
      "BOOTP(op=1,xid=0x12345678,secs=9,flags=0x8000,chaddr=bytes.fromhex('020000000001'))/DHCP(options=[" +
      "('message-type','request'),('requested_addr','192.0.2.7'),('server_id','192.0.2.1'),('hostname',b'ue-1')," +
      "('param_req_list',[1,3,6]),('client_id',bytes.fromhex('01020000000001'))," +
      "('relay_agent_information',bytes.fromhex('010200640206020000000099')),'end'])";
    const [packet] = scapyPackets([
      "IP(src='10.0.0.2',dst='10.0.0.1')/GRE(proto=0x6558,key_present=1,key=42,chksum_present=1)/" +
        `Ether(src='02:00:00:00:00:01',dst='ff:ff:ff:ff:ff:ff')/IP(src='0.0.0.0',dst='255.255.255.255')/UDP(sport=68,dport=67)/${dhcp}`,
    ]);
    const outer = decodedValue(decodeIpv4(packet!));
    expect(formatIpv4(outer.source)).toBe('10.0.0.2');
    const gre = decodedValue(decodeGre(packet!, outer.headerLength));
    expect(gre).toEqual({ protocol: 0x6558, key: 42, sequence: undefined, headerLength: 12 });
    const frameAt = outer.headerLength + gre.headerLength;
    const frame = decodedValue(decodeEthernet(packet!, frameAt));
    const innerAt = frameAt + frame.headerLength;
    const inner = decodedValue(decodeIpv4(packet!, innerAt));
    const udp = decodedValue(
      decodeUdp(packet!, innerAt + inner.headerLength, packet!.length, inner.source, inner.destination),
    );
    const message = decodedValue(decodeDhcp(udp.payload));
    expect(message).toMatchObject({ op: 'request', transactionId: 0x12345678, secs: 9, broadcast: true, clientMac });
    const get = <T>(codec: Parameters<typeof find<T>>[1]) => find(message.options, codec);
    expect(get(dhcpOption.messageType)).toBe('request');
    expect(get(dhcpOption.requestedAddress)).toBe(client);
    expect(get(dhcpOption.serverIdentifier)).toBe(router);
    expect(get(dhcpOption.hostName)).toBe('ue-1');
    expect(get(dhcpOption.parameterRequestList)).toEqual([1, 3, 6]);
    expect(get(dhcpOption.clientIdentifier)).toEqual(fromHex('01020000000001'));
    expect(message.options.at(-1)).toEqual(relayInformation);
  });
});
