import { fromHex } from '../bytes/text.ts';
import type { Vector } from '../bytes/vector.ts';
import type { IcmpMessage } from './icmp.ts';

/** A UDP packet of 48 octets with DF set, from 192.0.2.7. */
const offending = '450000300001400040114e78c0000207c633640903e807d0001c5305 7878787878787878787878787878787878787878';

/** Messages without their IPv4 header. */
export const icmpVectors: readonly Vector<IcmpMessage>[] = [
  {
    name: 'echo request',
    hex: '0800 1500 004d 0003 70696e672d706f6e67',
    provenance: 'scapy 2.5.0',
    value: { kind: 'echo-request', identifier: 77, sequence: 3, data: fromHex('70696e672d706f6e67') },
  },
  {
    name: 'fragmentation needed, next-hop MTU 1400',
    hex: `0304 e3f5 0000 0578 ${offending}`,
    provenance: 'scapy 2.5.0',
    value: { kind: 'destination-unreachable', code: 4, nextHopMtu: 1400, original: fromHex(offending) },
  },
  {
    name: 'time exceeded in transit',
    hex: `0b00 e171 0000 0000 ${offending}`,
    provenance: 'scapy 2.5.0',
    value: { kind: 'time-exceeded', code: 0, original: fromHex(offending) },
  },
  {
    name: 'router solicitation',
    hex: '0a00 f5ff 0000 0000',
    provenance: 'by hand from RFC 1256 section 3',
    value: { kind: 'other', type: 10, code: 0, body: new Uint8Array(4) },
  },
];
