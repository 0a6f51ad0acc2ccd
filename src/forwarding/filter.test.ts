import { describe, expect, it } from 'vitest';
import { parsePrefix } from '../kernel/address.ts';
import { encodeIcmpPacket } from '../wire/icmp/icmp.ts';
import { fragmentIpv4 } from '../wire/ipv4/fragment.ts';
import { encodeIpv4, ipProtocol } from '../wire/ipv4/ipv4.ts';
import { AccessList, type AccessRule, type Ipv4Prefix } from './filter.ts';
import { host, packet, syn, ueAddress } from './packets-for-tests.ts';

const prefix = (text: string) => parsePrefix(text) as Ipv4Prefix;

function rule(action: 'permit' | 'deny', changes: Partial<AccessRule> = {}): AccessRule {
  return {
    action,
    protocol: undefined,
    source: undefined,
    destination: undefined,
    sourcePorts: undefined,
    destinationPorts: undefined,
    ...changes,
  };
}

const one = (port: number) => ({ first: port, last: port });
const { tcp, udp } = ipProtocol;
/** UDP from port 4000 of 10.0.0.1 to port 5000 of 198.51.100.9. */
const datagram = packet();
const echo = encodeIcmpPacket(
  { source: ueAddress, destination: host },
  { kind: 'echo-request', identifier: 1, sequence: 1, data: new Uint8Array(8) },
);
const fragments = fragmentIpv4(packet({}, { length: 600 }), 0, 300);
const noRoomForPorts = encodeIpv4({ source: ueAddress, destination: host, protocol: udp }, Uint8Array.of(1, 2, 3));

describe('an access list', () => {
  it.each<[string, readonly AccessRule[], Uint8Array, boolean]>([
    ['lets nothing pass without rules', [], datagram, false],
    ['drops what no rule matches', [rule('permit', { protocol: tcp })], datagram, false],
    ['is decided by the first rule that matches', [rule('deny', { protocol: udp }), rule('permit')], datagram, false],
    ['and by no later one', [rule('permit', { protocol: udp }), rule('deny')], datagram, true],
    ['compares the protocol', [rule('deny', { protocol: tcp }), rule('permit')], datagram, true],
    ['compares the source', [rule('permit', { source: prefix('10.0.0.0/31') })], datagram, true],
    ['of another prefix', [rule('permit', { source: prefix('10.0.0.2/31') })], datagram, false],
    [
      'compares a destination above 127.0.0.0',
      [rule('permit', { destination: prefix('198.51.100.0/24') })],
      datagram,
      true,
    ],
    ['of another prefix', [rule('permit', { destination: prefix('198.51.101.0/24') })], datagram, false],
    ['of a whole address', [rule('permit', { destination: prefix('198.51.100.9/32') })], datagram, true],
    ['of any address', [rule('permit', { destination: prefix('0.0.0.0/0') })], datagram, true],
    ['compares source ports', [rule('permit', { protocol: udp, sourcePorts: one(4000) })], datagram, true],
    [
      'below the range',
      [rule('permit', { protocol: udp, sourcePorts: { first: 4001, last: 65535 } })],
      datagram,
      false,
    ],
    ['above the range', [rule('permit', { protocol: udp, sourcePorts: { first: 0, last: 3999 } })], datagram, false],
    [
      'compares destination ports',
      [rule('permit', { protocol: udp, destinationPorts: { first: 1, last: 5000 } })],
      datagram,
      true,
    ],
    [
      'of TCP',
      [rule('deny', { protocol: tcp, destinationPorts: one(80) }), rule('permit')],
      syn(1460, ueAddress, host),
      false,
    ],
    [
      'takes everything of all in a rule',
      [rule('permit', { protocol: udp, sourcePorts: one(4000), destinationPorts: one(1) })],
      datagram,
      false,
    ],
    ['takes a rule without ports for a packet without', [rule('permit', { protocol: ipProtocol.icmp })], echo, true],
    [
      'drops a later fragment by addresses and protocol',
      [rule('deny', { protocol: udp, destinationPorts: one(1) }), rule('permit')],
      fragments[1]!,
      false,
    ],
    ['and lets it pass by them', [rule('permit', { protocol: udp, destinationPorts: one(1) })], fragments[1]!, true],
    [
      'but compares the ports of the first one',
      [rule('permit', { protocol: udp, destinationPorts: one(1) })],
      fragments[0]!,
      false,
    ],
    [
      'takes a packet too short for ports like a later fragment',
      [rule('deny', { protocol: udp, sourcePorts: one(1) }), rule('permit')],
      noRoomForPorts,
      false,
    ],
  ])('%s', (_, rules, bytes, passes) => {
    expect(new AccessList('test', rules).permits(bytes, 0)).toBe(passes);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(new AccessList('test', rules).permits(shifted, 3)).toBe(passes);
  });
});
