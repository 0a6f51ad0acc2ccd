import type { Vector } from '../bytes/vector.ts';
import type { GreHeader } from './gre.ts';

export const greVectors: readonly Vector<GreHeader>[] = [
  {
    name: 'EoGRE with a key',
    hex: '2000 6558 00001234',
    provenance: 'scapy 2.5.0',
    value: { protocol: 0x6558, key: 0x1234, sequence: undefined, headerLength: 8 },
  },
  {
    name: 'IPv6 without a key',
    hex: '0000 86dd',
    provenance: 'scapy 2.5.0',
    value: { protocol: 0x86dd, key: undefined, sequence: undefined, headerLength: 4 },
  },
  {
    name: 'checksum, key and sequence number',
    hex: 'b000 0800 838c 0000 00000007 00000009 616263',
    provenance: 'scapy 2.5.0',
    value: { protocol: 0x0800, key: 7, sequence: 9, headerLength: 16 },
  },
  {
    name: 'key zero is a key',
    hex: '2000 0800 00000000',
    provenance: 'by hand from RFC 2890 section 2',
    value: { protocol: 0x0800, key: 0, sequence: undefined, headerLength: 8 },
  },
];
