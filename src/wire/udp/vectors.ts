import type { Vector } from '../bytes/vector.ts';

/** Datagrams from 192.0.2.7 to 198.51.100.9, without their IPv4 header. */
export const udpVectors: readonly Vector[] = [
  { name: 'odd payload', hex: '03e8 07d0 000b 4379 616263', provenance: 'scapy 2.5.0' },
  { name: 'even payload', hex: '03e8 07d0 000c 4313 61626364', provenance: 'scapy 2.5.0' },
  { name: 'no checksum', hex: '03e8 07d0 000b 0000 616263', provenance: 'by hand from RFC 768' },
];
